/** Declares the store contract for one driver on one server, or on a cluster. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, test } from "vitest";
import type { CallOptions, SessionStore } from "../../../src/stores/contract.ts";
import { type RedisStoreOptions, redisStore } from "../../../src/stores/redis.ts";
import type { ContractCase, StoreHarness } from "../../../src/testing/store-contract/harness.ts";
import { storeContract } from "../../../src/testing/store-contract/index.ts";
import { register } from "../../../src/testing/store-contract/register.ts";
import { type RedisServer, startRedis } from "../../support/servers/redis.ts";
import type { RedisCluster } from "../../support/servers/redis-cluster.ts";
import {
  CLUSTER_DRIVERS,
  type Connected,
  DRIVERS,
  OLDER_DRIVERS,
} from "../../support/servers/redis-drivers.ts";
import { forgetIn, remainsIn } from "../../support/servers/redis-remains.ts";
import { layWire, until, type Wire } from "../../support/servers/wire.ts";

/** Everything, or one case about each operation: enough to see that a driver carries what the others do. */
type Extent = "all" | "one of each";

export function contractOn(driver: string, program: string, extent: Extent = "all"): void {
  let server: RedisServer;
  let wire: Wire;
  let connected: Connected;
  beforeAll(async () => {
    const connect = DRIVERS[driver] ?? OLDER_DRIVERS[driver];
    if (!connect) throw new Error(`no driver ${driver}`);
    server = await startRedis(program);
    wire = await layWire(server.port);
    connected = await connect(`redis://127.0.0.1:${wire.port}`);
  });
  afterAll(async () => {
    connected.close();
    await wire[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const { harness, prefixOf } = storesOf(() => connected, "case");
  declare(extent, {
    ...harness,
    guarantees: redisStore({ send: async () => null }).guarantees,
    async outage(store) {
      await wire.cut();
      await until(async () => !(await store.health(soon())).ok);
      return async () => {
        await wire.mend();
        await until(async () => (await store.health(soon())).ok);
      };
    },
    remains: (store) => remainsIn(server.port, prefixOf(store)),
    scan: true,
  });
}

/** On a server that is somebody's: nothing is done to it, and nothing stays there. */
export function contractAt(url: string): void {
  const prefix = `sojourn-test-${randomBytes(8).toString("hex")}-`;
  let connected: Connected;
  beforeAll(async () => {
    connected = await (DRIVERS.ioredis as (url: string) => Promise<Connected>)(url);
  });
  afterAll(async () => {
    connected.close();
    await forgetIn(url, prefix);
  });

  const { guarantees } = redisStore({ send: async () => null });
  const { harness } = storesOf(() => connected, `${prefix}case`, { allowPlaintext: true });
  declare("all", { ...harness, guarantees, scan: true });
}

export function contractOnCluster(driver: string, cluster: () => RedisCluster, extent: Extent): void {
  let connected: Connected;
  beforeAll(async () => {
    const connect = CLUSTER_DRIVERS[driver];
    if (!connect) throw new Error(`no driver ${driver}`);
    connected = await connect(cluster().nodes.map(({ port }) => port));
  });
  afterAll(() => connected.close());

  const { guarantees } = redisStore({ send: async () => null, primaries: async () => [] });
  const { harness } = storesOf(() => connected, driver.replace(" ", "-"));
  declare(extent, { ...harness, guarantees, scan: true });
}

interface Stores {
  readonly harness: Pick<StoreHarness, "open" | "second" | "reopen">;
  prefixOf(store: SessionStore): string;
}

function storesOf(connected: () => Connected, name: string, options: RedisStoreOptions = {}): Stores {
  const prefixes = new WeakMap<SessionStore, string>();
  let opened = 0;
  const on = async (prefix: string): Promise<SessionStore> => {
    const store = redisStore(connected().client, { ...options, prefix });
    prefixes.set(store, prefix);
    return store;
  };
  const prefixOf = (store: SessionStore): string => prefixes.get(store) ?? "";
  const again = (store: SessionStore): Promise<SessionStore> => on(prefixOf(store));
  return { harness: { open: () => on(`${name}[${opened++}]*:`), reopen: again, second: again }, prefixOf };
}

function declare(extent: Extent, harness: StoreHarness): void {
  const cases = storeContract({ ...harness, many: 500 });
  register(extent === "all" ? cases : firstOfEach(cases), test);
}

/** By what stands before the colon in its name. */
function firstOfEach(cases: readonly ContractCase[]): readonly ContractCase[] {
  const groups = Map.groupBy(
    cases.filter(({ skip }) => skip === undefined),
    ({ name }) => name.split(":")[0],
  );
  return [...groups.values()].flatMap((group) => group.slice(0, 1));
}

function soon(): CallOptions {
  return { now: 0, signal: AbortSignal.timeout(500) };
}
