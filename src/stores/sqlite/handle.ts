/** What the store asks of a SQLite library. `DatabaseSync` of node:sqlite and better-sqlite3 both fit unchanged. */

export type SqliteValue = null | number | string | Uint8Array;

export interface SqliteStatement {
  run(...values: SqliteValue[]): { readonly changes: number | bigint };
  get(...values: SqliteValue[]): unknown;
  all(...values: SqliteValue[]): unknown[];
}

/** An open database. It stays the caller's: `close()` of the store leaves it open. */
export interface SqliteHandle {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
  /** Whether a transaction is open, as node:sqlite calls it. */
  readonly isTransaction?: boolean;
  /** The same, as better-sqlite3 calls it. */
  readonly inTransaction?: boolean;
}

/** Whether the owner of the handle is in the middle of a transaction, which a write of ours would become part of. */
export function isInTransaction(handle: SqliteHandle): boolean {
  return handle.isTransaction === true || handle.inTransaction === true;
}
