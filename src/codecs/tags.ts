/**
 * How tagged JSON writes what JSON does not have: an object with the one key "$" and a list of a tag and its content,
 * `{"$":["Date",1700000000000]}`. An object of the application that owns the key "$" is itself wrapped.
 */
import { UndecodableError } from "../errors.ts";
import { type Form, LONGEST_KEY, MAX_BIGINT_DIGITS } from "./copy-walk.ts";

export const TAG = "$";

/** The most levels of JSON that one level of data takes: an object owning the tag, in its list, in its wrapper. */
export const LEVELS_PER_DEPTH = 3;
/** What a tagged value without content of its own, such as a Date, adds below the deepest level. */
export const LEVELS_OF_LEAF = 2;

const tagged = (...content: readonly unknown[]): unknown => ({ [TAG]: content });

/** Special values as they are written. */
export const taggedForm: Form = {
  undefined: () => tagged("undefined"),
  oddNumber: (value) => tagged("number", Object.is(value, -0) ? "-0" : String(value)),
  bigint: (value) => tagged("bigint", String(value)),
  date: (time) => tagged("Date", time),
  url: (href) => tagged("URL", href),
  bytes: (value) => tagged("bytes", toBase64(value)),
  map: (flat) => tagged("Map", ...flat),
  set: (items) => tagged("Set", ...items),
  object: (fields) => (Object.hasOwn(fields, TAG) ? tagged("object", fields) : fields),
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

/** Turns parsed JSON into the values it stands for, in place, and counts the keys it met. */
export class Reviver {
  /** Keys of all objects; fewer than the text has when one came twice. */
  keys = 0;
  readonly #maxDepth: number;

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth;
  }

  /** Throws `UndecodableError` for an unknown or malformed tag, `__proto__`, a key too long, nesting too deep. */
  revive(value: unknown, depth: number): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) {
      this.#checkDepth(depth);
      return this.#reviveList(value, 0, depth + 1);
    }
    if (Object.hasOwn(value, TAG)) return this.#reviveTagged(value as Record<string, unknown>, depth);
    return this.#reviveFields(value as Record<string, unknown>, depth);
  }

  #reviveList(list: unknown[], from: number, depth: number): unknown[] {
    for (let index = from; index < list.length; index++) {
      const inner = list[index];
      if (typeof inner === "object" && inner !== null) list[index] = this.revive(inner, depth);
    }
    return list;
  }

  #reviveFields(fields: Record<string, unknown>, depth: number): Record<string, unknown> {
    this.#checkDepth(depth);
    const keys = Object.keys(fields);
    this.keys += keys.length;
    for (const key of keys) {
      if (key === "__proto__" || key.length > LONGEST_KEY) throw damaged("a key is not allowed");
      const inner = fields[key];
      if (typeof inner === "object" && inner !== null) fields[key] = this.revive(inner, depth + 1);
    }
    return fields;
  }

  #reviveTagged(wrapper: Record<string, unknown>, depth: number): unknown {
    const content = wrapper[TAG];
    if (Object.keys(wrapper).length !== 1 || !Array.isArray(content)) throw damaged("a tag is malformed");
    this.keys += 1;
    const [tag, only]: unknown[] = content;
    switch (tag) {
      case "Map":
        this.#checkDepth(depth);
        return reviveMap(this.#reviveList(content, 1, depth + 1).slice(1));
      case "Set":
        this.#checkDepth(depth);
        return reviveSet(this.#reviveList(content, 1, depth + 1).slice(1));
      case "object":
        if (content.length !== 2 || !isWrappable(only)) throw damaged("a wrapped object is malformed");
        return this.#reviveFields(only, depth);
      default:
        return reviveLeaf(tag, content.length, only);
    }
  }

  #checkDepth(depth: number): void {
    if (depth > this.#maxDepth) throw damaged("it is nested too deep");
  }
}

function reviveLeaf(tag: unknown, length: number, only: unknown): unknown {
  if (tag === "undefined" && length === 1) return undefined;
  if (length !== 2) throw damaged("a tag is malformed");
  const value = readLeaf(tag, only);
  if (value === undefined) throw damaged("a tag is unknown or its content malformed");
  return value;
}

/** `undefined` for anything that `taggedForm` does not write. */
function readLeaf(tag: unknown, content: unknown): unknown {
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

const ODD_NUMBERS: ReadonlyMap<string, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
]);
const BIGINT = /^(?:0|-?[1-9][0-9]*)$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

function readDate(time: number): Date | undefined {
  const date = new Date(time);
  return date.getTime() === time ? date : undefined;
}

function readUrl(href: string): URL | undefined {
  const url = URL.parse(href);
  return url?.href === href ? url : undefined;
}

function readBytes(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !BASE64.test(text)) return undefined;
  const bytes = new Uint8Array(Buffer.from(text, "base64")); // a copy: small Buffers share one pool
  return toBase64(bytes) === text ? bytes : undefined;
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

function reviveMap(flat: readonly unknown[]): Map<unknown, unknown> {
  const map = toMap(flat);
  if (map.size * 2 !== flat.length) throw damaged("a Map has a key twice or without a value");
  return map;
}

function toMap(flat: readonly unknown[]): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>();
  for (let index = 0; index < flat.length; index += 2) map.set(flat[index], flat[index + 1]);
  return map;
}

function reviveSet(items: readonly unknown[]): Set<unknown> {
  const set = new Set(items);
  if (set.size !== items.length) throw damaged("a Set has a member twice");
  return set;
}

function isWrappable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.hasOwn(value, TAG);
}

function damaged(problem: string): UndecodableError {
  return new UndecodableError(problem);
}
