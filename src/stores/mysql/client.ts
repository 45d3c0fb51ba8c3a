/**
 * What the store asks of mysql2. Its pools and connections fit unchanged, those of `mysql2/promise` and those with
 * callbacks, which have a `promise()` of their own. The library is not imported here.
 */
import { fieldIn } from "../plaintext.ts";
import type { Lease } from "../sql/lease.ts";

/** Everything goes over as one of these: text as its bytes, since what a character set makes of text varies. */
export type MysqlValue = null | number | Buffer;

export interface MysqlQuery {
  readonly sql: string;
  readonly values?: MysqlValue[];
  readonly rowsAsArray: true;
  readonly namedPlaceholders: false;
  readonly nestTables: false;
  /** Given where the pool has a function of its own that would read the columns otherwise. */
  readonly typeCast?: (field: unknown, next: () => unknown) => unknown;
}

/** `Connection` of mysql2/promise. One that is given to the store must be the store's alone. */
export interface MysqlConnection {
  query(query: MysqlQuery): Promise<readonly unknown[]>;
  execute(query: MysqlQuery): Promise<readonly unknown[]>;
}

export interface MysqlPoolConnection extends MysqlConnection {
  release(): void;
  destroy(): void;
}

/** `Pool` of mysql2/promise. */
export interface MysqlPool extends MysqlConnection {
  getConnection(): Promise<MysqlPoolConnection>;
}

/** `Pool` or `Connection` of mysql2 itself. */
export interface MysqlCallbackClient {
  promise(): MysqlPool | MysqlConnection;
}

/** A pool or connection. It stays the caller's: `close()` of the store leaves it open. */
export type MysqlClient = MysqlPool | MysqlConnection | MysqlCallbackClient;

/** Where pools and connections, with promises and with callbacks, keep what they were given. */
const CONFIGS: readonly (readonly string[])[] = [
  ["pool", "config", "connectionConfig"],
  ["config", "connectionConfig"],
  ["connection", "config"],
  ["config"],
];

/** The options of a client's connections; `undefined` where it does not show them. */
export function configOf(client: MysqlClient): unknown {
  return CONFIGS.map((place) => fieldIn(client, ...place)).find(Boolean);
}

/** The way to a connection that nobody else uses meanwhile. */
export type Lend = () => Promise<Lease<MysqlConnection>>;

export function isMysqlClient(value: unknown): value is MysqlClient {
  return hasMethod(value, "promise") || (hasMethod(value, "query") && hasMethod(value, "execute"));
}

export function lenderOf(client: MysqlClient): Lend {
  const found = "promise" in client ? client.promise() : client;
  return isPool(found) ? ofPool(found) : ofConnection(found);
}

function ofPool(pool: MysqlPool): Lend {
  return async () => {
    const connection = await pool.getConnection();
    return {
      connection,
      giveBack: () => connection.release(),
      discard: () => connection.destroy(),
    };
  };
}

/** One after the other: what came between the statements of a transaction would be part of it. */
function ofConnection(connection: MysqlConnection): Lend {
  let last: Promise<void> = Promise.resolve();
  return async () => {
    const before = last;
    const { promise, resolve } = Promise.withResolvers<void>();
    last = promise;
    await before;
    return { connection, giveBack: resolve, discard: resolve };
  };
}

function isPool(value: MysqlPool | MysqlConnection): value is MysqlPool {
  return hasMethod(value, "getConnection");
}

function hasMethod(value: unknown, name: string): boolean {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, name) === "function";
}
