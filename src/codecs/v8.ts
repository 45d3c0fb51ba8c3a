/**
 * V8's own format (`node:v8`). Its reader is not made for bytes an attacker wrote, so this codec goes inside
 * authenticated encryption only. What it reads is checked all the same.
 */
import { DefaultDeserializer, serialize } from "node:v8";
import { DataTooLargeError, UndecodableError } from "../errors.ts";
import type { Codec, CodecContext, CodecLimits } from "./contract.ts";
import { copyWith, type Form } from "./copy-walk.ts";
import { BINARY_COSTS } from "./costs.ts";
import { liveForm } from "./tags.ts";

/** V8 knows no URL; a boxed text is what it carries and nobody may store. */
const writtenForm: Form = { ...liveForm, url: (href) => Object(href) as unknown };

const readForm: Form = {
  ...liveForm,
  foreign: (value) => (value instanceof String ? (URL.parse(String(value)) ?? undefined) : undefined),
};

/**
 * Carries what the default codec carries. Not for untrusted bytes. Rows are readable by the same and newer versions of
 * Node, not surely by older ones.
 */
export const v8: Codec = {
  id: 5,
  name: "v8",
  untrustedSafe: false,

  copy: (value: unknown, path: string, limits: CodecLimits, depth?: number): unknown =>
    copyWith(value, { form: liveForm, root: path, limits, depth, costs: BINARY_COSTS }),

  encode(value: unknown, { limits }: CodecContext): Uint8Array {
    const tree = copyWith(value, {
      form: writtenForm,
      root: "session data",
      limits,
      isCopy: true,
      costs: BINARY_COSTS,
    });
    const bytes = new Uint8Array(serialize(tree));
    if (bytes.byteLength > limits.maxBytes) throw new DataTooLargeError(bytes.byteLength, limits.maxBytes);
    return bytes;
  },

  decode(bytes: Uint8Array, { limits }: CodecContext): unknown {
    if (bytes.byteLength > limits.maxBytes) throw new UndecodableError("it is larger than the limit");
    try {
      return copyWith(read(bytes), { form: readForm, root: "data", limits, costs: BINARY_COSTS });
    } catch {
      // No cause: a message might quote the data.
      throw new UndecodableError("it is not what this codec writes");
    }
  },
};

function read(bytes: Uint8Array): unknown {
  const reader = new DefaultDeserializer(bytes);
  reader.readHeader();
  const value: unknown = reader.readValue();
  if (hasMore(reader)) throw new RangeError("there is more behind it");
  return value;
}

function hasMore(reader: DefaultDeserializer): boolean {
  try {
    reader.readRawBytes(1);
    return true;
  } catch {
    return false;
  }
}
