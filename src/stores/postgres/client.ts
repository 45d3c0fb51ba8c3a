/**
 * What the store asks of a PostgreSQL library. `Pool` and `Client` of pg and `sql` of postgres fit unchanged. They are
 * told apart by what they offer, so that neither library is imported here.
 */
import { StoreFault } from "../../errors.ts";
import { fieldIn } from "../plaintext.ts";
import { type Deadline, timedOut } from "../sql/deadline.ts";
import { discardIfSilent, type Lease } from "../sql/lease.ts";
import type { SqlValue } from "../sql/queries.ts";
import { readsTogether } from "./reading.ts";

/** What a parameter may be. */
export type PostgresValue = SqlValue;

export interface PgQuery {
  readonly text: string;
  values: PostgresValue[];
  readonly rowMode: "array";
  readonly name?: string;
}

/** A connected `Client` of pg. It must be the store's alone. */
export interface PgClient {
  query(query: PgQuery): Promise<{ readonly rows: readonly unknown[] }>;
  /** Whether it sends queries without waiting for the answers before. */
  readonly pipeline?: boolean;
  /** `"I"` outside transactions. Older versions of pg do not tell. */
  getTransactionStatus?(): string | null;
}

export interface PgPoolClient extends PgClient {
  on(event: "error", listener: () => void): unknown;
  off(event: "error", listener: () => void): unknown;
  release(destroy?: boolean): void;
}

/** `Pool` of pg. */
export interface PgPool {
  readonly totalCount: number;
  connect(): Promise<PgPoolClient>;
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
export type PostgresClient = PgPool | PgClient | PostgresJsClient;

/** The name stands for the text on the server, where statements are prepared. */
export interface Statement {
  readonly text: string;
  readonly name?: string;
  /** Whether a lost answer leaves open what was done. */
  readonly writes: boolean;
}

/** Rows as arrays of their columns in order. */
export type Ask = (
  statement: Statement,
  values: PostgresValue[],
  call: Deadline,
) => Promise<readonly unknown[]>;

export function isPostgresClient(value: unknown): value is PostgresClient {
  return isPostgresJs(value) || isPg(value);
}

export function askThrough(client: PostgresClient, prepares: boolean): Ask {
  if (isPostgresJs(client)) {
    return async ({ text, name }, values) =>
      client.unsafe(text, values, { prepare: prepares && name !== undefined }).values();
  }
  const query: Query = async (connection, { text, name, writes }, values) => {
    const named = prepares && name !== undefined ? { name } : {};
    const { rows } = await connection.query({ text, values, rowMode: "array", ...named });
    if ((connection.getTransactionStatus?.() ?? IDLE) !== IDLE) throw leftOpen(writes);
    return rows;
  };
  if (!isPool(client)) {
    return client.pipeline
      ? (statement, values) => query(client, statement, values)
      : oneByOne(client, query);
  }
  const lend = async (): Promise<Lease<PgPoolClient>> => leaseOf(await client.connect());
  const alone = onLoan(lend, query);
  if (fieldIn(client, "options", "pipeline") !== true) return alone;
  const together = readsTogether(lend, query);
  return (statement, values, call) => (statement.writes ? alone : together)(statement, values, call);
}

export type Query = (
  connection: PgClient,
  statement: Statement,
  values: PostgresValue[],
) => Promise<readonly unknown[]>;

const IDLE = "I";

/** A connection of the pool for each statement. As with pg's own `query`, one that failed is not used again. */
function onLoan(lend: () => Promise<Lease<PgPoolClient>>, query: Query): Ask {
  return async (statement, values, { signal }) => {
    const lease = await lend();
    const callOff = discardIfSilent(lease, signal);
    let isSound = true;
    try {
      if (signal?.aborted) throw timedOut(); // while it waited for a connection
      isSound = false;
      const rows = await query(lease.connection, statement, values);
      isSound = true;
      return rows;
    } finally {
      callOff();
      if (isSound) lease.giveBack();
      else lease.discard();
    }
  };
}

/** Ends once: a connection that is discarded fails its query, which then would be another end. */
function leaseOf(connection: PgPoolClient): Lease<PgPoolClient> {
  let isLent = true;
  const end = (isSound: boolean): void => {
    if (!isLent) return;
    isLent = false;
    connection.off("error", ignore);
    connection.release(!isSound);
  };
  connection.on("error", ignore); // the query fails with it
  return { connection, giveBack: () => end(true), discard: () => end(false) };
}

/** One connection runs one query at a time, and pg does not want to be asked for a second meanwhile. */
function oneByOne(client: PgClient, query: Query): Ask {
  let last: Promise<unknown> = Promise.resolve();
  return (statement, values, { signal }) => {
    const next = last.then(() => {
      if (signal?.aborted) throw timedOut(); // while it waited for the others
      return query(client, statement, values);
    });
    last = next.catch(() => {});
    return next;
  };
}

/** Somebody left it in the middle of a transaction, and what is written is part of that. */
function leftOpen(writes: boolean): StoreFault {
  return new StoreFault(
    writes ? "ambiguous" : "unavailable",
    "PostgreSQL store: the connection was left in a transaction.",
  );
}

function ignore(): void {}

function isPostgresJs(value: unknown): value is PostgresJsClient {
  return typeof value === "function" && "unsafe" in value && typeof value.unsafe === "function";
}

function isPg(value: unknown): value is PgPool | PgClient {
  return typeof value === "object" && value !== null && "query" in value && typeof value.query === "function";
}

function isPool(client: PgPool | PgClient): client is PgPool {
  return "totalCount" in client;
}
