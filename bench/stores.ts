// How many operations a second each store does, beside what its driver does alone: `node bench/stores.ts [store ...]`, all
// by default. Prints the table of docs/stores.md. Servers are taken from REDIS_URL, DATABASE_URL and MYSQL_URL, and left
// out without them. Nothing here passes or fails.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileBench } from "./stores/file.ts";
import { type Bench, HEAD, measure, measureHolds } from "./stores/measure.ts";
import { memoryBench } from "./stores/memory.ts";
import { mysqlBench } from "./stores/mysql.ts";
import { byPg, byPgPipelined, byPostgresJs, postgresBench } from "./stores/postgres.ts";
import { byIoredis, byNodeRedis, redisBench } from "./stores/redis.ts";
import { sqliteBench } from "./stores/sqlite.ts";

const SESSIONS = 50_000;
/** In the stores on servers, which is enough to see what is done on this side. */
const ON_SERVERS = 5000;
const FILES = 5000;

const wanted = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "sojourn-stores-"));

const { REDIS_URL, DATABASE_URL, MYSQL_URL } = process.env;
const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  memory: () => memoryBench(SESSIONS),
  sqlite: () => sqliteBench(SESSIONS, folder),
  file: () => fileBench(FILES, folder),
  ...(REDIS_URL && {
    ioredis: async () => redisBench(ON_SERVERS, await byIoredis(REDIS_URL)),
    "node-redis": async () => redisBench(ON_SERVERS, await byNodeRedis(REDIS_URL)),
  }),
  ...(DATABASE_URL && {
    pg: async () => postgresBench(ON_SERVERS, await byPg(DATABASE_URL)),
    "pg-pipelined": async () => postgresBench(ON_SERVERS, await byPgPipelined(DATABASE_URL)),
    postgres: async () => postgresBench(ON_SERVERS, await byPostgresJs(DATABASE_URL)),
  }),
  ...(MYSQL_URL && { mysql: () => mysqlBench(ON_SERVERS, MYSQL_URL) }),
};

console.log(HEAD);
const made: Bench[] = [];
for (const [name, make] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const bench = await make();
  await measure(bench);
  made.push(bench);
}
console.log("\nCalls one after the other:");
for (const bench of made) {
  if (bench.inFlight === 1) await measureHolds(bench); // the others work elsewhere
  await bench.close();
}
rmSync(folder, { recursive: true });
