// Where the suites of the PostgreSQL store run: on a server of their own, and on that of DATABASE_URL if it is given.
import { randomBytes } from "node:crypto";
import { Pool } from "pg";
import postgres from "postgres";
import { afterAll } from "vitest";
import {
  type PostgresStore,
  type PostgresStoreOptions,
  postgresStore,
} from "../../../src/stores/postgres.ts";
import { type Probe, requireOrExplain } from "../requires.ts";
import { findPostgresServer, startPostgres } from "./postgres-server.ts";

const DATABASE_URL = process.env.DATABASE_URL;
if (!DATABASE_URL)
  process.stdout.write("DATABASE_URL is not set: PostgreSQL is tried on servers of our own only.\n");

/** One that this file's tests have to themselves. */
export const server: Probe<string> = await startOwn();

async function startOwn(): Promise<Probe<string>> {
  const programs = findPostgresServer();
  if (!("found" in programs)) return programs;
  // What is kept need not survive the server: that spares a wait for the disk with every write.
  const own = await startPostgres(programs.found, "fsync=off");
  afterAll(() => own[Symbol.asyncDispose]());
  return { found: own.url };
}

/** Declares a suite once for each server. */
export function describeOnPostgres(title: string, body: (url: string) => void): void {
  requireOrExplain("a PostgreSQL server", () => server)(title, body);
  if (DATABASE_URL)
    requireOrExplain("DATABASE_URL", () => ({ found: DATABASE_URL }))(`${title} on DATABASE_URL`, body);
}

export type Driver = "pg" | "postgres";
export const DRIVERS: readonly Driver[] = ["pg", "postgres"];

/** Stores in a schema that is dropped when the file's tests are over. */
export interface Stores {
  readonly schema: string;
  readonly pool: Pool;
  /** On tables of its own. */
  open(options?: PostgresStoreOptions): PostgresStore;
  /** On tables that an earlier store had, emptied: four take turns. To make tables takes longer than most cases. */
  emptied(): Promise<PostgresStore>;
  /** One more on the tables of `store`. */
  again(store: object): PostgresStore;
  /** Every cell of the tables of `store`. */
  remains(store: object): Promise<readonly Uint8Array[]>;
  /** The tables of `store` begin with this. */
  prefixOf(store: object): string;
}

export function storesOn(url: string, driver: Driver): Stores {
  const schema = `sojourn_${randomBytes(6).toString("hex")}`;
  // What is kept need not survive the server: that spares a wait for the disk with every write.
  const pool = new Pool({ connectionString: url, max: 10, options: "-c synchronous_commit=off" });
  const sql = postgres(url, { max: 10, connection: { synchronous_commit: "off" } });
  pool.on("error", () => {});
  afterAll(async () => {
    await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await pool.end();
    await sql.end({ timeout: 1 });
  });
  const given = new WeakMap<object, PostgresStoreOptions>();
  const on = (options: PostgresStoreOptions): PostgresStore => {
    const store = postgresStore(driver === "pg" ? pool : sql, options);
    given.set(store, options);
    return store;
  };
  let count = 0;
  return {
    schema,
    pool,
    open: (options = {}) => on({ schema, prefix: `t${++count}_`, ...options }),
    async emptied() {
      const prefix = `turn${++count % 4}_`;
      const tables = ["sessions", "marks"].map((name) => `${schema}.${prefix}${name}`);
      const isThere = await pool.query("SELECT to_regclass($1) AS name", [tables[0]]);
      if (isThere.rows[0]?.name) await pool.query(tables.map((name) => `DELETE FROM ${name}`).join("; "));
      return on({ schema, prefix });
    },
    again: (store) => on(given.get(store) ?? {}),
    async remains(store) {
      const found: Uint8Array[] = [];
      for (const name of ["sessions", "marks", "meta"]) {
        const text = `SELECT * FROM ${schema}.${given.get(store)?.prefix}${name}`;
        const { rows } = await pool.query<unknown[]>({ text, rowMode: "array" });
        for (const cell of rows.flat()) found.push(Buffer.isBuffer(cell) ? cell : Buffer.from(String(cell)));
      }
      return found;
    },
    prefixOf: (store) => `${schema}.${given.get(store)?.prefix}`,
  };
}
