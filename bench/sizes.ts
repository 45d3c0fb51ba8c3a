// What a session takes in each store, and how fast a copy is: `node bench/sizes.ts [sessions] [store ...]`, 100,000 and
// all by default. Prints the table of docs/stores.md. Servers are taken from REDIS_URL, DATABASE_URL and MYSQL_URL, and
// left out without them; the Redis server should have nothing else to do, since its memory is read before and after.
// Nothing here passes or fails.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { createConnection, createPool, type RowDataPacket } from "mysql2/promise";
import { Pool } from "pg";
import type { SessionStore } from "../src/stores/contract.ts";
import { copySessions } from "../src/stores/copy.ts";
import { fileStore } from "../src/stores/file.ts";
import { memoryStore } from "../src/stores/memory.ts";
import { mysqlStore } from "../src/stores/mysql.ts";
import { postgresStore } from "../src/stores/postgres.ts";
import { redisStore } from "../src/stores/redis.ts";
import { sqliteStore } from "../src/stores/sqlite.ts";
import { diskUse, MYSQL_BYTES, POSTGRES_BYTES, redisBytes } from "./shared/footprint.ts";
import { liveBytes } from "./shared/garbage.ts";
import { PAYLOAD, PER_USER, recordOf } from "./stores/samples.ts";

const [count = "100000", ...wanted] = process.argv.slice(2);
const SESSIONS = Number(count);

const folder = mkdtempSync(join(tmpdir(), "sojourn-sizes-"));

interface Site {
  readonly name: string;
  readonly store: SessionStore;
  /** Bytes in use now. */
  size(): Promise<number> | number;
  clear(): Promise<void>;
}

function onDisk(name: string, make: (path: string) => SessionStore): Site {
  const path = join(folder, name);
  return { name, store: make(path), size: () => diskUse(folder), clear: async () => {} };
}

function onRedis(url: string): Site {
  const client = new Redis(url);
  return {
    name: "Redis",
    store: redisStore(client, { prefix: "sojourn-sizes:" }),
    async size() {
      return redisBytes(await client.info("memory"));
    },
    async clear() {
      for await (const keys of client.scanStream({ match: "sojourn-sizes:*", count: 1000 })) {
        if (keys.length > 0) await client.unlink(...keys);
      }
      client.disconnect();
    },
  };
}

async function onPostgres(url: string): Promise<Site> {
  const pool = new Pool({ connectionString: url });
  const schema = "sojourn_sizes";
  await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  return {
    name: "PostgreSQL",
    store: postgresStore(pool, { schema }),
    async size() {
      const { rows } = await pool.query(POSTGRES_BYTES, [schema]);
      return Number(rows[0].bytes);
    },
    async clear() {
      await pool.query(`DROP SCHEMA ${schema} CASCADE`);
      await pool.end();
    },
  };
}

/** In a database of its own. */
async function onMysql(url: string): Promise<Site> {
  const database = "sojourn_sizes";
  const admin = await createConnection(url);
  await admin.query(`DROP DATABASE IF EXISTS ${database}`);
  await admin.query(`CREATE DATABASE ${database}`);
  const pool = createPool({ uri: url, database });
  return {
    name: "MySQL",
    store: mysqlStore(pool),
    async size() {
      await admin.query(`ANALYZE TABLE ${database}.sojourn_sessions`);
      const [rows] = await admin.query<RowDataPacket[]>(MYSQL_BYTES, [database]);
      return Number(rows[0]?.bytes);
    },
    async clear() {
      await admin.query(`DROP DATABASE ${database}`);
      await admin.end();
      await pool.end();
    },
  };
}

async function seconds(act: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await act();
  return (performance.now() - started) / 1000;
}

function print(name: string, bytes: number, first?: number, second?: number): void {
  const each = Math.round(bytes / SESSIONS);
  const rate = (took?: number): string => (took ? `${Math.round(SESSIONS / took)}/s` : "");
  console.log(`| ${name} | ${each} | ${each - PAYLOAD} | ${rate(first)} | ${rate(second)} |`);
}

console.log(`${SESSIONS} sessions of ${PAYLOAD} bytes, ${PER_USER} to a user\n`);
console.log(
  "| Store | Bytes a session | beside the data | first copy from memory | second run |\n|---|---|---|---|---|",
);

const before = liveBytes();
const source = memoryStore({ maxSessions: SESSIONS });
await source.open();
for (let index = 0; index < SESSIONS; index++) {
  const record = recordOf(index);
  await source.create(record, { now: record.createdAt, since: { startedAt: record.createdAt } });
}
print("memory", liveBytes() - before);

const { REDIS_URL, DATABASE_URL, MYSQL_URL } = process.env;
const sites: Readonly<Record<string, () => Site | Promise<Site>>> = {
  sqlite: () => onDisk("SQLite", (path) => sqliteStore(join(path, "sessions.db"))),
  file: () => onDisk("file", (path) => fileStore(path)),
  ...(REDIS_URL && { redis: () => onRedis(REDIS_URL) }),
  ...(MYSQL_URL && { mysql: () => onMysql(MYSQL_URL) }),
  ...(DATABASE_URL && { postgresql: () => onPostgres(DATABASE_URL) }),
};

for (const [key, open] of Object.entries(sites)) {
  if (wanted.length > 0 && !wanted.includes(key)) continue;
  const { name, store, size, clear } = await open();
  await store.open();
  const empty = await size();
  const first = await seconds(() => copySessions(source, store));
  const second = await seconds(() => copySessions(source, store));
  await store.close(); // SQLite's log goes into the file
  print(name, (await size()) - empty, first, second);
  await clear();
}
rmSync(folder, { recursive: true });
