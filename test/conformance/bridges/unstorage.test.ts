/** What is left of both contracts on storages of unstorage: in memory, in files, in Redis. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStorage, prefixStorage, type Storage } from "unstorage";
import fs from "unstorage/drivers/fs";
import redis from "unstorage/drivers/redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { fromUnstorage } from "../../../src/stores/unstorage.ts";
import { begunAt, userRecord } from "../../../src/testing/store-contract/records.ts";
import { requireOrExplain } from "../../support/requires.ts";
import { findRedisServer, type RedisServer, startRedis } from "../../support/servers/redis.ts";
import { registerSessionContract, registerStoreContract } from "../support/bridged.ts";

const bridge = (storage: Storage): SessionStore => fromUnstorage(storage);
const alone = (storage: Storage): SessionStore => fromUnstorage(storage, { onlyProcess: true });

describe("sessions in unstorage, in memory", () => {
  const empty = async (): Promise<Storage> => createStorage();
  registerStoreContract(empty, bridge, bridge(createStorage()).guarantees);
  registerSessionContract(empty, bridge, bridge(createStorage()).guarantees);
});

describe("sessions in unstorage, in files, for one process", () => {
  let folder = "";
  let count = 0;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "sojourn-unstorage-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const empty = async (): Promise<Storage> =>
    createStorage({ driver: fs({ base: join(folder, String(++count)) }) });
  registerStoreContract(empty, alone, alone(createStorage()).guarantees);
});

requireOrExplain("redis-server", findRedisServer)("sessions in unstorage, in Redis", (program) => {
  let server: RedisServer;
  let storage: Storage;
  let count = 0;
  beforeAll(async () => {
    server = await startRedis(program);
    storage = createStorage({ driver: redis({ host: "127.0.0.1", port: server.port }) });
  });
  afterAll(async () => {
    await storage.dispose();
    await server[Symbol.asyncDispose]();
  });
  const native = { ...bridge(createStorage()).guarantees, expiry: "native" } as const;
  const through = (part: Storage): SessionStore => fromUnstorage(part, { expires: true });
  registerStoreContract(async () => prefixStorage(storage, String(++count)), through, native);

  it("are freed by the server ten minutes after their deadline, which it is told by itself", async () => {
    const [part, record] = [prefixStorage(storage, "freed"), userRecord()];
    const store = fromUnstorage(part);
    expect(store.guarantees.expiry).toBe("native");
    await store.create(record, begunAt());
    const client = storage.getMount().driver.getInstance?.() as { ttl(key: string): Promise<number> };
    const life = await client.ttl(`freed:sojourn:session-${record.id}`);
    expect(life).toBeGreaterThan(39 * 60);
    expect(life).toBeLessThanOrEqual(40 * 60);
  });
});
