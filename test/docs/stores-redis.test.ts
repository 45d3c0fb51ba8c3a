// docs/stores/redis.md: both its programs on a server, and what it says of keys and settings.
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../support/consumer.ts";
import { requireOrExplain } from "../support/requires.ts";
import { findRedisServer, type RedisServer, startRedis } from "../support/servers/redis.ts";
import { startCluster } from "../support/servers/redis-cluster.ts";
import { remainsIn } from "../support/servers/redis-remains.ts";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { createWorkspace, QUIET } from "./support/workspace.ts";

const page = readDocument("docs/stores/redis.md");
const workspace = createWorkspace(filesOf(page), ["redis", "ioredis"]);
afterAll(() => workspace[Symbol.asyncDispose]());

requireOrExplain("redis-server", findRedisServer)("the programs of the Redis page", (program) => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis(program);
    await workspace.write(
      "visit.ts",
      `import { withSessions } from "sojourn/fetch";
       import { disconnect, sessions } from "./sessions.ts";
       const handler = withSessions(sessions, async (_, session) => { await session.login("ada"); return new Response(); });
       const { status } = await handler(new Request("https://shop.example", { method: "POST", headers: { "sec-fetch-site": "same-origin" } }));
       console.log(status, (await sessions.list("ada")).length);
       await sessions.close();
       disconnect();`,
    );
    await workspace.write(
      "probe.ts",
      `import { disconnect, store } from "./by-ioredis.ts";
       await store.open();
       console.log((await store.health({ now: Date.now() })).ok);
       await store.close();
       disconnect();`,
    );
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const node = (file: string, env: Readonly<Record<string, string>> = {}) =>
    run(process.execPath, [QUIET, file], workspace.folder, {
      ...process.env,
      REDIS_URL: `redis://127.0.0.1:${server.port}`,
      ...env,
    });

  test("by node-redis: signs in, warns of the missing append-only file, and writes the keys of the table", async () => {
    const { code, stdout, output } = await node("visit.ts");
    expect([code, stdout.trim()], output).toEqual([0, "200 1"]);
    expect(output).toMatch(/append-only file is off/);
    const kept = (await remainsIn(server.port, "shop:")).map((bytes) =>
      Buffer.from(bytes).toString("latin1"),
    );
    for (const key of [/^shop:s:[\w-]{22}$/, /^shop:u:[\w-]{22}$/, /^shop:meta$/]) {
      expect(
        kept.some((text) => key.test(text)),
        String(key),
      ).toBe(true);
    }
  });

  test("by ioredis: opens and ends", async () => {
    expect(await node("probe.ts")).toMatchObject({ code: 0, stdout: "true\n" });
  });

  test("with ends confirmed, where there is no replica: a logout fails, and the page's program ends", async () => {
    await workspace.write(
      "confirm.ts",
      `import { disconnect, store } from "./confirmed.ts";
       await store.open();
       const outcome = await store.delete("A".repeat(22), "logged-out", { now: Date.now() }).catch((fault) => fault.kind);
       console.log(outcome);
       await disconnect();`,
    );
    expect(await node("confirm.ts")).toMatchObject({ code: 0, stdout: "ambiguous\n" });
  });

  test("on a cluster: opens, finds a node for each key, and ends", async () => {
    await using cluster = await startCluster(program);
    await workspace.write(
      "cluster.ts",
      `import { disconnect, store } from "./on-a-cluster.ts";
       await store.open();
       const { ok } = await store.health({ now: Date.now() });
       console.log(ok, store.tag?.("ada").length, await store.revocation("ada", { now: Date.now() }));
       await disconnect();`,
    );
    const REDIS_NODES = cluster.nodes.map(({ port }) => `redis://127.0.0.1:${port}`).join();
    expect(await node("cluster.ts", { REDIS_NODES })).toMatchObject({ code: 0, stdout: "true 2 \n" });
  });
});
