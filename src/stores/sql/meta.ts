/** What stands in the table of meta data: which release made the tables, and the key under which users are named. */
import { StoreFault } from "../../errors.ts";
import { USER_KEY_BYTES } from "../user-digest.ts";

/** What is known once they are there. */
export interface OpenedTables {
  readonly userKey: Uint8Array;
  readonly warnings: readonly string[];
}

/** `store` and `place` are for the message: whose tables they are, and what else may be taken for them. */
export function checkSchema(schema: unknown, known: number, store: string, place: string): void {
  if (schema === String(known)) return;
  if (typeof schema !== "string" || !/^[1-9]\d{0,8}$/.test(schema)) {
    throw new StoreFault("corrupt", `${store} store: its meta table holds no schema version.`);
  }
  const [age, remedy] =
    Number(schema) > known
      ? ["a newer", "Update Sojourn, or use"]
      : ["an older", "Drop its tables, after which everybody signs in again, or use"];
  throw new StoreFault(
    "unavailable",
    `${store} store: written by ${age} version of Sojourn (schema ${schema}; this one knows ${known}). ` +
      `${remedy} another ${place} or prefix.`,
  );
}

export function checkKey(key: unknown, store: string): Uint8Array {
  if (key instanceof Uint8Array && key.byteLength === USER_KEY_BYTES) return key;
  throw new StoreFault("corrupt", `${store} store: the user key in its meta table is damaged.`);
}
