/** A replica beside the primary: ends that wait for it, and Sentinel that puts it in the primary's place. */
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createSessions } from "../../../src/create-sessions.ts";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { senderOf } from "../../../src/stores/redis/client.ts";
import { type RedisSender, redisStore } from "../../../src/stores/redis.ts";
import { TEST_ORIGIN, TestBrowser } from "../../../src/testing/browser.ts";
import { at, begunAt, userRecord, visitorRecord } from "../../../src/testing/store-contract/records.ts";
import { requireOrExplain } from "../../support/requires.ts";
import { findRedisServer, startRedis } from "../../support/servers/redis.ts";
import { type Connected, DRIVERS, SENTINEL_DRIVERS } from "../../support/servers/redis-drivers.ts";
import {
  infoOf,
  type Pair,
  type Sentinels,
  startPair,
  startSentinels,
} from "../../support/servers/redis-sentinel.ts";
import { until } from "../../support/servers/wire.ts";

const describeOnRedis = requireOrExplain("redis-server", findRedisServer);

describeOnRedis("ends that wait for a replica", (program) => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair(program);
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  describe.each(["node-redis", "ioredis"])("by %s", (driver) => {
    const connections: Connected[] = [];
    let opened = 0;
    const connect = async (port: number): Promise<Connected> => {
      const connection = await (DRIVERS[driver] as (url: string) => Promise<Connected>)(
        `redis://127.0.0.1:${port}`,
      );
      connections.push(connection);
      return connection;
    };
    let store: SessionStore;
    let onReplica: Connected;
    const confirming = (client: Connected, by: Connected, within: number): SessionStore =>
      redisStore(client.client, {
        prefix: `${driver}-${opened}:`,
        confirmEnds: { client: by.client, replicas: 1, within },
      });
    beforeEach(async () => {
      opened += 1;
      const [client, by] = [await connect(pair.primary.port), await connect(pair.primary.port)];
      onReplica = await connect(pair.replica.port);
      store = confirming(client, by, 5000);
      await store.open();
    });
    afterAll(() => {
      for (const { close } of connections) close();
    });

    /** As it is there now, whatever is under way to it. */
    const there = (id: string): Promise<unknown> =>
      redisStore(onReplica.client, { prefix: `${driver}-${opened}:` }).load(id, at(0));

    it("are there when the call resolves", async () => {
      const [first, second, third] = [userRecord("ada"), userRecord("ada"), visitorRecord()];
      for (const record of [first, second, third]) await store.create(record, begunAt(0));
      await store.delete(first.id, "logged-out", at(0));
      expect(await there(first.id)).toMatchObject({ ended: "logged-out" });
      await store.deleteByUser("ada", at(0));
      expect(await there(second.id)).toMatchObject({ ended: "revoked" });
      await store.deleteAll(at(0));
      expect(await there(third.id)).toMatchObject({ ended: "revoked" });
    });

    it("fail as ambiguous while it does not answer: ended, and confirmed by a repeat", async () => {
      const records = [userRecord("ada"), userRecord("bob"), visitorRecord()] as const;
      for (const record of records) await store.create(record, begunAt(0));
      const [client, by] = [await connect(pair.primary.port), await connect(pair.primary.port)];
      const hasty = confirming(client, by, 50);
      await hasty.open();
      pair.replica.freeze();
      try {
        const ends = [
          () => hasty.delete(records[0].id, "logged-out", at(0)),
          () => hasty.deleteByUser("bob", at(0)),
          () => hasty.deleteAll(at(0)),
        ];
        for (const end of ends) await expect(end()).rejects.toMatchObject({ kind: "ambiguous" });
        for (const { id } of records) expect(await hasty.load(id, at(0))).toHaveProperty("ended");
        await expect(hasty.delete(records[0].id, "logged-out", at(0))).rejects.toMatchObject({
          kind: "ambiguous",
        });
      } finally {
        pair.replica.thaw();
      }
      expect(await store.delete(records[0].id, "logged-out", at(0))).toBe("gone");
      for (const { id } of records) expect(await there(id)).toHaveProperty("ended");
    });

    it("are waited for also where a login takes the place of a session of the same user", async () => {
      const [old, next] = [userRecord("ada"), userRecord("ada")];
      await store.create(old, begunAt(0));
      const replaces = { id: old.id, version: old.version };
      await store.create(next, begunAt(0, { replaces }));
      expect(await there(old.id)).toMatchObject({ ended: "replaced" });
      const [client, by] = [await connect(pair.primary.port), await connect(pair.primary.port)];
      const [hasty, third] = [confirming(client, by, 50), userRecord("ada")];
      await hasty.open();
      pair.replica.freeze();
      const again = begunAt(0, { replaces: { id: next.id, version: next.version } });
      try {
        await expect(hasty.create(third, again)).rejects.toMatchObject({ kind: "ambiguous" });
        await expect(hasty.create(third, again)).rejects.toMatchObject({ kind: "ambiguous" });
        expect(await hasty.create(userRecord("ada"), begunAt(0))).toEqual({ ok: true });
      } finally {
        pair.replica.thaw();
      }
      expect(await store.create(third, again)).toEqual({ ok: true });
      expect(await there(next.id)).toMatchObject({ ended: "replaced" });
    });

    it("are not confirmed by a connection made anew, which knows of no write to wait for", async () => {
      const [client, first] = [await connect(pair.primary.port), await connect(pair.primary.port)];
      // Says nothing at all before it is told to, not even who it is.
      const bare = { protocol: 2, enableReadyCheck: false, disableClientInfo: true } as const;
      const second = new Redis({ port: pair.primary.port, host: "127.0.0.1", ...bare });
      connections.push({ client: second, close: () => second.disconnect() });
      const senders = [senderOf(first.client), senderOf(second)];
      // As of a driver that was cut off after the write, and repeats what it had not sent yet.
      let isLost = false;
      const by: RedisSender = {
        send: async (args) => {
          isLost ||= args[0] === "WAIT";
          return senders[isLost ? 1 : 0]?.send(args);
        },
      };
      const record = userRecord("ada");
      const forgetful = confirming(client, { ...first, client: by }, 1000);
      await store.create(record, begunAt(0));
      pair.replica.freeze();
      try {
        await expect(forgetful.delete(record.id, "logged-out", at(0))).rejects.toMatchObject({
          kind: "ambiguous",
          message: expect.stringMatching(/connection was made anew/),
        });
      } finally {
        pair.replica.thaw();
      }
      expect(await forgetful.delete(record.id, "logged-out", at(0))).toBe("gone");
    });

    it("are not confirmed by a server that does not have them", async () => {
      await using other = await startRedis(program);
      const [client, by] = [await connect(other.port), await connect(pair.primary.port)];
      const torn = confirming(client, by, 5000);
      await torn.open();
      const record = userRecord("ada");
      await torn.create(record, begunAt(0));
      const nowhere = { kind: "ambiguous", message: expect.stringMatching(/does not have the end/) };
      await expect(torn.delete(record.id, "logged-out", at(0))).rejects.toMatchObject(nowhere);
      await expect(torn.deleteByUser("ada", at(0))).rejects.toMatchObject(nowhere);
      await expect(torn.deleteAll(at(0))).rejects.toMatchObject(nowhere);
      by.close();
      await expect(torn.delete(record.id, "logged-out", at(0))).rejects.toMatchObject({ kind: "ambiguous" });
    });

    it("leave the cookie alone when a logout is not known to last, and reads are not held up", async () => {
      const [client, by] = [await connect(pair.primary.port), await connect(pair.primary.port)];
      const hasty = confirming(client, by, 50);
      await using sessions = createSessions({ store: hasty, origin: TEST_ORIGIN, storeTimeout: "2s" });
      const [tab, other] = [new TestBrowser(sessions), new TestBrowser(sessions)];
      for (const each of [tab, other])
        await each.visit((session) => session.login("ada"), { method: "POST" });
      pair.replica.freeze();
      try {
        const leaving = tab.visit((session) => session.logout(), { method: "POST" });
        expect((await other.visit((session) => session.userId)).value).toBe("ada");
        const { error, setCookies } = await leaving;
        expect(error).toMatchObject({ status: 503, kind: "ambiguous" });
        expect(setCookies).toEqual([]);
      } finally {
        pair.replica.thaw();
      }
      expect((await tab.visit((session) => session.userId)).value).toBeNull();
    });
  });
});

