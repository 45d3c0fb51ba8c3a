// Where the suites of the MySQL store run: on a MariaDB server of their own, and on that of MYSQL_URL if it is given.
import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { createConnection as connectWithCallbacks, createPool as poolWithCallbacks } from "mysql2";
import { createPool, type Pool, type PoolOptions } from "mysql2/promise";
import { afterAll } from "vitest";
import {
  type MysqlClient,
  type MysqlStore,
  type MysqlStoreOptions,
  mysqlStore,
} from "../../../src/stores/mysql.ts";
import { type Probe, requireOrExplain } from "../requires.ts";
import { findMariaDb, startMariaDb } from "./mariadb.ts";
import { layWire } from "./wire.ts";

/** A way to a server; the one to our own can be cut. */
export interface Place {
  readonly url: string;
  readonly outage?: () => Promise<() => Promise<void>>;
}

const MYSQL_URL = process.env.MYSQL_URL;
if (!MYSQL_URL) process.stdout.write("MYSQL_URL is not set: the MySQL store is tried on MariaDB only.\n");

const own = await startOwn();

async function startOwn(): Promise<Probe<Place>> {
  const programs = findMariaDb();
  if (!("found" in programs)) return programs;
  // What is kept need not survive the server: that spares a wait for the disk with every write.
  const server = await startMariaDb(programs.found, "--innodb-flush-log-at-trx-commit=0");
  const wire = await layWire(server.port);
  afterAll(async () => {
    await wire[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  const outage = async (): Promise<() => Promise<void>> => {
    await wire.cut();
    return () => wire.mend();
  };
  return { found: { url: `mysql://root@127.0.0.1:${wire.port}`, outage } };
}

/** Declares a suite once for each server. */
export function describeOnMysql(title: string, body: (place: Place) => void): void {
  requireOrExplain("mariadbd", () => own)(`${title} on MariaDB`, body);
  if (MYSQL_URL)
    requireOrExplain("MYSQL_URL", () => ({ found: { url: MYSQL_URL } }))(`${title} on MYSQL_URL`, body);
}

/** Stores in a database that is dropped when the file's tests are over. */
export interface Stores {
  readonly database: string;
  /** The address with the database in it. */
  readonly url: string;
  readonly pool: Pool;
  /** On tables of its own. */
  open(options?: MysqlStoreOptions): MysqlStore;
  /** The same through another client. */
  through(client: MysqlClient, options?: MysqlStoreOptions): MysqlStore;
  /** A pool of this database that is set up otherwise. */
  poolWith(options: PoolOptions): Pool;
  /** On tables that an earlier store had, emptied: four take turns. To make tables takes longer than most cases. */
  emptied(): Promise<MysqlStore>;
  /** One more on the tables of `store`. */
  again(store: object): MysqlStore;
  /** Every cell of the tables of `store`. */
  remains(store: object): Promise<readonly Uint8Array[]>;
}

export type Flavour = "pool" | "pool with callbacks" | "connection";

export function storesOn({ url: base }: Place, flavour: Flavour = "pool"): Stores {
  const database = `sojourn_${randomBytes(6).toString("hex")}`;
  const url = String(Object.assign(new URL(base), { pathname: `/${database}` }));
  const ends: (() => unknown)[] = [];
  const poolWith = (options: PoolOptions): Pool => {
    const pool = createPool({ uri: url, ...options });
    ends.push(() => pool.end());
    return pool;
  };
  const pool = poolWith({ connectionLimit: 10 });
  const client = lazy(() => {
    if (flavour === "pool") return pool;
    if (flavour === "pool with callbacks") {
      const other = poolWithCallbacks({ uri: url, connectionLimit: 10 });
      ends.push(() => other.promise().end());
      return other;
    }
    const other = connectWithCallbacks({ uri: url });
    ends.push(() => other.promise().end());
    return other;
  });
  const admin = createPool({ uri: base, connectionLimit: 1 });
  let isMade: Promise<unknown> | undefined;
  afterAll(async () => {
    await admin.query(`DROP DATABASE IF EXISTS ${database}`);
    await admin.end();
    await Promise.all(ends.map((end) => end()));
  });
  const made = new Set<string>();
  const given = new WeakMap<object, () => MysqlStore>();
  const prefixes = new WeakMap<object, string>();
  const on = (
    other: () => MysqlClient,
    options: MysqlStoreOptions & { readonly prefix: string },
  ): MysqlStore => {
    const store = mysqlStore(other(), options);
    const open = store.open.bind(store);
    // The database is made with the first store that is opened in it.
    store.open = async (call) => {
      isMade ??= admin.query(`CREATE DATABASE ${database}`);
      await isMade;
      const warnings = await open(call);
      made.add(options.prefix);
      return warnings;
    };
    given.set(store, () => on(other, options));
    prefixes.set(store, options.prefix);
    return store;
  };
  let count = 0;
  const tablesOf = (prefix: string): string[] => ["sessions", "marks", "meta"].map((name) => prefix + name);
  return {
    database,
    url,
    pool,
    poolWith,
    open: (options) => on(client, { prefix: `t${++count}_`, ...options }),
    through: (other, options) => on(() => other, { prefix: `t${++count}_`, ...options }),
    async emptied() {
      const prefix = `turn${++count % 4}_`;
      const store = on(client, { prefix });
      if (made.has(prefix))
        for (const name of tablesOf(prefix).slice(0, 2)) await pool.query(`DELETE FROM ${name}`);
      return store;
    },
    again: (store) => given.get(store)?.() ?? on(client, { prefix: "t_" }),
    async remains(store) {
      const found: Uint8Array[] = [];
      for (const name of tablesOf(prefixes.get(store) ?? "")) {
        const [rows] = await pool.query({ sql: `SELECT * FROM ${name}`, rowsAsArray: true });
        for (const cell of [rows].flat(2))
          found.push(Buffer.isBuffer(cell) ? cell : Buffer.from(inspect(cell)));
      }
      return found;
    },
  };
}

function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
