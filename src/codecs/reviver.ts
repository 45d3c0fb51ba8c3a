/** Parsed JSON becomes the values it stands for; whatever this codec would not have written is refused whole. */
import { UndecodableError } from "../errors.ts";
import { LONGEST_KEY } from "./copy-walk.ts";
import { readTagged, TAG, toMap } from "./tags.ts";

type Fields = Record<string, unknown>;

export class Reviver {
  /** Keys of all objects met; fewer than the text has when one came twice. */
  keys = 0;
  readonly #maxDepth: number;

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth;
  }

  /**
   * Works in place. Throws `UndecodableError` for an unknown or malformed tag, `__proto__`, a key too long, nesting too
   * deep. The text was scanned before, so the stack cannot run out.
   */
  revive(value: unknown, depth: number): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return this.#reviveList(value, 0, depth);
    const fields = value as Fields;
    const keys = Object.keys(fields);
    this.keys += keys.length;
    if (keys.length === 1 && keys[0] === TAG) return this.#reviveTagged(fields[TAG], depth);
    return this.#reviveFields(fields, keys, depth, false);
  }

  #reviveFields(fields: Fields, keys: readonly string[], depth: number, isWrapped: boolean): Fields {
    this.#checkDepth(depth);
    for (const key of keys) {
      if (key === "__proto__" || key.length > LONGEST_KEY) throw new UndecodableError("a key is not allowed");
      if (key === TAG && !isWrapped) throw new UndecodableError("a tag has company");
      const inner = fields[key];
      if (typeof inner === "object" && inner !== null) fields[key] = this.revive(inner, depth + 1);
    }
    return fields;
  }

  #reviveList(list: unknown[], from: number, depth: number): unknown[] {
    this.#checkDepth(depth);
    for (let index = from; index < list.length; index++) {
      const inner = list[index];
      if (typeof inner === "object" && inner !== null) list[index] = this.revive(inner, depth + 1);
    }
    return list;
  }

  #reviveTagged(content: unknown, depth: number): unknown {
    if (!Array.isArray(content)) throw new UndecodableError("a tag has no content");
    const [tag, only]: unknown[] = content;
    if (tag === "Map") return reviveMap(this.#reviveList(content, 1, depth).slice(1));
    if (tag === "Set") return reviveSet(this.#reviveList(content, 1, depth).slice(1));
    if (tag === "undefined" && content.length === 1) return undefined;
    if (content.length !== 2) throw new UndecodableError("a tag has the wrong content");
    if (tag === "object") return this.#reviveWrapped(only, depth);
    const value = readTagged(tag, only);
    if (value === undefined) throw new UndecodableError("a tag is unknown or its content malformed");
    return value;
  }

  #reviveWrapped(value: unknown, depth: number): Fields {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, TAG)) {
      throw new UndecodableError("a wrapper has nothing to wrap");
    }
    const fields = value as Fields;
    const keys = Object.keys(fields);
    this.keys += keys.length;
    return this.#reviveFields(fields, keys, depth, true);
  }

  #checkDepth(depth: number): void {
    if (depth > this.#maxDepth) throw new UndecodableError("it is nested too deep");
  }
}

export function reviveMap(flat: readonly unknown[]): Map<unknown, unknown> {
  const map = toMap(flat);
  if (map.size * 2 !== flat.length) throw new UndecodableError("a Map has a key twice or without a value");
  return map;
}

export function reviveSet(items: readonly unknown[]): Set<unknown> {
  const set = new Set(items);
  if (set.size !== items.length) throw new UndecodableError("a Set has a member twice");
  return set;
}
