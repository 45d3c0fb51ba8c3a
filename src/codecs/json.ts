/**
 * Plain JSON, for rows that other programs read. What JSON cannot carry is refused when it is set, so nothing changes
 * its kind on the way.
 */
import { DataTooLargeError, UndecodableError } from "../errors.ts";
import type { Codec, CodecContext, CodecLimits } from "./contract.ts";
import { copyWith, depthLimit, type Form, NotCarried } from "./copy-walk.ts";
import { JsonCheck } from "./json-check.ts";
import { scanJson } from "./json-scan.ts";
import { parseJson } from "./json-text.ts";
import { isPlainJson } from "./plain-check.ts";

function refuse(what: string, instead: string): () => never {
  return () => {
    throw new NotCarried(`${what} cannot be stored as plain JSON; ${instead}`);
  };
}

/** -0 is a number of JSON, though `JSON.stringify` writes it as 0. */
const minusZero = (JSON as typeof JSON & { rawJSON(text: string): object }).rawJSON("-0");

function jsonForm(ofMinusZero: unknown): Form {
  return {
    undefined: refuse("undefined", "leave the key out, or store null"),
    oddNumber(value) {
      if (value === 0) return ofMinusZero;
      throw new NotCarried(`${value} cannot be stored as plain JSON; store null`);
    },
    bigint: refuse("a bigint", "store its text"),
    date: refuse("a Date", "store its getTime()"),
    url: refuse("a URL", "store its href"),
    bytes: refuse("a Uint8Array", "store it as base64"),
    map: refuse("a Map", "store the list of its entries"),
    set: refuse("a Set", "store the list of its members"),
    object: (fields) => fields,
  };
}

const liveForm = jsonForm(-0);
const writtenForm = jsonForm(minusZero);

/**
 * Carries null, booleans, finite numbers, text, lists and plain objects. Everything else is refused by `set`, with the
 * path. Safe for bytes an attacker wrote; time and memory are linear in their number.
 */
export const json: Codec = {
  id: 2,
  name: "json",
  untrustedSafe: true,

  copy: (value: unknown, path: string, limits: CodecLimits, depth?: number): unknown =>
    copyWith(value, { form: liveForm, root: path, limits, depth }),

  encode(value: unknown, { limits }: CodecContext): Uint8Array {
    const tree = isPlainJson(value, limits)
      ? value
      : copyWith(value, { form: writtenForm, root: "session data", limits, isCopy: true });
    const bytes = new Uint8Array(Buffer.from(JSON.stringify(tree)));
    if (bytes.byteLength > limits.maxBytes) throw new DataTooLargeError(bytes.byteLength, limits.maxBytes);
    return bytes;
  },

  decode(bytes: Uint8Array, { limits }: CodecContext): unknown {
    if (bytes.byteLength > limits.maxBytes) throw new UndecodableError("it is larger than the limit");
    const scan = scanJson(bytes);
    if (scan.depth > depthLimit(limits)) throw new UndecodableError("it is nested too deep");
    const value = parseJson(bytes, scan);
    const check = new JsonCheck();
    check.check(value);
    // A later duplicate would win silently here and an earlier one elsewhere (RFC 8259 section 4).
    if (check.keys !== scan.keys) throw new UndecodableError("a key comes twice");
    return value;
  },
};