describeOnRedis("Sentinel", (program) => {
  let pair: Pair;
  let sentinels: Sentinels;
  const found: { readonly driver: string; readonly connected: Connected; readonly store: SessionStore }[] =
    [];
  beforeAll(async () => {
    pair = await startPair(program);
    sentinels = await startSentinels(program, pair.primary.port);
    for (const [driver, connect] of Object.entries(SENTINEL_DRIVERS)) {
      const connected = await connect(sentinels.name, sentinels.ports);
      const [confirming, prefix] = [await connect(sentinels.name, sentinels.ports), `${driver}:`];
      const store = redisStore(connected.client, {
        prefix,
        confirmEnds: { client: confirming.client, within: "5s" },
      });
      await store.open();
      found.push({ driver, connected, store }, { driver, connected: confirming, store });
    }
  });
  afterAll(async () => {
    for (const { connected } of found) connected.close();
    await sentinels[Symbol.asyncDispose]();
    await pair[Symbol.asyncDispose]();
  });

  it("puts the replica in the place of a dead primary: sessions are there, what ended has ended, by each driver", async () => {
    const stores = [...new Set(found.map(({ store }) => store))];
    const [live, ended] = [userRecord("ada"), userRecord("ada")];
    for (const store of stores) {
      for (const record of [live, ended]) await store.create(record, begunAt(0));
      await store.delete(ended.id, "logged-out", at(0));
    }
    await pair.primary.kill();
    await until(async () => (await infoOf(pair.replica.port)).includes("role:master"));
    for (const store of stores) {
      await until(async () => (await store.load(live.id, soon())) !== null);
      expect(await store.load(live.id, at(0))).toMatchObject({ id: live.id, version: live.version });
      expect(await store.load(ended.id, at(0))).toMatchObject({ ended: "logged-out" });
      await until(
        async () => (await store.create(userRecord("bob"), { ...soon(), since: { startedAt: 0 } })).ok,
      );
      expect(await store.touch(live.id, live.idleUntil + 1, at(0))).toBe(true);
    }
  });
});

function soon() {
  return { ...at(0), signal: AbortSignal.timeout(2000) };
}
