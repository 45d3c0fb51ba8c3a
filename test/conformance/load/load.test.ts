// Four processes on one store under mixed load: no lost write, no revival, exact counts, an index that is the rows. A few
// seconds for each store; SOJOURN_LOAD_SECONDS=60 makes it a minute.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { expect, test } from "vitest";
import { requireOrExplain } from "../../support/requires.ts";
import { describeOnMysql, storesOn } from "../../support/servers/mysql.ts";
import { server } from "../../support/servers/postgres.ts";
import { findRedisServer, startRedis } from "../../support/servers/redis.ts";
import type { Place } from "./place.ts";
import { play } from "./play.ts";

const timeout = 120_000 + 2000 * Number(process.env.SOJOURN_LOAD_SECONDS ?? 0);
const NAME = "keep every promise to two dozen people who act at once";

async function playOn(place: Place): Promise<void> {
  const report = await play(place);
  expect(report).toMatch(/\d+ increments/);
  if (process.env.SOJOURN_LOAD_SECONDS) process.stdout.write(`${report}\n`);
}

test(`four processes on SQLite ${NAME}`, { timeout }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-load-"));
  try {
    await playOn({ kind: "sqlite", path: join(folder, "sessions.db") });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

requireOrExplain("redis-server", findRedisServer)("Redis", (program) => {
  test(`four processes on Redis ${NAME}`, { timeout }, async () => {
    await using redis = await startRedis(program);
    await playOn({ kind: "redis", url: `redis://127.0.0.1:${redis.port}`, prefix: "load:" });
  });
});

describeOnMysql("MySQL", (place) => {
  const stores = storesOn(place);
  test(`four processes on MySQL ${NAME}`, { timeout }, async () => {
    await stores.open({ prefix: "sojourn_" }).open(); // which makes the database
    await playOn({ kind: "mysql", url: stores.url });
  });
});

requireOrExplain("a PostgreSQL server", () => server)("PostgreSQL", (url) => {
  test(`four processes on PostgreSQL ${NAME}`, { timeout }, async () => {
    const schema = `sojourn_${randomBytes(6).toString("hex")}`;
    try {
      await playOn({ kind: "postgres", url, schema });
    } finally {
      const client = new Client({ connectionString: url });
      await client.connect();
      await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
      await client.end();
    }
  });
});
