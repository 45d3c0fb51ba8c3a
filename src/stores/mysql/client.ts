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

/** A connection as the store uses it. What it answers is a list of rows, or what a write did. */
export interface Connection {
  send(query: MysqlQuery, prepares: boolean): Promise<unknown>;
}

/** The way to a connection that nobody else uses meanwhile. */
export type Lend = () => Promise<Lease<Connection>>;

export function isMysqlClient(value: unknown): value is MysqlClient {
  return hasMethod(value, "promise") || (hasMethod(value, "query") && hasMethod(value, "execute"));
}

export function lenderOf(client: MysqlClient): Lend {
  const core = coreOf(client);
  if (core) return "getConnection" in core ? ofCorePool(core) : ofConnection(byCallbacks(core));
  const found = "promise" in client ? client.promise() : client;
  return isPool(found) ? ofPool(found) : ofConnection(byPromises(found));
}

type Done<T> = (error: unknown, result: T) => void;

/** What is inside mysql2's pools and connections with promises, and is meant where it is handed over itself. */
interface CoreConnection {
  query(query: MysqlQuery, done: Done<unknown>): void;
  execute(query: MysqlQuery, done: Done<unknown>): void;
}

interface CorePoolConnection extends CoreConnection {
  release(): void;
  destroy(): void;
}

interface CorePool {
  getConnection(done: Done<CorePoolConnection>): void;
}

/** Its promises take a picture of the stack for each call, which costs as much as all the rest of a read. */
function coreOf(client: MysqlClient): CorePool | CoreConnection | undefined {
  return [client, fieldIn(client, "pool"), fieldIn(client, "connection")].find(isCore);
}

function isCore(value: unknown): value is CorePool | CoreConnection {
  return hasMethod(value, "promise") && hasMethod(value, "query") && hasMethod(value, "execute");
}

function byCallbacks(core: CoreConnection): Connection {
  return {
    send: (query, prepares) =>
      new Promise((resolve, reject) => {
        const done: Done<unknown> = (error, result) => (error ? reject(error) : resolve(result));
        if (prepares) core.execute(query, done);
        else core.query(query, done);
      }),
  };
}

function byPromises(connection: MysqlConnection): Connection {
  return {
    async send(query, prepares) {
      const [result] = await (prepares ? connection.execute(query) : connection.query(query));
      return result;
    },
  };
}

function ofCorePool(pool: CorePool): Lend {
  return () =>
    new Promise((resolve, reject) => {
      pool.getConnection((error, connection) => {
        if (error) reject(error);
        else resolve(leaseOf(connection, byCallbacks(connection)));
      });
    });
}

function ofPool(pool: MysqlPool): Lend {
  return async () => {
    const connection = await pool.getConnection();
    return leaseOf(connection, byPromises(connection));
  };
}

function leaseOf(
  owner: Pick<MysqlPoolConnection, "release" | "destroy">,
  connection: Connection,
): Lease<Connection> {
  return { connection, giveBack: () => owner.release(), discard: () => owner.destroy() };
}

/** One after the other: what came between the statements of a transaction would be part of it. */
function ofConnection(connection: Connection): Lend {
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
