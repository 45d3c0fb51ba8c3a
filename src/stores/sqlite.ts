/** `sojourn/stores/sqlite`: sessions in one SQLite file, shared by the processes of one machine. */
import { resolve } from "node:path";
import { oneOf, refuseUnknownKeys } from "../core/option-checks.ts";
import { InvalidOptionError } from "../errors.ts";
import type { Guarantees } from "./contract.ts";
import { Connection } from "./sqlite/connection.ts";
import { type Durability, MEMORY } from "./sqlite/database.ts";
import type { SqliteHandle } from "./sqlite/handle.ts";
import { SqliteSessionStore, type SqliteStore } from "./sqlite/store.ts";

export type { SqliteHandle, SqliteStatement, SqliteValue } from "./sqlite/handle.ts";
export type { SqliteStore } from "./sqlite/store.ts";

export interface SqliteStoreOptions {
  /**
   * What an acknowledged write survives. `"process-crash"` (default): a crash or kill of the process; a power failure
   * may take the last writes with it, and never damages the file. `"power-loss"`: that too, for a flush of
   * the disk, which makes a write alone about four times slower; writes of one turn of the event loop share it.
   */
  readonly durability?: Durability;
}

/** Beyond this a session is no longer a session; the manager's own limit is far below. */
const MAX_BYTES = 1024 * 1024;

/**
 * Keeps sessions in a SQLite database, by node:sqlite. The first use makes the file and its folder, readable by their
 * owner only. Several processes of one machine may use one file; it must not lie on a network drive.
 *
 * `path` is a file name, relative to the working directory at this call, or `":memory:"` for a store that ends with the
 * process. Instead of a path an open database may be handed over, of node:sqlite, better-sqlite3 or the like: its
 * settings stay as they are (WAL is advised), `close()` leaves it open, and while its owner has a transaction open,
 * session calls wait.
 *
 * Throws `InvalidOptionError` at once for an impossible path or option. Everything else shows at `open()`, as `StoreFault`.
 */
export function sqliteStore(path: string | SqliteHandle, options: SqliteStoreOptions = {}): SqliteStore {
  refuseUnknownKeys(options, ["durability"], "sqliteStore");
  const durability = oneOf(
    "durability",
    options.durability,
    ["process-crash", "power-loss"],
    "process-crash",
  );
  const target = typeof path === "string" ? checkPath(path) : checkHandle(path);
  const guarantees: Guarantees = {
    cas: true,
    noRevival: true,
    revokeUser: true,
    userIndex: true,
    slots: false,
    expiry: "sweep",
    shared: target === MEMORY ? "process" : "host",
    durable: target === MEMORY ? "no" : durability,
    maxBytes: MAX_BYTES,
  };
  return new SqliteSessionStore(new Connection(target, options.durability ?? null), guarantees);
}

function checkPath(path: string): string {
  if (path === MEMORY) return path;
  if (path.trim() === "") throw new InvalidOptionError("sqliteStore.path", "must name a file");
  if (path.includes("\0"))
    throw new InvalidOptionError("sqliteStore.path", "must not contain a NUL character");
  if (/^file:/i.test(path))
    throw new InvalidOptionError("sqliteStore.path", "must be a plain path, not a file: URL");
  return resolve(path);
}

function checkHandle(handle: unknown): SqliteHandle {
  if (!isHandle(handle)) {
    throw new InvalidOptionError(
      "path",
      "must be a file name, or an open database with exec() and prepare()",
    );
  }
  return handle;
}

function isHandle(value: unknown): value is SqliteHandle {
  if (typeof value !== "object" || value === null) return false;
  return (
    "exec" in value &&
    typeof value.exec === "function" &&
    "prepare" in value &&
    typeof value.prepare === "function"
  );
}
