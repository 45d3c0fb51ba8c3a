/** Declares the whole store contract for one driver on one server. */
import { afterAll, beforeAll, test } from "vitest";
import type { CallOptions, SessionStore } from "../../../src/stores/contract.ts";
import { redisStore } from "../../../src/stores/redis.ts";
import { storeContract } from "../../../src/testing/store-contract/index.ts";
import { register } from "../../../src/testing/store-contract/register.ts";
import { layWire, type RedisServer, startRedis, until, type Wire } from "../../support/servers/redis.ts";
import { type Connected, DRIVERS } from "../../support/servers/redis-drivers.ts";
import { remainsIn } from "../../support/servers/redis-remains.ts";

export function contractOn(driver: string, program: string): void {
  let server: RedisServer;
  let wire: Wire;
  let connected: Connected;
  beforeAll(async () => {
    server = await startRedis(program);
    wire = await layWire(server.port);
    connected = await connectTo(wire.port);
  });
  afterAll(async () => {
    connected.close();
    await wire[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const prefixes = new WeakMap<SessionStore, string>();
  let opened = 0;
  const connectTo = (port: number): Promise<Connected> => {
    const connect = DRIVERS[driver];
    if (!connect) throw new Error(`no driver ${driver}`);
    return connect(`redis://127.0.0.1:${port}`);
  };
  const on = async (prefix: string): Promise<SessionStore> => {
    const store = redisStore(connected.client, { prefix });
    prefixes.set(store, prefix);
    return store;
  };
  const again = (store: SessionStore): Promise<SessionStore> => on(prefixes.get(store) ?? "");
  const { guarantees } = redisStore({ send: async () => null });
  const cases = storeContract({
    guarantees,
    open: () => on(`case[${opened++}]*:`),
    reopen: again,
    second: again,
    async outage(store) {
      await wire.cut();
      await until(async () => !(await store.health(soon())).ok);
      return async () => {
        await wire.mend();
        await until(async () => (await store.health(soon())).ok);
      };
    },
    remains: (store) => remainsIn(server.port, prefixes.get(store) ?? ""),
    scan: true,
    many: 500,
  });
  register(cases, test);
}

function soon(): CallOptions {
  return { now: 0, signal: AbortSignal.timeout(500) };
}
