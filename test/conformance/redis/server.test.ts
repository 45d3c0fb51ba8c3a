/** What only a real server shows: how long keys stay, what is left in the index, and what it does when it is emptied or full. */
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { redisStore } from "../../../src/stores/redis.ts";
import { at, begunAt, MINUTE, START, userRecord } from "../../../src/testing/store-contract/records.ts";
import { requireOrExplain } from "../../support/requires.ts";
import { findRedisServer, type RedisServer, startRedis } from "../../support/servers/redis.ts";
import { type Connected, DRIVERS } from "../../support/servers/redis-drivers.ts";

const describeOnRedis = requireOrExplain("redis-server", findRedisServer);

describeOnRedis("a Redis server", (program) => {
  let server: RedisServer;
  let raw: Redis;
  let store: SessionStore;
  beforeAll(async () => {
    server = await startRedis(program);
    raw = new Redis({ port: server.port, host: "127.0.0.1" });
  });
  afterAll(async () => {
    raw.disconnect();
    await server[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    await raw.config("SET", "maxmemory", "0", "maxmemory-policy", "noeviction");
    await raw.flushall();
    store = redisStore(raw);
    await store.open();
  });

  const keysLike = async (pattern: string): Promise<readonly string[]> => (await raw.keys(pattern)).sort();
  const ttl = async (key: string): Promise<number> => Number(await raw.pttl(key));

  it("keeps each key for as long as it is needed and two minutes more, and none for ever but the meta key", async () => {
    const record = userRecord("ada", { idleUntil: START + 10 * MINUTE, absoluteUntil: START + 60 * MINUTE });
    await store.create(record, begunAt(0));
    const [session = ""] = await keysLike("sojourn:s:*");
    const near = (minutes: number) => [(minutes - 1) * MINUTE, minutes * MINUTE] as const;
    const expectTtl = async (key: string, [from, to]: readonly [number, number]): Promise<void> => {
      const left = await ttl(key);
      expect(left).toBeGreaterThan(from);
      expect(left).toBeLessThanOrEqual(to);
    };
    await expectTtl(session, near(12));
    await expectTtl((await keysLike("sojourn:u:*"))[0] ?? "", near(62));
    await store.touch(record.id, START + 30 * MINUTE, at(0));
    await expectTtl(session, near(32));
    await store.touch(record.id, START + 90 * MINUTE, at(0));
    await expectTtl(session, near(62));
    await store.deleteByUser("ada", at(0));
    await expectTtl(session, near(12));
    await expectTtl((await keysLike("sojourn:m:*"))[0] ?? "", near(17));
    expect(await keysLike("*")).toEqual([expect.stringMatching(/:m:/), "sojourn:meta", session]);
  });

  it("drops from the index what the server forgot: at a listing all, at logins bit by bit", async () => {
    for (let i = 0; i < 60; i++) await store.create(userRecord("ada"), begunAt(0));
    const [index = ""] = await keysLike("sojourn:u:*");
    for (const key of await keysLike("sojourn:s:*")) await raw.del(key);
    for (let i = 0; i < 200; i++) {
      const record = userRecord("ada");
      await store.create(record, begunAt(0));
      await raw.del(`sojourn:s:${record.id}`);
    }
    expect(await raw.zcard(index)).toBeLessThan(60);
    expect((await store.listByUser("ada", { ...at(0), limit: 5 })).sessions).toEqual([]);
    expect(await raw.exists(index)).toBe(0);
  });

  it("that lost its meta key gets it again, and the user's sessions are found and ended as ever", async () => {
    const record = userRecord("ada");
    await store.create(record, begunAt(0));
    await raw.del("sojourn:meta");
    expect((await store.listByUser("ada", { ...at(0), limit: 5 })).sessions.map(({ id }) => id)).toEqual([
      record.id,
    ]);
    const other = redisStore(raw);
    await other.open();
    expect(await other.deleteByUser("ada", at(0))).toBe(1);
  });

  it("that was emptied and set up by another process is used with that one's key", async () => {
    await raw.flushall();
    const other = redisStore(raw);
    await other.open();
    await other.deleteByUser("ada", at(0));
    expect(await store.revocation("ada", at(0))).toBe(await other.revocation("ada", at(0)));
    expect(await store.create(userRecord("ada"), { ...at(0), since: { startedAt: START } })).toMatchObject({
      reason: "revoked",
    });
  });

  it("with its memory full takes no login, and still ends sessions", async () => {
    const records = [userRecord("ada"), userRecord("ada"), userRecord("ada")] as const;
    for (const record of records) await store.create(record, begunAt(0));
    await store.deleteByUser("bob", at(0)); // loads the scripts
    await raw.config("SET", "maxmemory", "1");
    await expect(store.create(userRecord("ada"), begunAt(0))).rejects.toMatchObject({ kind: "unavailable" });
    expect(await store.delete(records[0].id, "logged-out", at(0))).toBe("deleted");
    await raw.config("SET", "maxmemory", "0");
    expect(await store.load(records[0].id, at(0))).toBeNull();
    expect((await store.listByUser("ada", { ...at(0), limit: 5 })).sessions.length).toBe(2);
  });

  it("ends a damaged session with the others, and answers damaged to who loads it", async () => {
    const record = userRecord("ada");
    await store.create(record, begunAt(0));
    await raw.set(`sojourn:s:${record.id}`, "made up");
    await expect(store.load(record.id, at(0))).rejects.toMatchObject({ kind: "damaged" });
    await expect(store.touch(record.id, START, at(0))).rejects.toMatchObject({ kind: "damaged" });
    await store.deleteByUser("ada", at(0));
    expect(await store.load(record.id, at(0))).toMatchObject({ ended: "revoked" });
  });

  it("where somebody has put something else in the place of a session, ends it with the others", async () => {
    const records = [userRecord("ada"), userRecord("ada"), userRecord("ada"), userRecord("ada")] as const;
    for (const record of records) await store.create(record, begunAt(0));
    const [list = "", short = "", empty = ""] = records.map(({ id }) => `sojourn:s:${id}`);
    await raw.del(list);
    await raw.rpush(list, "made", "up");
    await raw.set(short, "\u0002cut");
    await raw.set(empty, "");
    for (const { id } of records.slice(0, 3)) {
      await expect(store.load(id, at(0))).rejects.toMatchObject({ kind: "damaged" });
      await expect(store.delete(id, "revoked", at(0))).rejects.toMatchObject({ kind: "damaged" });
    }
    expect(await store.deleteByUser("ada", at(0))).toBe(1);
    for (const { id } of records) expect(await store.load(id, at(0))).toMatchObject({ ended: "revoked" });
    await raw.del(list);
    await raw.hset(list, "made", "up");
    await store.deleteAll(at(0));
    expect(await store.load(records[0].id, at(0))).toMatchObject({ ended: "revoked" });
  });

  it("where a limit meets a user with very many sessions, ends them in steps, the oldest alone", async () => {
    const records = Array.from({ length: 400 }, (_, i) => userRecord("ada", { createdAt: START + i }));
    for (const record of records) await store.create(record, begunAt(0));
    await raw.set(`sojourn:s:${records[200]?.id}`, "made up");
    await raw.del(`sojourn:s:${records[399]?.id}`);
    const [replaced, next] = [records[100], userRecord("ada", { createdAt: START + 400 })];
    const ends: [string, string][] = [];
    const scripts = await scriptsOf(raw, () =>
      store.create(next, {
        ...begunAt(0, { limit: { max: 5, over: "evict-oldest" } }),
        replaces: { id: replaced?.id ?? "", version: replaced?.version ?? "" },
        onEnded: ({ id }, reason) => ends.push([id, reason]),
      }),
    );
    expect(scripts).toBeGreaterThan(400 / 64);
    const { sessions } = await store.listByUser("ada", { ...at(0), limit: 500 });
    expect(sessions.map(({ id }) => id)).toEqual(
      [next, ...records.slice(395, 399).toReversed()].map(({ id }) => id),
    );
    expect(ends.filter(([, reason]) => reason === "limit").length).toBe(393);
    expect(ends.filter(([, reason]) => reason !== "limit")).toEqual([[replaced?.id, "replaced"]]);
  });

  it("where a limit refuses, does not count what is damaged", async () => {
    const records = Array.from({ length: 20 }, (_, i) => userRecord("ada", { createdAt: START + i }));
    for (const record of records) await store.create(record, begunAt(0));
    const limit = { max: 20, over: "refuse" } as const;
    const next = userRecord("ada");
    expect(await store.create(next, begunAt(0, { limit }))).toEqual({ ok: false, reason: "full" });
    await raw.set(`sojourn:s:${records[0]?.id}`, "made up");
    expect(await store.create(next, begunAt(0, { limit }))).toEqual({ ok: true });
  });

  it("where a limit refuses, looks at very many entries in steps: dead ones go, live ones count", async () => {
    const records = Array.from({ length: 600 }, (_, i) => userRecord("ada", { createdAt: START + i }));
    for (const record of records) await store.create(record, begunAt(0));
    const [index = ""] = await keysLike("sojourn:u:*");
    const login = (max: number) =>
      store.create(userRecord("ada"), begunAt(0, { limit: { max, over: "refuse" } }));
    expect(await scriptsOf(raw, async () => expect(await login(9)).toMatchObject({ reason: "full" }))).toBe(
      1,
    );
    for (const { id } of records.slice(9, 300)) await raw.del(`sojourn:s:${id}`);
    for (const { id, createdAt } of records.slice(300)) {
      await store.delete(id, "logged-out", at(0));
      await raw.zadd(index, -createdAt, id); // as where it lay on another node
    }
    const steps = await scriptsOf(raw, async () => expect(await login(10)).toEqual({ ok: true }));
    expect(steps).toBeGreaterThan(600 / (10 + 128));
    expect(await raw.zcard(index)).toBe(10);
    expect(await login(10)).toEqual({ ok: false, reason: "full" });
  });

  it("may forget its scripts at any time", async () => {
    const record = userRecord("ada");
    await raw.script("FLUSH");
    expect(await store.create(record, begunAt(0))).toEqual({ ok: true });
    await raw.script("FLUSH");
    expect(await store.touch(record.id, START, at(0))).toBe(true);
  });

  it("shared with others loses nothing of theirs to deleteAll", async () => {
    await store.create(userRecord("ada"), begunAt(0));
    const nested = redisStore(raw, { prefix: "sojourn:s:" });
    await nested.open();
    const record = userRecord("bob");
    await nested.create(record, begunAt(0));
    await raw.set("sojourn:s:somebody-else", "x");
    await store.deleteAll(at(0));
    expect(await nested.load(record.id, at(0))).toMatchObject({ id: record.id, userId: "bob" });
    expect(await raw.get("sojourn:s:somebody-else")).toBe("x");
  });

  it("is told about at open: eviction, no append-only file", async () => {
    await raw.config("SET", "maxmemory-policy", "allkeys-lru");
    const warnings = await store.open();
    expect(warnings.join("\n")).toMatch(/maxmemory-policy is allkeys-lru.*append-only file is off/s);
    await raw.config("SET", "maxmemory-policy", "noeviction", "appendonly", "yes");
    expect(await store.open()).toEqual([]);
    await raw.config("SET", "appendonly", "no");
  });

  it("whose user may only do what the guide says is used in full, but for the checks at open", async () => {
    const commands =
      "get set del exists getrange setrange pttl pexpire zadd zrem zrange zrank zscore zcard eval evalsha scan ping time";
    const rules = commands.split(" ").map((command) => `+${command}`);
    await raw.acl("SETUSER", "shop", "on", ">pass", "~sojourn:*", ...rules);
    const connected = await (DRIVERS.ioredis as (url: string) => Promise<Connected>)(
      `redis://shop:pass@127.0.0.1:${server.port}`,
    );
    const limited = redisStore(connected.client);
    expect((await limited.open()).join()).toMatch(/INFO is not permitted/);
    const record = userRecord("ada");
    await limited.create(record, begunAt(0));
    await limited.touch(record.id, START, at(0));
    await limited.listByUser("ada", { ...at(0), limit: 1 });
    await limited.deleteAll(at(0));
    expect(await limited.deleteByUser("ada", at(0))).toBe(0);
    connected.close();
  });

  describe.each(Object.entries(DRIVERS))("by %s", (_, connect) => {
    it("takes and gives every byte, in values and in what scripts answer", async () => {
      const connected = await connect(`redis://127.0.0.1:${server.port}`);
      const own = redisStore(connected.client);
      const payload = Uint8Array.from({ length: 256 }, (__, i) => i);
      const record = userRecord("ada", { payload, credentials: payload });
      await own.create(record, begunAt(0));
      expect(await own.load(record.id, at(0))).toEqual(record);
      expect(await own.save(record, "another", at(0))).toEqual({ conflict: record });
      expect(await own.delete(record.id, "revoked", { ...at(0), expected: "another" })).toEqual({
        conflict: record,
      });
      connected.close();
    });
  });
});

/** How many scripts the server ran meanwhile. */
async function scriptsOf(raw: Redis, act: () => Promise<unknown>): Promise<number> {
  await raw.config("RESETSTAT");
  await act();
  const stats = await raw.info("commandstats");
  return [...stats.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)].reduce((sum, [, n]) => sum + Number(n), 0);
}
