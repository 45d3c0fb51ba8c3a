/** Promise 4 on a server: all that a Redis server keeps, taken by somebody, opens nothing. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createSessions } from "../../src/create-sessions.ts";
import { redisStore } from "../../src/stores/redis.ts";
import { TEST_ORIGIN, TestBrowser } from "../../src/testing/browser.ts";
import { fakeClock } from "../../src/testing/clock.ts";
import { requireOrExplain } from "../support/requires.ts";
import { findRedisServer, type RedisServer, startRedis } from "../support/servers/redis.ts";
import { type Connected, DRIVERS } from "../support/servers/redis-drivers.ts";
import { remainsIn } from "../support/servers/redis-remains.ts";

const POST = { method: "POST" } as const;

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
    const tab = new TestBrowser(sessions);
    const tokens = new Set<string>();
    const step = async (...args: Parameters<TestBrowser["visit"]>): Promise<void> => {
      await tab.visit(...args);
      for (const value of tab.jar.values()) tokens.add(value);
    };
    await step((session) => void tokens.add(session.csrfToken()));
    await step((session) => session.login("ada"), POST);
    await step((session) => session.renew(), POST);
    for (let turn = 0; turn < 4; turn++) {
      clock.advance(16 * 60_000);
      await step((session) => session.userId);
    }
    expect(tokens.size).toBeGreaterThan(3);
    const dump = Buffer.concat([...(await remainsIn(server.port, ""))]);
    for (const token of tokens) {
      const bytes = Buffer.from(token, "base64url");
      const secret = bytes.length === 48 ? bytes.subarray(16) : bytes;
      for (const half of [secret, secret.subarray(0, 16), secret.subarray(16)]) {
        for (const form of [
          half,
          half.toString("hex"),
          half.toString("base64url"),
          half.toString("base64").replaceAll("=", ""),
        ])
          expect(dump.includes(form)).toBe(false);
      }
    }
    const [name = ""] = tab.jar.keys();
    const thief = tab.copy();
    for (let at = 0; at + 48 <= dump.length; at++) {
      thief.jar.set(name, dump.subarray(at, at + 48).toString("base64url"));
      expect((await thief.visit((session) => session.userId)).value).toBeNull();
    }
    expect((await tab.visit((session) => session.userId)).value).toBe("ada");
  });
});
