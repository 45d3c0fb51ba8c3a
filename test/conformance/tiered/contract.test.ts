/** The store contract behind a cache: in front of memory, of a file that two handles share, and of a server. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import { redisStore } from "../../../src/stores/redis.ts";
import { sqliteStore } from "../../../src/stores/sqlite.ts";
import { tiered } from "../../../src/stores/tiered.ts";
import { storeContract } from "../../../src/testing/store-contract/index.ts";
import { register } from "../../../src/testing/store-contract/register.ts";
import { Changes, lagging } from "../../support/lagging.ts";
import { requireOrExplain } from "../../support/requires.ts";
import { findRedisServer, type RedisServer, startRedis } from "../../support/servers/redis.ts";
import { type Connected, DRIVERS } from "../../support/servers/redis-drivers.ts";

/** Handles on data that `make` opens by name, which tell each other of their writes. */
function contractOn(make: (name: string) => SessionStore, many: number): void {
  const data = new WeakMap<SessionStore, { readonly name: string; readonly changes: Changes }>();
  const on = (name: string, changes = new Changes()): SessionStore => {
    const far = changes.toldBy(make(name));
    const store = lagging(tiered({ maxAge: "1m", invalidations: changes }, far));
    data.set(store, { name, changes });
    return store;
  };
  const again = async (store: SessionStore): Promise<SessionStore> => {
    const { name, changes } = data.get(store) ?? {};
    return on(name ?? "", changes);
  };
  let opened = 0;
  const guarantees = { ...make("unused").guarantees, staleFor: 60_000 };
  const open = async (): Promise<SessionStore> => on(String(opened++));
  const shared = guarantees.shared === "process" ? {} : { reopen: again, second: again };
  register(storeContract({ guarantees, open, many, ...shared }), test);
}

describe("in front of memory", () => contractOn(() => memoryStore(), 500));

describe("in front of SQLite", () => {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-tiered-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  contractOn((name) => sqliteStore(join(folder, `${name}.db`)), 500);
});

requireOrExplain("redis-server", findRedisServer)("in front of Redis", (program) => {
  let server: RedisServer;
  let connected: Connected | undefined;
  beforeAll(async () => {
    server = await startRedis(program);
    connected = await DRIVERS.ioredis?.(`redis://127.0.0.1:${server.port}`);
  });
  afterAll(async () => {
    connected?.close();
    await server[Symbol.asyncDispose]();
  });
  const nowhere = { send: async () => null };
  contractOn((prefix) => redisStore(connected?.client ?? nowhere, { prefix: `${prefix}:` }), 200);
});
