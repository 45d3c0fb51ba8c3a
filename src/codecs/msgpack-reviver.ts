/** Unpacked MessagePack becomes the values it stands for; whatever this codec would not have written is refused whole. */
import { UndecodableError } from "../errors.ts";
import { LONGEST_KEY } from "./copy-walk.ts";
import { Mark } from "./msgpack-form.ts";
import { reviveMap, reviveSet } from "./reviver.ts";

type Fields = Record<string, unknown>;

/** The bytes were scanned before, so the stack cannot run out. */
export class MsgpackReviver {
  /** Keys of all maps met; fewer than the bytes have when one came twice. */
  keys = 0;

  /** Works in place. Throws `UndecodableError` for a mark out of place, `__proto__` and a key too long. */
  revive(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return this.#reviveList(value);
    if (value instanceof Uint8Array) return new Uint8Array(value); // the library's is a window on the input
    if (value instanceof Mark) throw new UndecodableError("a mark is out of place");
    if (value instanceof Date || value instanceof URL) return value;
    return this.#reviveFields(value as Fields);
  }

  #reviveFields(fields: Fields): Fields {
    for (const key of Object.keys(fields)) {
      checkKey(key);
      this.keys++;
      const inner = fields[key];
      if (typeof inner === "object" && inner !== null) fields[key] = this.revive(inner);
    }
    return fields;
  }

  #reviveList(list: unknown[]): unknown {
    const mark: unknown = list[0];
    const from = mark instanceof Mark ? 1 : 0;
    for (let index = from; index < list.length; index++) {
      const inner = list[index];
      if (typeof inner === "object" && inner !== null) list[index] = this.revive(inner);
    }
    if (!(mark instanceof Mark)) return list;
    const rest = list.slice(1);
    if (mark.of === "Map") return reviveMap(rest);
    return mark.of === "Set" ? reviveSet(rest) : reviveObject(rest);
  }
}

/** An object with keys that UTF-8 cannot hold. */
function reviveObject(flat: readonly unknown[]): Fields {
  const fields: Fields = {};
  let isNeeded = false;
  for (let index = 0; index < flat.length; index += 2) {
    const key: unknown = flat[index];
    if (typeof key !== "string" || index + 1 === flat.length || Object.hasOwn(fields, key)) {
      throw new UndecodableError("an object has a key twice or without a value");
    }
    checkKey(key);
    isNeeded ||= !key.isWellFormed();
    fields[key] = flat[index + 1];
  }
  if (!isNeeded) throw new UndecodableError("a mark is out of place");
  return fields;
}

function checkKey(key: string): void {
  if (key === "__proto__" || key.length > LONGEST_KEY) throw new UndecodableError("a key is not allowed");
}
