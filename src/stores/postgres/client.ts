/**
 * What the store asks of a PostgreSQL library. `Pool` and `Client` of pg and `sql` of postgres fit unchanged. They are
 * told apart by what they offer, so that neither library is imported here.
 */
import type { SqlValue } from "../sql/queries.ts";

/** What a parameter may be. */
export type PostgresValue = SqlValue;

export interface PgQuery {
  readonly text: string;
  values: PostgresValue[];
  readonly rowMode: "array";
  readonly name?: string;
}

/** `Pool` or a connected `Client` of pg. A client must be the store's alone. */
export interface PgClient {
  query(query: PgQuery): Promise<{ readonly rows: readonly unknown[] }>;
}

/** `sql` of postgres. */
export interface PostgresJsClient {
  unsafe(
    text: string,
    values: PostgresValue[],
    options: { prepare: boolean },
  ): { values(): PromiseLike<readonly unknown[]> };
}

/** A pool or client. It stays the caller's: `close()` of the store leaves it open. */
export type PostgresClient = PgClient | PostgresJsClient;

/** The name stands for the text on the server, where statements are prepared. */
export interface Statement {
  readonly text: string;
  readonly name?: string;
  /** Whether a lost answer leaves open what was done. */
  readonly writes: boolean;
}

/** Rows as arrays of their columns in order. */
export type Ask = (statement: Statement, values: PostgresValue[]) => Promise<readonly unknown[]>;

export function isPostgresClient(value: unknown): value is PostgresClient {
  return isPostgresJs(value) || isPg(value);
}

export function askThrough(client: PostgresClient, prepares: boolean): Ask {
  if (isPostgresJs(client)) {
    return async ({ text, name }, values) =>
      client.unsafe(text, values, { prepare: prepares && name !== undefined }).values();
  }
  const ask: Ask = async ({ text, name }, values) => {
    const named = prepares && name !== undefined ? { name } : {};
    return (await client.query({ text, values, rowMode: "array", ...named })).rows;
  };
  return isPool(client) ? ask : oneByOne(ask);
}

/** One connection runs one query at a time, and pg does not want to be asked for a second meanwhile. */
function oneByOne(ask: Ask): Ask {
  let last: Promise<unknown> = Promise.resolve();
  return (statement, values) => {
    const next = last.then(() => ask(statement, values));
    last = next.catch(() => {});
    return next;
  };
}

function isPostgresJs(value: unknown): value is PostgresJsClient {
  return typeof value === "function" && "unsafe" in value && typeof value.unsafe === "function";
}

function isPg(value: unknown): value is PgClient {
  return typeof value === "object" && value !== null && "query" in value && typeof value.query === "function";
}

function isPool(client: PgClient): boolean {
  return "totalCount" in client;
}
