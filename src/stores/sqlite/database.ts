/** Opens the database file: folder, permissions, settings, tables. */

import { randomBytes } from "node:crypto";
import { accessSync, closeSync, constants, linkSync, mkdirSync, openSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { StoreFault } from "../../errors.ts";
import { prepareQuery, type SqliteHandle } from "./handle.ts";
import { prepareSchema } from "./schema.ts";

export type Durability = "process-crash" | "power-loss";

/** A database that this store opened itself and closes again. */
export interface OwnedDatabase extends SqliteHandle {
  close(): void;
}

/**
 * How long SQLite itself waits for a lock, blocking the event loop. It covers a neighbour's single write; whatever
 * takes longer is waited for without blocking (patience.ts).
 */
const BUSY_TIMEOUT_MS = 5;

/** The log shrinks back to this after something made it longer. */
const LOG_LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * Twice what SQLite takes by itself: a session is somewhat larger than half a kilobyte, and what is left over at the end
 * of a page, where no other fits, is half as much. The log is brought home after as many bytes as before.
 */
const PAGE_BYTES = 8192;
const LOG_PAGES = 500;

export const MEMORY = ":memory:";

export async function openDatabase(path: string, where: string): Promise<OwnedDatabase> {
  const Database = await loadSqlite();
  if (path !== MEMORY) prepareFile(path, where);
  return new Database(path);
}

async function loadSqlite(): Promise<typeof DatabaseSync> {
  try {
    return (await import("node:sqlite")).DatabaseSync;
  } catch (cause) {
    throw new StoreFault(
      "unavailable",
      `This Node (${process.version}) has no node:sqlite. Use Node 22.18 or later, or hand sqliteStore() an open ` +
        "database of another library, such as better-sqlite3.",
      { cause },
    );
  }
}

/**
 * Settings and tables; answers the key under which users are named in marks. May throw "busy" while another process does the same, and may then be called again. The settings
 * of a handle that was handed over are its owner's, except for a durability that was asked for.
 */
export function configure(
  db: SqliteHandle,
  where: string,
  durability: Durability | null,
  isOwn: boolean,
): Uint8Array {
  if (isOwn) {
    db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`); // first: switching to WAL takes a lock
    db.exec(`PRAGMA page_size = ${PAGE_BYTES}`); // before WAL, and of an empty file only
    db.exec("PRAGMA journal_mode = WAL");
    db.exec(`PRAGMA wal_autocheckpoint = ${LOG_PAGES}`);
    db.exec(`PRAGMA journal_size_limit = ${LOG_LIMIT_BYTES}`);
    db.exec("PRAGMA secure_delete = FAST"); // ended sessions are overwritten where that costs no extra write
    db.exec("PRAGMA trusted_schema = OFF");
  } else if (typeof prepareQuery(db, "SELECT 1").get()?.[0] === "bigint") {
    throw new StoreFault(
      "unavailable",
      `SQLite store ${where}: it reads integers as BigInt. Switch that off.`,
    );
  }
  if (isOwn || durability) db.exec(`PRAGMA synchronous = ${durability === "power-loss" ? "FULL" : "NORMAL"}`);
  return prepareSchema(db, where);
}

/** What an operator should know. */
export function warningsAbout(db: SqliteHandle, path: string | null, where: string): string[] {
  const warnings: string[] = [];
  const [mode] = prepareQuery<[string]>(db, "PRAGMA journal_mode").get() ?? [];
  if (mode !== "wal" && mode !== "memory") {
    warnings.push(
      `SQLite store ${where}: the journal mode is ${mode}, not WAL, so readers and writers wait for each other.`,
    );
  }
  const isOpenToOthers = path !== null && process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0;
  if (isOpenToOthers) {
    warnings.push(
      `SQLite store ${where}: other users of this machine may open the file. Run chmod 600 on it.`,
    );
  }
  return warnings;
}

function prepareFile(path: string, where: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) createPrivately(path);
    else if (!found.isFile()) throw new Error("it is not a file");
    accessSync(path, constants.R_OK | constants.W_OK);
    accessSync(dirname(path), constants.W_OK); // for the -wal and -shm files beside it
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StoreFault("unavailable", `SQLite store ${where} cannot be opened: ${why}.`, { cause });
  }
}

/**
 * An empty file that only its owner can read; -wal and -shm get the same permissions from SQLite. It is linked into
 * place after it was closed: closing a file drops all locks this process has on it, those of SQLite included.
 */
function createPrivately(path: string): void {
  const fresh = `${path}.${randomBytes(6).toString("hex")}.new`;
  closeSync(openSync(fresh, "wx", 0o600));
  try {
    linkSync(fresh, path);
  } catch (error) {
    if (isCode(error, "EEXIST")) return; // another process was first
    if (!isCode(error, "EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS")) throw error;
    closeSync(openSync(path, "a", 0o600)); // a file system without links
  } finally {
    rmSync(fresh, { force: true });
  }
}

function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
