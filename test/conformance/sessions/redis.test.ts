/** The promises about sessions, on a Redis server, by each of the drivers. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSessions } from "../../../src/create-sessions.ts";
import { redisStore } from "../../../src/stores/redis.ts";
import { TEST_ORIGIN, TestBrowser } from "../../../src/testing/browser.ts";
import { sessionContract } from "../../../src/testing/session-contract/index.ts";
import { register } from "../../../src/testing/store-contract/register.ts";
import { requireOrExplain } from "../../support/requires.ts";
import { findRedisServer, type RedisServer, startRedis } from "../../support/servers/redis.ts";
import { type Connected, DRIVERS } from "../../support/servers/redis-drivers.ts";

const describeOnRedis = requireOrExplain("redis-server", findRedisServer);

describeOnRedis("sessions in Redis", (program) => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis(program);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  describe.each(Object.entries(DRIVERS))("by %s", (driver, connect) => {
    let connected: Connected;
    let opened = 0;
    beforeAll(async () => {
      connected = await connect(`redis://127.0.0.1:${server.port}`);
    });
    afterAll(() => connected.close());

    // By one of them with the sessions of a user in one slot, as in a cluster.
    const slots = driver === "iovalkey";
    const open = async () => redisStore(connected.client, { prefix: `${driver}-${opened++}:`, slots });
    register(sessionContract({ open, guarantees: { expiry: "native" } }), it);

    it("gives all sessions of a user ids that begin alike, and visitors random ones", async () => {
      const store = redisStore(connected.client, { prefix: `${driver}-alike:`, slots: true });
      await using sessions = createSessions({
        store,
        origin: TEST_ORIGIN,
        storeTimeout: "5s",
        keepOnLogin: ["cart"],
      });
      const begin = (id: string): string => Buffer.from(id, "base64url").toString("hex", 0, 2);
      const visitors = new Set<string>();
      for (let i = 0; i < 20; i++) {
        const tab = new TestBrowser(sessions);
        const { value = "" } = await tab.visit(
          (session) => {
            session.set("cart", 1);
            return session.id;
          },
          { method: "POST" },
        );
        visitors.add(begin(value));
        await tab.visit((session) => session.login("ada"), { method: "POST" });
      }
      const ids = (await sessions.list("ada", { limit: 50 })).map(({ id }) => id);
      expect([ids.length, new Set(ids.map(begin)).size]).toEqual([20, 1]);
      expect(visitors.size).toBeGreaterThan(15);
      expect(ids.map(begin)[0]).toBe(Buffer.from(store.tag?.("ada") ?? []).toString("hex"));
    });

    it("answers 503 in time when the server hangs, and goes on afterwards as if nothing had been", async () => {
      const store = redisStore(connected.client, { prefix: `${driver}-frozen:` });
      await using sessions = createSessions({ store, origin: TEST_ORIGIN, storeTimeout: 500 });
      const tab = new TestBrowser(sessions);
      await tab.visit((session) => session.login("ada"), { method: "POST" });
      const before = tab.copy();
      server.freeze();
      try {
        const { error } = await tab.visit((session) => session.userId);
        expect(error).toMatchObject({ code: "STORE_UNAVAILABLE", kind: "timeout", status: 503 });
      } finally {
        server.thaw();
      }
      expect((await before.visit((session) => session.userId)).value).toBe("ada");
      expect((await sessions.list("ada")).length).toBe(1);
    });
  });
});
