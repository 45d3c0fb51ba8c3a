// docs/stores/tiered.md: its programs, each as two processes; what one revokes the other sees through its cache.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../support/consumer.ts";
import { requireOrExplain } from "../support/requires.ts";
import { server as postgres } from "../support/servers/postgres.ts";
import { findRedisServer, type RedisServer, startRedis } from "../support/servers/redis.ts";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { createWorkspace, QUIET } from "./support/workspace.ts";

const workspace = createWorkspace(filesOf(readDocument("docs/stores/tiered.md")), ["redis", "pg"]);
afterAll(() => workspace[Symbol.asyncDispose]());

/** Signs in and reads until a copy answers; lets another process revoke; reads 500 times at most until that shows. */
const WATCH = `
  import { spawnSync } from "node:child_process";
  import { setTimeout as delay } from "node:timers/promises";
  import { withSessions } from "sojourn/fetch";
  const { sessions, store, end } = await import(process.argv[2]);
  await sessions.ready();
  const serve = withSessions(sessions, async (request, session) => {
    if (request.method === "POST") await session.login("ada");
    return new Response(session.userId);
  });
  const asked = async (method, headers) => serve(new Request("https://shop.example", { method, headers }));
  const cookie = (await asked("POST", { "sec-fetch-site": "same-origin" })).headers.getSetCookie().join().split(";")[0];
  const visit = async () => (await asked("GET", { cookie })).text();
  const first = await visit();
  for (let left = 500; left > 0 && store.stats().hits === 0; left--) await visit();
  const { status } = spawnSync(process.execPath, ["${QUIET}", "revoke.mjs", process.argv[2]], { stdio: "inherit" });
  let left = 500;
  for (; left > 0 && (await visit()) !== ""; left--) await delay(10);
  console.log(first, store.stats().hits > 0, status, left > 0);
  await sessions.close();
  await end();`;

const REVOKE = `
  const { sessions, end } = await import(process.argv[2]);
  await sessions.revokeAll("ada");
  await sessions.close();
  await end();`;

beforeAll(async () => {
  await workspace.write("watch.mjs", WATCH);
  await workspace.write("revoke.mjs", REVOKE);
  const both = (file: string, end: string): string =>
    `import { ${end} } from "./${file}";\nexport * from "./${file}";\n`;
  await workspace.write("redis.ts", `${both("by-redis.ts", "disconnect")}export const end = disconnect;\n`);
  await workspace.write(
    "postgres.ts",
    `${both("by-postgres.ts", "pool")}export const end = () => pool.end();\n`,
  );
  await workspace.write(
    "drop.mjs",
    `const { pool } = await import("./by-postgres.ts");
     await pool.query("DROP SCHEMA IF EXISTS sojourn_cached CASCADE");
     await pool.end();`,
  );
});

async function node(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<string> {
  const { code, stdout, output } = await run(process.execPath, [QUIET, ...args], workspace.folder, {
    ...process.env,
    ...env,
  });
  expect(code, output).toBe(0);
  return stdout.trim();
}

const SEEN = "ada true 0 true";

requireOrExplain("redis-server", findRedisServer)("the page on caches, with Redis", (program) => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis(program);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("tells a process what another revoked", async () => {
    const env = { REDIS_URL: `redis://127.0.0.1:${server.port}` };
    expect(await node(env, "watch.mjs", "./redis.ts")).toBe(SEEN);
  });
});

requireOrExplain("a PostgreSQL server", () => postgres)("the page on caches, with PostgreSQL", (url) => {
  describe("once its tables are gone", () => {
    const env = { DATABASE_URL: url };
    beforeAll(() => node(env, "drop.mjs"));
    afterAll(() => node(env, "drop.mjs"));

    test("tells a process what another revoked", async () => {
      expect(await node(env, "watch.mjs", "./postgres.ts")).toBe(SEEN);
    });
  });
});
