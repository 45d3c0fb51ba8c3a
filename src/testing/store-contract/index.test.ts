import { describe, expect, test } from "vitest";
import { InvalidArgumentError } from "../../errors.ts";
import type { Guarantees, SessionStore } from "../../stores/contract.ts";
import { memoryStore } from "../../stores/memory.ts";
import type { StoreHarness } from "./harness.ts";
import { storeContract } from "./index.ts";

const { guarantees } = memoryStore();
const open = async (): Promise<SessionStore> => memoryStore();

function namesOf(harness: StoreHarness): readonly string[] {
  return storeContract(harness).map(({ name }) => name);
}

/** What an adapter to a plain key-value store can do: no comparing, no memory of ends, no index. */
function degraded(inner: SessionStore): SessionStore {
  const lacking: Guarantees = {
    ...guarantees,
    cas: false,
    noRevival: false,
    revokeUser: false,
    userIndex: false,
  };
  const refuse = async (): Promise<never> => Promise.reject(new TypeError("There is no index."));
  return {
    name: "degraded",
    guarantees: lacking,
    open: () => inner.open(),
    async load(id, call) {
      const found = await inner.load(id, call);
      return found && "ended" in found ? null : found;
    },
    create: (record, call) => inner.create(record, call),
    async save(record, expected, call) {
      const result = await inner.save(record, expected, call);
      return typeof result === "string" ? result : inner.save(record, result.conflict.version, call);
    },
    touch: (id, until, call) => inner.touch(id, until, call),
    delete: (id, reason, { now, onEnded }) => inner.delete(id, reason, { now, ...(onEnded && { onEnded }) }),
    listByUser: refuse,
    deleteByUser: refuse,
    erase: refuse,
    revocation: refuse,
    deleteAll: (call) => inner.deleteAll(call),
    sweep: (call) => inner.sweep(call),
    health: (call) => inner.health(call),
    close: () => inner.close(),
    [Symbol.asyncDispose]: () => inner.close(),
  };
}

describe("storeContract", () => {
  test("gives every case a name of its own", () => {
    const names = namesOf({ guarantees, open, second: async (store) => store });
    expect(new Set(names).size).toBe(names.length);
  });

  test("skips a case only for a guarantee that the store does not give, and says which", () => {
    const lacking = { ...guarantees, cas: false, userIndex: false };
    for (const { skip } of storeContract({ guarantees: lacking, open })) {
      if (skip !== undefined)
        expect(skip).toMatch(/does not (guarantee (cas|userIndex)|outlive its process)$/);
    }
    const full = storeContract({
      guarantees: { ...guarantees, durable: "process-crash" },
      open,
      reopen: open,
    });
    expect(full.filter(({ skip }) => skip !== undefined)).toEqual([]);
  });

  test("a store that declares what it lacks passes all that is left", async () => {
    const store = degraded(memoryStore());
    const cases = storeContract({ guarantees: store.guarantees, open: async () => degraded(memoryStore()) });
    const failed: string[] = [];
    for (const each of cases.filter(({ skip }) => skip === undefined)) {
      await each.run().catch((error: unknown) => failed.push(`${each.name}: ${String(error)}`));
    }
    expect(failed).toEqual([]);
    expect(cases.filter(({ skip }) => skip === undefined).length).toBeGreaterThan(50);
  });

  test("a store that declares other guarantees than its harness does not get through", async () => {
    const lacking = { ...guarantees, cas: false };
    const [first] = storeContract({ guarantees: lacking, open });
    await expect(first?.run()).rejects.toThrow("guarantees");
  });

  test("races run once more from two handles where the store has them", () => {
    const alone = namesOf({ guarantees, open });
    const shared = namesOf({
      guarantees: { ...guarantees, shared: "host" },
      open,
      second: async (store) => store,
    });
    const added = shared.filter((name) => !alone.includes(name));
    expect(added.length).toBeGreaterThan(10);
    expect(added.every((name) => name.endsWith(" (from two handles)"))).toBe(true);
  });

  test("asks for what the guarantees call for", () => {
    expect(() => storeContract({ guarantees: { ...guarantees, durable: "power-loss" }, open })).toThrow(
      InvalidArgumentError,
    );
    expect(() => storeContract({ guarantees: { ...guarantees, shared: "network" }, open })).toThrow(
      InvalidArgumentError,
    );
  });

  test("every restart case fails on a store that forgets at a restart", async () => {
    const durable = { ...guarantees, durable: "process-crash" as const };
    const forgetful = { guarantees: durable, open, reopen: open, many: 100 };
    const cases = storeContract(forgetful).filter(({ name }) => name.startsWith("restart:"));
    expect(cases.length).toBeGreaterThan(4);
    for (const { run } of cases) await expect(run()).rejects.toThrow();
  });

  test("the outage case fails on a store that answers during an outage", async () => {
    const cases = storeContract({ guarantees, open, outage: async () => async () => {} });
    const [outage, ...others] = cases.filter(({ name }) => name.startsWith("outage:"));
    expect(others).toEqual([]);
    await expect(outage?.run()).rejects.toThrow("answered during the outage");
  });

  test("the cases about remains fail on a store that keeps something of an erased user", async () => {
    const kept: Uint8Array[] = [];
    const hoarding = async (): Promise<SessionStore> => {
      const store = memoryStore();
      const create = store.create.bind(store);
      store.create = async (record, call) => {
        kept.push(Buffer.from(`${record.userId} ${record.label}`), record.payload);
        return create(record, call);
      };
      return store;
    };
    const cases = storeContract({ guarantees, open: hoarding, many: 100, remains: async () => kept });
    const remains = cases.filter(({ name }) => name.startsWith("remains:"));
    expect(remains).toHaveLength(2);
    for (const { run } of remains) await expect(run()).rejects.toThrow("is still there");
    const blind = storeContract({ guarantees, open, many: 100, remains: async () => [] });
    for (const { name, run } of blind) {
      if (name.startsWith("remains:")) await expect(run()).rejects.toThrow();
    }
  });

  test("closes every store it opened, also after a failure", async () => {
    let opened = 0;
    let closed = 0;
    const counting = async (): Promise<SessionStore> => {
      const store = memoryStore();
      const close = store.close.bind(store);
      opened += 1;
      store.close = async () => {
        closed += 1;
        await close();
      };
      store.load = async () => null; // most cases fail
      return store;
    };
    for (const { run, skip } of storeContract({ guarantees, open: counting, many: 10 })) {
      if (skip === undefined) await run().catch(() => undefined);
    }
    expect(opened).toBeGreaterThan(100);
    expect(closed).toBeGreaterThanOrEqual(opened);
  });
});
