/** Two nodes with caches on one Redis server, which tells each of what the other changes, by each of the drivers. */
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSessions } from "../../../src/create-sessions.ts";
import {
  type RedisClient,
  type RedisDuplicable,
  redisInvalidations,
  redisStore,
} from "../../../src/stores/redis.ts";
import { tiered } from "../../../src/stores/tiered.ts";
import { TEST_ORIGIN, TestBrowser } from "../../../src/testing/browser.ts";
import { tries, whose } from "../../support/nodes.ts";
import { requireOrExplain } from "../../support/requires.ts";
import { findRedisServer, type RedisServer, startRedis } from "../../support/servers/redis.ts";
import { type Connected, DRIVERS, OLDER_DRIVERS } from "../../support/servers/redis-drivers.ts";
import { layWire, until, type Wire } from "../../support/servers/wire.ts";

const POST = { method: "POST" } as const;

requireOrExplain("redis-server", findRedisServer)("caches that Redis tells of changes", (program) => {
  let server: RedisServer;
  let wire: Wire;
  beforeAll(async () => {
    server = await startRedis(program);
    wire = await layWire(server.port);
  });
  afterAll(async () => {
    await wire[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  describe.each(Object.entries({ ...DRIVERS, ...OLDER_DRIVERS }))("by %s", (driver, connect) => {
    let here: Connected;
    let there: Connected;
    let opened = 0;
    beforeAll(async () => {
      here = await connect(`redis://127.0.0.1:${server.port}`);
      there = await connect(`redis://127.0.0.1:${wire.port}`);
    });
    afterAll(() => {
      here.close();
      there.close();
    });

    /** A node that signs people in, and one that only ever reads, whose connections can be cut. */
    async function nodes(slots = false) {
      const prefix = `${driver.replace(" ", "-")}[${opened++}]:`;
      const node = ({ client }: Connected) => {
        const invalidations = redisInvalidations(duplicable(client), { prefix });
        const store = tiered({ maxAge: "1m", invalidations }, redisStore(client, { prefix, slots }));
        return { store, sessions: createSessions({ store, origin: TEST_ORIGIN, storeTimeout: "5s" }) };
      };
      const [first, second] = [node(here), node(there)];
      await Promise.all([first.sessions.ready(), second.sessions.ready()]);
      const login = async (userId: string) => {
        const tab = new TestBrowser(first.sessions);
        await tab.visit((session) => session.login(userId), POST);
        const elsewhere = tab.copy(second.sessions);
        expect(await whose(elsewhere)).toBe(userId);
        return { tab, elsewhere };
      };
      return {
        first,
        second,
        login,
        prefix,
        async [Symbol.asyncDispose]() {
          await Promise.all([first.sessions.close(), second.sessions.close()]);
        },
      };
    }

    test("a revocation on one node is seen on the other as soon as the message is there", async () => {
      await using world = await nodes();
      const [ada, bob, carol] = [
        await world.login("ada"),
        await world.login("bob"),
        await world.login("carol"),
      ];
      // When the last of what was told so far has come, what is read next stays.
      await world.first.sessions.revokeAll("carol");
      expect(await tries(async () => (await whose(carol.elsewhere)) === null)).toBe(true);
      const fromCopies = async () => {
        const { hits } = world.second.store.stats();
        const users = [await whose(ada.elsewhere), await whose(bob.elsewhere)];
        return [...users, world.second.store.stats().hits - hits];
      };
      await fromCopies();
      expect(await fromCopies()).toEqual(["ada", "bob", 2]);
      await world.first.sessions.revokeAll("ada");
      expect(await tries(async () => (await whose(ada.elsewhere)) === null)).toBe(true);
      expect(await fromCopies()).toEqual([null, "bob", 1]); // nobody else's copy went
    });

    test("so are a change of data, and everybody's sessions ended at once, also where they lie in slots", async () => {
      await using world = await nodes(true);
      const { tab, elsewhere } = await world.login("ada");
      await tab.visit((session) => session.set("cart", ["tea"]), POST);
      const cart = async () => (await elsewhere.visit((session) => session.get("cart"))).value;
      expect(await tries(async () => (await cart()) !== undefined)).toBe(true);
      await world.first.sessions.revokeEveryone();
      expect(await tries(async () => (await whose(elsewhere)) === null)).toBe(true);
      const { elsewhere: bob } = await world.login("bob");
      await empty(server.port);
      expect(await tries(async () => (await whose(bob)) === null)).toBe(true);
    });

    test("with the connection lost, every read goes to the store until it is back", async () => {
      await using world = await nodes();
      const { elsewhere } = await world.login("ada");
      const { store } = world.second;
      await wire.cut();
      await until(async () => !store.stats().isServing);
      expect(store.stats().sessions).toBe(0);
      const { error } = await elsewhere.visit((session) => session.userId);
      expect(error).toMatchObject({ code: "STORE_UNAVAILABLE" });
      await world.first.sessions.revokeAll("ada");
      await wire.mend();
      await until(async () => store.stats().isServing);
      await until(async () => (await store.health({ now: 0, signal: AbortSignal.timeout(2000) })).ok);
      await until(async () => (await elsewhere.visit((session) => session.userId)).error === null);
      expect(await whose(elsewhere)).toBeNull();
    });
  });

  test.each(Object.entries({ ...DRIVERS, ...OLDER_DRIVERS }))(
    "%s ends while it waits for a silent server",
    async (_, connect) => {
      const { client, close } = await connect(`redis://127.0.0.1:${wire.port}`);
      wire.hold();
      try {
        const reasons: string[] = [];
        const stop = redisInvalidations(duplicable(client)).listen({
          up: () => void reasons.push("up"),
          down: (reason) => void reasons.push(reason),
          changed() {},
        });
        await stop();
        expect(reasons).toEqual([]);
      } finally {
        await wire.mend();
        close();
      }
    },
  );

  test("what the server may not tell leaves the cache off, and `ready` says why", async () => {
    const admin = new Redis({ port: server.port });
    await admin.acl("SETUSER", "cache", "on", ">pass", "~*", "&*", "+@all", "-client|tracking");
    const limited = new Redis({ port: server.port, username: "cache", password: "pass" });
    const store = tiered({ maxAge: "1m", invalidations: redisInvalidations(limited) }, redisStore(limited));
    const warnings = await store.open();
    expect(warnings.join()).toMatch(/every read goes to the store.*lacks a permission.*NOPERM/);
    expect(store.stats().isServing).toBe(false);
    await store.close();
    limited.disconnect();
    admin.disconnect();
  });
});

/** As an operator would: the server then says that everything changed. */
async function empty(port: number): Promise<void> {
  const admin = new Redis({ port });
  await admin.flushall();
  admin.disconnect();
}

function duplicable(client: RedisClient): RedisDuplicable {
  if ("duplicate" in client && typeof client.duplicate === "function") return client as RedisDuplicable;
  throw new Error("this driver makes no second connection");
}
