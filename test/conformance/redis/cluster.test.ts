/** Sessions in a cluster of six nodes: the store contract, and what only a cluster shows. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { redisStore } from "../../../src/stores/redis.ts";
import {
  at,
  begunAt,
  forStore,
  newId,
  userRecord,
  visitorRecord,
} from "../../../src/testing/store-contract/records.ts";
import { requireOrExplain } from "../../support/requires.ts";
import { findRedisServer } from "../../support/servers/redis.ts";
import { type RedisCluster, startCluster } from "../../support/servers/redis-cluster.ts";
import { CLUSTER_DRIVERS, type Connected, DRIVERS } from "../../support/servers/redis-drivers.ts";
import { contractOnCluster } from "./contract.ts";

const OTHERS = Object.keys(CLUSTER_DRIVERS).filter((driver) => driver !== "node-redis");

requireOrExplain("redis-server", findRedisServer)("a Redis cluster", (program) => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startCluster(program);
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  describe("the store contract, by node-redis", () => contractOnCluster("node-redis", () => cluster, "all"));
  describe.each(OTHERS)("the store contract, by %s", (driver) =>
    contractOnCluster(driver, () => cluster, "one of each"),
  );

  describe.each(["node-redis", "ioredis"])("by %s", (driver) => {
    let connected: Connected;
    let store: SessionStore;
    beforeAll(async () => {
      connected = await (CLUSTER_DRIVERS[driver] as (ports: readonly number[]) => Promise<Connected>)(
        cluster.nodes.map(({ port }) => port),
      );
      store = redisStore(connected.client, { prefix: `${driver}:` });
      await store.open();
    });
    afterAll(() => connected.close());

    const keysOf = (pattern: string): Promise<readonly (readonly string[])[]> =>
      cluster.onPrimaries(async (redis) => (await redis.keys(`${driver}:${pattern}`)).sort());

    it("has sessions of users and of visitors at each primary, and the key of the digests too", async () => {
      await forStore(store, async () => {
        for (let i = 0; i < 60; i++) {
          await store.create(userRecord(`user-${i}`), begunAt(0));
          await store.create(visitorRecord(), begunAt(0));
        }
      });
      for (const pattern of ["*:s:*", "*:u:*"]) {
        for (const keys of await keysOf(pattern)) expect(keys.length).toBeGreaterThan(9);
      }
      expect((await keysOf("{meta-*}")).map((keys) => keys.length)).toEqual([1, 1, 1]);
    });

    it("confirms ends at the node that has them, and ends everything at each node", async () => {
      const waiting = await (CLUSTER_DRIVERS[driver] as (ports: readonly number[]) => Promise<Connected>)(
        cluster.nodes.map(({ port }) => port),
      );
      const own = redisStore(connected.client, {
        prefix: `${driver}-confirmed:`,
        confirmEnds: { client: waiting.client, within: "5s" },
      });
      await own.open();
      const records = await forStore(own, async () =>
        Array.from({ length: 20 }, (_, i) => userRecord(`user-${i}`)),
      );
      for (const record of records) await own.create(record, begunAt(0));
      for (const { id } of records.slice(0, 5))
        expect(await own.delete(id, "revoked", at(0))).toBe("deleted");
      expect(await own.deleteByUser("user-7", at(0))).toBe(1);
      await own.deleteAll(at(0));
      for (const { id } of records) expect(await own.load(id, at(0))).toMatchObject({ ended: "revoked" });
      waiting.close();
    });

    it("that lost the key of the digests at one node, or at all of them, gets it again", async () => {
      const record = await forStore(store, async () => userRecord("ada"));
      await store.create(record, begunAt(0));
      await cluster.onPrimaries(async (redis) => {
        const [meta] = await redis.keys(`${driver}:{meta-*}`);
        if (meta === `${driver}:{meta-a}`) await redis.del(meta);
      });
      const other = redisStore(connected.client, { prefix: `${driver}:` });
      await other.open();
      expect(other.tag?.("ada")).toEqual(store.tag?.("ada"));
      await cluster.onPrimaries(async (redis) => {
        for (const meta of await redis.keys(`${driver}:{meta-*}`)) await redis.del(meta);
      });
      expect((await store.listByUser("ada", { ...at(0), limit: 5 })).sessions.map(({ id }) => id)).toEqual([
        record.id,
      ]);
      expect((await keysOf("{meta-*}")).map((keys) => keys.length)).toEqual([1, 1, 1]);
    });

    it("that was emptied and set up by another process is used with that one's key", async () => {
      const stale = await forStore(store, async () => newId("ada"));
      await cluster.onPrimaries((redis) => redis.flushall());
      const other = redisStore(connected.client, { prefix: `${driver}:` });
      await other.open();
      await other.deleteByUser("ada", at(0));
      expect(await store.create(userRecord("ada", { id: stale }), begunAt(1))).toMatchObject({
        reason: "collision",
      });
      expect(store.tag?.("ada")).toEqual(other.tag?.("ada"));
      await forStore(store, async () => {
        expect(await store.create(userRecord("ada"), begunAt(0))).toMatchObject({ reason: "revoked" });
        expect(await store.create(userRecord("ada"), begunAt(1))).toEqual({ ok: true });
      });
      expect(await other.deleteByUser("ada", at(2))).toBe(1);
    });
  });

  it("is not used through a client of one of its nodes", async () => {
    const [node] = cluster.nodes;
    const connected = await (DRIVERS.ioredis as (url: string) => Promise<Connected>)(
      `redis://127.0.0.1:${node?.port}`,
    );
    await expect(redisStore(connected.client).open()).rejects.toThrow(/client for Redis Cluster/);
    connected.close();
  });
});
