/** What a server refuses, and what it does later than asked: each as the right kind of fault, and nothing twice. */
import { inspect } from "node:util";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createSessions } from "../../../src/create-sessions.ts";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { type RedisSender, redisStore } from "../../../src/stores/redis.ts";
import { TEST_ORIGIN, TestBrowser } from "../../../src/testing/browser.ts";
import { at, begunAt, MINUTE, revised, userRecord } from "../../../src/testing/store-contract/records.ts";
import { requireOrExplain } from "../../support/requires.ts";
import { findRedisServer, type RedisServer, startRedis } from "../../support/servers/redis.ts";
import { type Connected, DRIVERS } from "../../support/servers/redis-drivers.ts";
import { layWire, until } from "../../support/servers/wire.ts";

requireOrExplain("redis-server", findRedisServer)("a Redis server that refuses", (program) => {
  let server: RedisServer;
  let raw: Redis;
  let connections: { close(): void }[] = [];
  beforeAll(async () => {
    server = await startRedis(
      program,
      "--enable-debug-command",
      "yes",
      "--loading-process-events-interval-bytes",
      "1024",
    );
    raw = new Redis({ port: server.port, host: "127.0.0.1" });
  });
  afterAll(async () => {
    raw.disconnect();
    await server[Symbol.asyncDispose]();
  });
  beforeEach(() => raw.flushall());
  afterEach(() => {
    for (const { close } of connections) close();
    connections = [];
  });

  const by = async (driver: string, user = ""): Promise<Connected> => {
    const connected = await (DRIVERS[driver] as (url: string) => Promise<Connected>)(
      `redis://${user}127.0.0.1:${server.port}`,
    );
    connections.push(connected);
    return connected;
  };

  describe.each(Object.keys(DRIVERS))("by %s", (driver) => {
    let store: SessionStore;
    beforeEach(async () => {
      store = redisStore((await by(driver)).client);
      await store.open();
    });

    it("because it is a replica: reads go on, and writes are unavailable", async () => {
      const record = userRecord("ada");
      await store.create(record, begunAt(0));
      await raw.replicaof("127.0.0.1", "1");
      try {
        expect(await store.load(record.id, at(0))).toMatchObject({ id: record.id });
        for (const write of [
          () => store.touch(record.id, record.idleUntil, at(0)),
          () => store.delete(record.id, "revoked", at(0)),
          () => store.create(userRecord("ada"), begunAt(0)),
        ]) {
          await expect(write()).rejects.toMatchObject({
            kind: "unavailable",
            message: expect.stringMatching(/READONLY/),
          });
        }
        const late = redisStore((await by(driver)).client, { prefix: "other:" });
        await expect(late.open()).rejects.toMatchObject({ kind: "unavailable" });
      } finally {
        await raw.replicaof("NO", "ONE");
      }
      expect(await store.delete(record.id, "revoked", at(0))).toBe("deleted");
    });

    it("because it is still loading its data: unavailable, and it says so", async () => {
      const record = userRecord("ada");
      await store.create(record, begunAt(0));
      await raw.mset(Array.from({ length: 2000 }, (_, i) => [`filling-${i}`, "x".repeat(100)]).flat());
      await raw.config("SET", "key-load-delay", "5000");
      const other = new Redis({ port: server.port, host: "127.0.0.1" });
      const loading = other.call("DEBUG", "RELOAD");
      try {
        await until(async () =>
          (await raw.ping().catch((error: Error) => error.message)).startsWith("LOADING"),
        );
        const busy = { kind: "unavailable", message: expect.stringMatching(/still loading/) };
        await expect(store.load(record.id, at(0))).rejects.toMatchObject(busy);
        await expect(store.delete(record.id, "revoked", at(0))).rejects.toMatchObject(busy);
      } finally {
        await raw.config("SET", "key-load-delay", "0");
        expect(await loading).toBe("OK");
        other.disconnect();
      }
      expect(await store.load(record.id, at(0))).toMatchObject({ id: record.id });
    });

    it("because somebody's script runs and runs: unavailable, and it says so", async () => {
      await raw.config("SET", "busy-reply-threshold", "1");
      const other = new Redis({ port: server.port, host: "127.0.0.1" });
      const forever = other.eval("while true do end", 0).catch(() => "killed");
      try {
        await until(async () => (await raw.ping().catch((error: Error) => error.message)).startsWith("BUSY"));
        const held = { kind: "unavailable", message: expect.stringMatching(/a script of somebody else/) };
        await expect(store.load(userRecord("ada").id, at(0))).rejects.toMatchObject(held);
        await expect(store.touch(userRecord("ada").id, 0, at(0))).rejects.toMatchObject(held);
      } finally {
        await raw.script("KILL");
        expect(await forever).toBe("killed");
      }
      other.disconnect();
    });

    it("because the user of the connection may not: unavailable, and it says what for", async () => {
      await raw.acl("SETUSER", "shop", "reset", "on", ">pass", "~sojourn:*", "+@all", "-zadd", "-setrange");
      const limited = redisStore((await by(driver, "shop:pass@")).client);
      const record = userRecord("ada");
      const refused = { kind: "unavailable" };
      await expect(limited.create(record, begunAt(0))).rejects.toMatchObject(refused);
      expect(await store.load(record.id, at(0))).toBeNull();
      await store.create(record, begunAt(0));
      await expect(limited.touch(record.id, record.idleUntil, at(0))).rejects.toMatchObject(refused);
      await raw.acl("SETUSER", "shop", "-evalsha", "-get");
      await expect(limited.delete(record.id, "revoked", at(0))).rejects.toMatchObject({
        ...refused,
        message: expect.stringMatching(/lacks a permission/),
      });
      await expect(limited.load(record.id, at(0))).rejects.toMatchObject(refused);
    });

    it("and one that hangs does later what it was sent: nothing comes back, and nothing counts twice", async () => {
      const second = redisStore((await by(driver)).client);
      await using sessions = createSessions<{ n?: number }>({
        store: second,
        origin: TEST_ORIGIN,
        storeTimeout: 300,
        breaker: false,
      });
      const tab = new TestBrowser(sessions);
      await tab.visit((session) => session.login("ada"), { method: "POST" });
      const add = () =>
        tab.visit(
          (session) => {
            session.update("n", (n) => Number(n ?? 0) + 1);
            return session.save();
          },
          { method: "POST" },
        );
      await add();
      const record = userRecord("bob");
      await store.create(record, begunAt(0));
      const soon = () => ({ ...at(0), signal: AbortSignal.timeout(200) });
      const { value: before } = await tab.visit((session) => session.get("n"));
      const counting = tab.visit(
        async (session) => {
          server.freeze();
          session.update("n", (n) => Number(n ?? 0) + 1);
          await session.save();
        },
        { method: "POST" },
      );
      expect((await counting).error).toMatchObject({ status: 503 });
      const next = revised(record, MINUTE);
      const late = await Promise.allSettled([
        second.delete(record.id, "revoked", soon()),
        store.save(next, record.version, soon()),
        store.touch(record.id, record.idleUntil, soon()),
        store.create(record, { ...begunAt(0), ...soon() }),
      ]);
      server.thaw();
      expect(late.map(({ status }) => status)).toEqual(Array(4).fill("rejected"));
      await store.health(at(0));
      await second.health(at(0));
      expect(await store.load(record.id, at(0))).toMatchObject({ ended: "revoked" });
      expect((await store.listByUser("bob", { ...at(0), limit: 5 })).sessions).toEqual([]);
      const { value: after } = await tab.visit((session) => session.get("n"));
      expect([before, Number(before) + 1]).toContain(after);
      await add();
      expect((await tab.visit((session) => session.get("n"))).value).toBe(Number(after) + 1);
    });
  });

  it("because nobody gave it the password: unavailable, and open says so", async () => {
    await raw.config("SET", "requirepass", "secret");
    const unknown = new Redis({ port: server.port, host: "127.0.0.1", enableReadyCheck: false, protocol: 2 });
    try {
      const refused = { kind: "unavailable", message: expect.stringMatching(/asks for a password/) };
      await expect(redisStore(unknown).open()).rejects.toMatchObject(refused);
      await expect(redisStore(unknown).load(userRecord().id, at(0))).rejects.toMatchObject(refused);
    } finally {
      await raw.config("SET", "requirepass", "");
      unknown.disconnect();
    }
  });

  it("because the password is wrong: unavailable to reads and writes, and nothing of it is in the errors", async () => {
    await raw.acl("SETUSER", "shop", "reset", "on", ">right", "~*", "+@all");
    const url = `redis://shop:wrong-one@127.0.0.1:${server.port}`;
    const ioredis = new Redis(url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => 20,
    });
    const nodeRedis = createClient({
      url,
      disableOfflineQueue: true,
      socket: { reconnectStrategy: () => 20 },
    });
    const seen = [ioredis, nodeRedis].map((client) => new Promise((resolve) => client.on("error", resolve)));
    nodeRedis.connect().catch(() => {});
    try {
      expect(String(await seen[0])).toMatch(/WRONGPASS/);
      expect(String(await seen[1])).toMatch(/WRONGPASS/);
      for (const client of [ioredis, nodeRedis]) {
        const locked = redisStore(client);
        for (const refused of [
          locked.open(),
          locked.load(userRecord().id, at(0)),
          locked.touch(userRecord().id, 0, at(0)),
        ]) {
          const error: unknown = await refused.then(
            () => "not refused",
            (reason: unknown) => reason,
          );
          expect(error).toMatchObject({ kind: "unavailable" });
          expect(inspect(error, { depth: 9 })).not.toContain("wrong-one");
        }
      }
    } finally {
      ioredis.disconnect();
      nodeRedis.destroy();
    }
  });

  it("nothing: what node-redis had queued when the time of a call was up is not sent later", async () => {
    const wire = await layWire(server.port);
    const client = createClient({ url: `redis://127.0.0.1:${wire.port}` });
    client.on("error", () => {});
    try {
      await client.connect();
      const store = redisStore(client);
      await store.open();
      await store.create(userRecord("bob"), begunAt(0)); // so that the server knows the script
      const record = userRecord("ada");
      await wire.cut();
      await until(async () => !client.isReady);
      const waiting = new AbortController();
      const late = store.create(record, { ...begunAt(0), signal: waiting.signal });
      waiting.abort();
      await expect(late).rejects.toMatchObject({ kind: "timeout" });
      await wire.mend();
      // It would have gone before this.
      expect(await store.load(record.id, at(0))).toBeNull();
    } finally {
      client.destroy();
      await wire[Symbol.asyncDispose]();
    }
  });

  it("nothing, and keeps another time: open warns", async () => {
    const sender: RedisSender = {
      async send([command = "", ...args]) {
        const reply = await raw.callBuffer(String(command), ...args);
        // The server's own answer, as of a machine whose clock is a minute fast.
        return command === "TIME" && Array.isArray(reply) ? [String(Number(reply[0]) + 60), reply[1]] : reply;
      },
    };
    const warnings = await redisStore(sender).open();
    expect(warnings.join()).toMatch(/clocks of this machine and of the server are (59|60) s apart/);
  });
});
