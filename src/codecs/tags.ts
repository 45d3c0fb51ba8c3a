/**
 * How tagged JSON writes what JSON does not have: an object with the one key "$" and a list of a tag and its content,
 * `{"$":["Date",1700000000000]}`. An object of the application that owns the key "$" is itself wrapped.
 */
import { type Form, MAX_BIGINT_DIGITS } from "./copy-walk.ts";

export const TAG = "$";

/** The most levels of JSON that one level of data takes: an object owning the tag, in its list, in its wrapper. */
export const LEVELS_PER_DEPTH = 3;
/** What a tagged value without content of its own, such as a Date, adds below the deepest level. */
export const LEVELS_OF_LEAF = 2;

/** Special values as they are written. */
export const taggedForm: Form = {
  undefined: () => ({ [TAG]: ["undefined"] }),
  oddNumber: (value) => ({ [TAG]: ["number", Object.is(value, -0) ? "-0" : String(value)] }),
  bigint: (value) => ({ [TAG]: ["bigint", String(value)] }),
  date: (time) => ({ [TAG]: ["Date", time] }),
  url: (href) => ({ [TAG]: ["URL", href] }),
  bytes: (value) => ({ [TAG]: ["bytes", toBase64(value)] }),
  map: (flat) => ({ [TAG]: ["Map", ...flat] }),
  set: (items) => ({ [TAG]: ["Set", ...items] }),
  object: (fields) => (Object.hasOwn(fields, TAG) ? { [TAG]: ["object", fields] } : fields),
};

/** Special values as the application has them. */
export const liveForm: Form = {
  undefined: () => undefined,
  oddNumber: (value) => value,
  bigint: (value) => value,
  date: (time) => new Date(time),
  url: (href) => new URL(href),
  bytes: (value) => new Uint8Array(value),
  map: (flat) => toMap(flat),
  set: (items) => new Set(items),
  object: (fields) => fields,
};

/** The value behind a tag with one content. `undefined` for anything that `taggedForm` does not write. */
export function readTagged(tag: unknown, content: unknown): unknown {
  if (tag === "Date") return typeof content === "number" ? readDate(content) : undefined;
  if (typeof content !== "string") return undefined;
  switch (tag) {
    case "number":
      return ODD_NUMBERS.get(content);
    case "bigint":
      return content.length <= MAX_BIGINT_DIGITS + 1 && BIGINT.test(content) ? BigInt(content) : undefined;
    case "URL":
      return readUrl(content);
    case "bytes":
      return readBytes(content);
    default:
      return undefined;
  }
}

export function toMap(flat: readonly unknown[]): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>();
  for (let index = 0; index < flat.length; index += 2) map.set(flat[index], flat[index + 1]);
  return map;
}

const ODD_NUMBERS: ReadonlyMap<string, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
]);
const BIGINT = /^(?:0|-?[1-9][0-9]*)$/;

function readDate(time: number): Date | undefined {
  const date = new Date(time);
  return date.getTime() === time ? date : undefined;
}

function readUrl(href: string): URL | undefined {
  const url = URL.parse(href);
  return url?.href === href ? url : undefined;
}

/** Decoding skips what is no base64, so only text that comes out again the same was written by us. */
function readBytes(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Buffer.from(text, "base64")); // a copy: small Buffers share one pool
  return toBase64(bytes) === text ? bytes : undefined;
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
