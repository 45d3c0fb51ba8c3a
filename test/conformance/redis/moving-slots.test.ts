/** A slot moves from one node of a cluster to another while its user is there. */
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { redisStore } from "../../../src/stores/redis.ts";
import { at, begunAt, forStore, userRecord } from "../../../src/testing/store-contract/records.ts";
import { requireOrExplain } from "../../support/requires.ts";
import { findRedisServer } from "../../support/servers/redis.ts";
import { type RedisCluster, startCluster } from "../../support/servers/redis-cluster.ts";
import { CLUSTER_DRIVERS, type Connected } from "../../support/servers/redis-drivers.ts";

requireOrExplain("redis-server", findRedisServer)("a slot on the move", (program) => {
  let cluster: RedisCluster;
  let connected: Connected;
  beforeAll(async () => {
    cluster = await startCluster(program);
    connected = await (CLUSTER_DRIVERS["node-redis"] as (ports: readonly number[]) => Promise<Connected>)(
      cluster.nodes.map(({ port }) => port),
    );
  });
  afterAll(async () => {
    connected.close();
    await cluster[Symbol.asyncDispose]();
  });

  it("lets sessions be used, and has whoever asks for all of a user's wait, so that none is taken for gone", async () => {
    const store = redisStore(connected.client);
    await store.open();
    const [here, there, third] = await forStore(store, async () => [
      userRecord("ada"),
      userRecord("ada"),
      userRecord("ada"),
    ]);
    for (const record of [here, there]) await store.create(record as typeof here, begunAt(0));
    if (!here || !there || !third) throw new Error("three were made");

    const keys = (await cluster.onPrimaries((redis) => redis.keys("sojourn:*:s:*"))).flat();
    const key = keys.find((name) => name.endsWith(there.id)) ?? "";
    const shares = await cluster.shares();
    const any = new Redis({ port: shares[0]?.server.port ?? 0, host: "127.0.0.1" });
    const slot = Number(await any.call("CLUSTER", "KEYSLOT", key));
    any.disconnect();
    const from = shares.find((share) => share.from <= slot && slot <= share.to)?.server.port ?? 0;
    const to = shares.find(({ server }) => server.port !== from)?.server.port ?? 0;
    const [source, target] = [from, to].map((port) => new Redis({ port, host: "127.0.0.1" })) as [
      Redis,
      Redis,
    ];
    const [sourceId, targetId] = [
      String(await source.call("CLUSTER", "MYID")),
      String(await target.call("CLUSTER", "MYID")),
    ];
    const move = (name: string) => source.call("MIGRATE", "127.0.0.1", String(to), name, "0", "5000");
    await target.call("CLUSTER", "SETSLOT", String(slot), "IMPORTING", sourceId);
    await source.call("CLUSTER", "SETSLOT", String(slot), "MIGRATING", targetId);
    await move(key);

    for (const { id } of [here, there]) {
      expect(await store.load(id, at(0))).toMatchObject({ id });
      expect(await store.touch(id, here.idleUntil + 1, at(0))).toBe(true);
    }
    const busy = { kind: "busy" };
    await expect(store.listByUser("ada", { ...at(0), limit: 5 })).rejects.toMatchObject(busy);
    await expect(store.deleteByUser("ada", at(0))).rejects.toMatchObject(busy);
    await expect(store.create(third, begunAt(1))).rejects.toMatchObject(busy);
    await expect(store.scan?.({ ...at(0), limit: 5 })).rejects.toMatchObject(busy);
    expect(await store.delete(here.id, "logged-out", at(0))).toBe("deleted");

    for (const name of await source.keys(`${key.slice(0, key.indexOf("}") + 1)}*`)) await move(name);
    for (const redis of [target, source]) {
      await redis.call("CLUSTER", "SETSLOT", String(slot), "NODE", targetId);
      redis.disconnect();
    }
    const { sessions } = await store.listByUser("ada", { ...at(0), limit: 5 });
    expect(sessions.map(({ id }) => id)).toEqual([there.id]);
    expect(await store.deleteByUser("ada", at(1))).toBe(1);
    expect(await store.create(third, begunAt(0))).toMatchObject({ reason: "revoked" });
  });
});
