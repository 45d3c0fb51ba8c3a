// A codec that breaks one rule: what to change on a sound one, and which cases must notice.
import { createHmac } from "node:crypto";
import type { Codec, CodecContext } from "../../../../src/codecs/contract.ts";
import { json } from "../../../../src/codecs/json.ts";
import { taggedJson } from "../../../../src/codecs/tagged-json.ts";
import { UndecodableError } from "../../../../src/errors.ts";
import { type CodecHarness, codecKinds } from "../../../../src/testing/index.ts";

export interface Mutant {
  readonly name: string;
  /** Every case named here fails on it. */
  readonly caughtBy: readonly string[];
  /** The sound codec. Default tagged JSON. */
  readonly base?: Base;
  break(inner: Codec): Partial<Codec>;
}

export type Base = "tagged JSON" | "plain JSON" | "sealed";

export const HOSTILE: Readonly<Record<string, Uint8Array>> = {
  "a tag": Buffer.from('[{"$":["RegExp","x"]}]'),
};

/** Sound harnesses; the contract holds on each. Carrying less than the codec does is what a mutant of it does. */
export const bases: Readonly<Record<Base, CodecHarness>> = {
  "tagged JSON": { create: () => taggedJson, carries: codecKinds, hostile: HOSTILE, beside: [json] },
  "plain JSON": { create: () => strictJson, carries: [] },
  sealed: { create: () => sealed, carries: codecKinds },
};

/** Plain JSON that carries neither -0 nor lone surrogates. */
const strictJson: Codec = {
  ...json,
  copy(value, path, limits, depth) {
    const copied = json.copy(value, path, limits, depth);
    changed(copied, (inner, steps) => {
      const isOdd = Object.is(inner, -0) || (typeof inner === "string" && !inner.isWellFormed());
      if (isOdd) json.copy([undefined], [path, ...steps].join("."), limits);
      return inner;
    });
    return copied;
  },
  decode(bytes, context) {
    const value = json.decode(bytes, context);
    try {
      strictJson.copy(value, "data", context.limits);
    } catch {
      throw new UndecodableError("it holds what is not carried");
    }
    return value;
  },
};

/** Tagged JSON behind a MAC that covers the session's id. */
const sealed: Codec = {
  ...taggedJson,
  id: 100,
  sealed: true,
  encode(value, context) {
    const bytes = taggedJson.encode(value, within(context));
    return new Uint8Array(Buffer.concat([macOf(bytes, context.id), bytes]));
  },
  decode(bytes, context) {
    const data = bytes.subarray(MAC_BYTES);
    if (!macOf(data, context.id).equals(bytes.subarray(0, MAC_BYTES)))
      throw new UndecodableError("it is not ours");
    return taggedJson.decode(data, within(context));
  },
};

const MAC_BYTES = 32;

function macOf(bytes: Uint8Array, id: string): Buffer {
  return createHmac("sha256", "a key for tests").update(id).update(bytes).digest();
}

function within(context: CodecContext): CodecContext {
  const { limits } = context;
  return { ...context, limits: { ...limits, maxBytes: limits.maxBytes - MAC_BYTES } };
}

export function harnessOf(mutant: Mutant): CodecHarness {
  const base = bases[mutant.base ?? "tagged JSON"];
  const inner = base.create();
  return { ...base, create: () => ({ ...inner, ...mutant.break(inner) }) };
}

/** A value with each of its values replaced, inner ones first. */
export function changed(
  value: unknown,
  change: (value: unknown, steps: readonly string[]) => unknown,
  steps: readonly string[] = [],
): unknown {
  const inside = (inner: unknown, step: string): unknown => changed(inner, change, [...steps, step]);
  if (Array.isArray(value)) {
    return change(
      value.map((inner, index) => inside(inner, String(index))),
      steps,
    );
  }
  if (value instanceof Map) {
    const entries = [...value].map(([key, inner]) => [inside(key, "key"), inside(inner, "value")] as const);
    return change(new Map(entries), steps);
  }
  if (value instanceof Set) return change(new Set([...value].map((inner) => inside(inner, "member"))), steps);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) {
    return change(value, steps);
  }
  const fields = Object.entries(value).map(([key, inner]) => [key, inside(inner, key)] as const);
  return change(Object.fromEntries(fields), steps);
}

/** Changes what is read. */
export function readAs(inner: Codec, change: (value: unknown) => unknown): Pick<Codec, "decode"> {
  return { decode: (bytes, context) => changed(inner.decode(bytes, context), change) };
}

/** Changes what is copied. */
export function copiedAs(inner: Codec, change: (value: unknown) => unknown): Pick<Codec, "copy"> {
  return { copy: (value, path, limits, depth) => changed(inner.copy(value, path, limits, depth), change) };
}
