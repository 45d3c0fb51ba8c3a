/** Promise 4 on a server: all that a Redis server keeps, taken by somebody, opens nothing. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createSessions } from "../../src/create-sessions.ts";
import { redisStore } from "../../src/stores/redis.ts";
import { TEST_ORIGIN } from "../../src/testing/browser.ts";
import { fakeClock } from "../../src/testing/clock.ts";
import { requireOrExplain } from "../support/requires.ts";
import { findRedisServer, type RedisServer, startRedis } from "../support/servers/redis.ts";
import { type Connected, DRIVERS } from "../support/servers/redis-drivers.ts";
import { remainsIn } from "../support/servers/redis-remains.ts";
import { formsOf, liveThrough, opensNothing } from "./support/theft.ts";

requireOrExplain("redis-server", findRedisServer)("a stolen dump of Redis", (program) => {
  let server: RedisServer;
  let connected: Connected;
  beforeAll(async () => {
    server = await startRedis(program);
    connected = await (DRIVERS.ioredis as (url: string) => Promise<Connected>)(
      `redis://127.0.0.1:${server.port}`,
    );
  });
  afterAll(async () => {
    connected.close();
    await server[Symbol.asyncDispose]();
  });

  it("holds no secret in any form, and nothing in it opens a session", async () => {
    const clock = fakeClock();
    const store = redisStore(connected.client);
    await using sessions = createSessions({
      store,
      origin: TEST_ORIGIN,
      mode: "development",
      clock: clock.now,
    });
    const { tab, tokens } = await liveThrough(sessions, clock);
    const dump = Buffer.concat([...(await remainsIn(server.port, ""))]);
    for (const token of tokens) for (const form of formsOf(token)) expect(dump.includes(form)).toBe(false);
    await opensNothing(dump, tab);
  });
});
