/** What SQLite's errors mean for a caller. Messages name the file, never an id, a user or data. */
import { StoreFault, type StoreFaultKind } from "../../errors.ts";

/** Primary result codes (sqlite.org/rescode.html) and what to say about them. */
const MEANINGS: ReadonlyMap<number, readonly [StoreFaultKind, string]> = new Map([
  [5, ["busy", "another process holds the write lock"]],
  [6, ["busy", "a table is locked by another connection"]],
  [7, ["unavailable", "SQLite ran out of memory"]],
  [8, ["unavailable", "the database is read-only; check the permissions of the file and of its folder"]],
  // A failed write may have reached the log and come to light at the next recovery.
  [10, ["ambiguous", "the disk reported an error"]],
  [11, ["corrupt", "the database file is damaged; restore it from a backup"]],
  [13, ["unavailable", "the disk is full"]],
  [14, ["unavailable", "the file cannot be opened; check the path and its permissions"]],
  [15, ["busy", "another process is setting up the database"]],
  [18, ["too-large", "the session is larger than SQLite can store"]],
  [26, ["corrupt", "the file is not a SQLite database"]],
]);

const NAMES: Readonly<Record<string, number>> = {
  SQLITE_BUSY: 5,
  SQLITE_LOCKED: 6,
  SQLITE_NOMEM: 7,
  SQLITE_READONLY: 8,
  SQLITE_IOERR: 10,
  SQLITE_CORRUPT: 11,
  SQLITE_FULL: 13,
  SQLITE_CANTOPEN: 14,
  SQLITE_PROTOCOL: 15,
  SQLITE_TOOBIG: 18,
  SQLITE_NOTADB: 26,
};

/** Nothing was applied and another try may work. */
export function isBusy(error: unknown): boolean {
  if (error instanceof StoreFault) return error.kind === "busy";
  return MEANINGS.get(resultCode(error))?.[0] === "busy";
}

export function sqliteFault(error: unknown, where: string): StoreFault {
  if (error instanceof StoreFault) return error;
  const meaning = MEANINGS.get(resultCode(error));
  if (meaning) return new StoreFault(meaning[0], `SQLite store ${where}: ${meaning[1]}.`, { cause: error });
  return new StoreFault("unavailable", `SQLite store ${where}: the operation failed; see the cause.`, {
    cause: error,
  });
}

/** node:sqlite has the number in `errcode`; better-sqlite3 a name in `code`, such as SQLITE_BUSY_SNAPSHOT. */
function resultCode(error: unknown): number {
  if (typeof error !== "object" || error === null) return 0;
  if ("errcode" in error && typeof error.errcode === "number") return error.errcode & 0xff;
  if (!("code" in error) || typeof error.code !== "string") return 0;
  const [, name = ""] = /^(SQLITE_[A-Z]+)/.exec(error.code) ?? [];
  return NAMES[name] ?? 0;
}
