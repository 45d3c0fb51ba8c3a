/**
 * The data of a session between its typed form and stored bytes: defaults, schema, codec, limits. A payload is one
 * codec id byte and then an encoded [data] or [data, flashes].
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Codec, CodecLimits } from "../codecs/contract.ts";
import {
  DataTooLargeError,
  InvalidDataError,
  InvalidOptionError,
  UndecodableError,
  UnsupportedValueError,
} from "../errors.ts";
import type { Body, Data, Flash } from "./change-set.ts";

export interface DataShape {
  /** The data of a session in which nothing was written. */
  defaults(): Data;
  /** A deep copy for storing under a key. Throws `UnsupportedValueError` naming the path. */
  copy(key: string, value: unknown): unknown;
  /** Throws `DataTooLargeError` or `InvalidDataError`. */
  encode(id: string, body: Body): Uint8Array;
  /** Throws `UndecodableError`. */
  decode(id: string, payload: Uint8Array): Body;
}

export interface DataShapeOptions {
  readonly codecs: readonly [Codec, ...Codec[]];
  readonly schema: StandardSchemaV1 | undefined;
  readonly initial: (() => object) | undefined;
  /** Largest payload, from the store's guarantee. */
  readonly maxBytes: number;
}

const MAX_KEY_LENGTH = 256;

/** 64 KiB and 64 levels (SECURITY row S9). */
const LIMITS: CodecLimits = { maxBytes: 64 * 1024, maxDepth: 64 };

export function createDataShape(options: DataShapeOptions): DataShape {
  const [codec] = options.codecs;
  const codecsById = new Map(options.codecs.map((known) => [known.id, known]));
  const limits: CodecLimits = {
    maxBytes: Math.min(LIMITS.maxBytes, options.maxBytes - 1),
    maxDepth: LIMITS.maxDepth + 1, // the envelope around the data is one level
  };
  const parse = options.schema && schemaParser(options.schema);
  const makeDefaults = (): object => (parse ? firstParse(parse) : (options.initial?.() ?? {}));
  const snapshot = copyDefaults(codec, limits, makeDefaults());

  function copy(key: string, value: unknown): unknown {
    if (typeof key !== "string" || key === "__proto__" || key.length === 0 || key.length > MAX_KEY_LENGTH) {
      throw new UnsupportedValueError(
        String(key).slice(0, 40),
        "a key is a text of 1 to 256 characters, and not __proto__",
      );
    }
    return codec.copy(value, key, limits, 3);
  }

  function encode(id: string, body: Body): Uint8Array {
    const data = parse ? fitted(parse, body.data) : body.data;
    const flashes = body.flashes.map((flash) => [flash.kind, flash.message, flash.mark]);
    const bytes = codec.encode(flashes.length > 0 ? [data, flashes] : [data], { id, limits });
    if (bytes.byteLength > limits.maxBytes) throw new DataTooLargeError(bytes.byteLength, limits.maxBytes);
    const payload = new Uint8Array(bytes.byteLength + 1);
    payload[0] = codec.id;
    payload.set(bytes, 1);
    return payload;
  }

  function decode(id: string, payload: Uint8Array): Body {
    const used = codecsById.get(payload[0] ?? 0);
    if (!used) throw new UndecodableError(`codec ${payload[0] ?? "none"} is not known here`);
    const [stored, flashes] = envelope(used.decode(payload.subarray(1), { id, limits }));
    if (!parse) return { data: { ...snapshot, ...stored }, flashes };
    const parsed = parse(stored);
    if ("issues" in parsed) throw new UndecodableError(`the data does not fit the schema (${parsed.issues})`);
    return { data: { ...stored, ...parsed.value }, flashes };
  }

  return { defaults: () => snapshot, copy, encode, decode };
}

type Parse = (value: unknown) => { readonly value: Data } | { readonly issues: string };

function schemaParser(schema: StandardSchemaV1): Parse {
  const standard = schema["~standard"];
  return function parse(value) {
    const result = standard.validate(value);
    if (result instanceof Promise) throw new InvalidOptionError("schema", "must validate synchronously");
    if (result.issues) return { issues: describeIssues(result.issues) };
    return { value: result.value as Data };
  };
}

/** Messages and paths, never values. */
function describeIssues(issues: readonly StandardSchemaV1.Issue[]): string {
  return issues
    .slice(0, 5)
    .map((issue) => `${pathOf(issue)}: ${issue.message}`)
    .join("; ");
}

function pathOf(issue: StandardSchemaV1.Issue): string {
  const path = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part));
  return path.join(".") || "the data";
}

function firstParse(parse: Parse): object {
  const parsed = parse({});
  if ("issues" in parsed) {
    throw new InvalidOptionError("schema", `every key must be optional or have a default (${parsed.issues})`);
  }
  const again = parse(parsed.value);
  if ("issues" in again) {
    throw new InvalidOptionError(
      "schema",
      `stored values are parsed again, but its output does not fit (${again.issues})`,
    );
  }
  return parsed.value;
}

function copyDefaults(codec: Codec, limits: CodecLimits, value: object): Data {
  return codec.copy(value, "initial data", limits, 2) as Data;
}

function fitted(parse: Parse, data: Data): Data {
  const parsed = parse(data);
  if ("issues" in parsed) throw new InvalidDataError(parsed.issues);
  return { ...data, ...parsed.value }; // keys a newer version of the application wrote stay
}

function envelope(value: unknown): [data: Data, flashes: readonly Flash[]] {
  if (!Array.isArray(value) || value.length < 1 || value.length > 2 || !isDataObject(value[0])) {
    throw new UndecodableError("it is not an envelope of data");
  }
  const flashes: unknown = value[1] ?? [];
  if (!Array.isArray(flashes)) throw new UndecodableError("its messages are damaged");
  return [value[0], flashes.map(toFlash)];
}

function isDataObject(value: unknown): value is Data {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function toFlash(value: unknown): Flash {
  const [kind, message, mark] = Array.isArray(value) ? (value as unknown[]) : [];
  if (typeof kind !== "string" || typeof message !== "string" || typeof mark !== "number") {
    throw new UndecodableError("its messages are damaged");
  }
  return { kind, message, mark };
}
