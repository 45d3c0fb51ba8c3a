/** The stores of express-session that most applications have, each with what it needs; every one opened is empty. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pgStore from "connect-pg-simple";
import { RedisStore } from "connect-redis";
import mysqlStore from "express-mysql-session";
import session, { type Store } from "express-session";
import memorystore from "memorystore";
import { createPool } from "mysql2";
import { Pool } from "pg";
import { createClient } from "redis";
import fileStore from "session-file-store";
import type { Probe } from "../requires.ts";
import { findMariaDb, startMariaDb } from "./mariadb.ts";
import { server as postgres } from "./postgres.ts";
import { findRedisServer, startRedis } from "./redis.ts";

/** Stores of one kind, and what they stand on. */
export interface ExpressStores extends AsyncDisposable {
  empty(): Promise<Store>;
}

export interface ExpressStoreKind {
  readonly name: string;
  find(): Probe<() => Promise<ExpressStores>>;
}

/** Some take turns in that many tables, since making one takes longer than most cases. */
const TABLES = 4;

export const EXPRESS_STORES: readonly ExpressStoreKind[] = [
  {
    name: "memorystore",
    find: () => ({
      found: async () => {
        const MemoryStore = memorystore(session);
        return { empty: async () => new MemoryStore({}), async [Symbol.asyncDispose]() {} };
      },
    }),
  },
  {
    name: "session-file-store",
    find: () => ({
      found: async () => {
        const FileStore = fileStore(session);
        const folder = mkdtempSync(join(tmpdir(), "sojourn-file-store-"));
        let count = 0;
        return {
          // By default it looks five times for a file that is not there, for a third of a second.
          empty: async () =>
            new FileStore({ path: join(folder, String(++count)), retries: 0, reapInterval: -1 }),
          [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
        };
      },
    }),
  },
  {
    name: "connect-redis",
    find: () =>
      started(findRedisServer(), async (program) => {
        const server = await startRedis(program);
        const client = createClient({ url: `redis://127.0.0.1:${server.port}` });
        client.on("error", () => {});
        await client.connect();
        let count = 0;
        return {
          empty: async () => new RedisStore({ client, prefix: `${++count}:` }),
          async [Symbol.asyncDispose]() {
            client.destroy();
            await server[Symbol.asyncDispose]();
          },
        };
      }),
  },
  {
    name: "connect-pg-simple",
    find: () =>
      started(postgres, async (url) => {
        const PgStore = pgStore(session);
        const pool = new Pool({ connectionString: url, max: 10, options: "-c synchronous_commit=off" });
        const mark = `bridge_${randomBytes(6).toString("hex")}`;
        const schemas = Array.from({ length: TABLES }, (_, turn) => `${mark}_${turn}`);
        for (const schema of schemas) await pool.query(`CREATE SCHEMA ${schema}`);
        const stores = schemas.map(
          (schemaName) =>
            new PgStore({ pool, schemaName, createTableIfMissing: true, pruneSessionInterval: false }),
        );
        let count = 0;
        return {
          async empty() {
            const turn = ++count % TABLES;
            const isThere = await pool.query("SELECT to_regclass($1) AS name", [`${schemas[turn]}.session`]);
            if (isThere.rows[0]?.name) await pool.query(`DELETE FROM ${schemas[turn]}.session`);
            return stores[turn] as Store;
          },
          async [Symbol.asyncDispose]() {
            for (const schema of schemas) await pool.query(`DROP SCHEMA ${schema} CASCADE`);
            await pool.end();
          },
        };
      }),
  },
  {
    name: "express-mysql-session",
    find: () =>
      started(findMariaDb(), async (programs) => {
        const MysqlStore = mysqlStore(session);
        const server = await startMariaDb(programs, "--innodb-flush-log-at-trx-commit=0");
        const admin = createPool({ uri: server.url }).promise();
        await admin.query("CREATE DATABASE bridges");
        await admin.end();
        const pool = createPool({ uri: `${server.url}/bridges`, connectionLimit: 10 });
        const tables = Array.from({ length: TABLES }, (_, turn) => `sessions${turn}`);
        const stores = tables.map(
          (tableName) => new MysqlStore({ clearExpired: false, schema: { tableName } }, pool),
        );
        await Promise.all(stores.map((store) => store.onReady()));
        let count = 0;
        return {
          async empty() {
            const turn = ++count % TABLES;
            await pool.promise().query(`DELETE FROM ${tables[turn]}`);
            return stores[turn] as Store;
          },
          async [Symbol.asyncDispose]() {
            await pool.promise().end();
            await server[Symbol.asyncDispose]();
          },
        };
      }),
  },
];

function started<Found>(
  probe: Probe<Found>,
  start: (found: Found) => Promise<ExpressStores>,
): Probe<() => Promise<ExpressStores>> {
  return "found" in probe ? { found: () => start(probe.found) } : probe;
}
