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

/** A statement whose rows are arrays of its columns in order. */
export interface Query<Row> {
  get(...values: SqliteValue[]): Row | undefined;
  all(...values: SqliteValue[]): Row[];
}

export function prepareQuery<Row extends readonly unknown[]>(db: SqliteHandle, sql: string): Query<Row> {
  const statement = db.prepare(sql);
  // The SQL and its row type stand side by side, and no SQL here is put together at run time.
  if (returnsArrays(statement)) return statement as object as Query<Row>;
  const toRow = (found: unknown): Row => Object.values(Object(found)) as readonly unknown[] as Row;
  return {
    get(...values) {
      const found = statement.get(...values);
      return found === undefined || found === null ? undefined : toRow(found);
    },
    all: (...values) => statement.all(...values).map(toRow),
  };
}

/** Asks for arrays in the words of node:sqlite, else in those of better-sqlite3. */
function returnsArrays(statement: object): boolean {
  if ("setReturnArrays" in statement && typeof statement.setReturnArrays === "function") {
    statement.setReturnArrays(true);
    return true;
  }
  if ("pluck" in statement && "raw" in statement && typeof statement.raw === "function") {
    statement.raw(true);
    return true;
  }
  return false;
}
