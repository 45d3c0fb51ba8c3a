import { describe, expect, test } from "vitest";
import { StoreFault } from "../errors.ts";
import type { SessionStore } from "../stores/contract.ts";
import { memoryStore } from "../stores/memory.ts";
import { type Faults, withFaults } from "./faulty-store.ts";
import { register, storeContract } from "./index.ts";
import { at, begunAt, userRecord } from "./store-contract/records.ts";

const record = userRecord();

async function scene(): Promise<{ inner: SessionStore; store: SessionStore; faults: Faults }> {
  const inner = memoryStore();
  await inner.create(record, begunAt());
  return { inner, ...withFaults(inner) };
}

async function isEnded(inner: SessionStore): Promise<boolean> {
  const found = await inner.load(record.id, at());
  return found !== null && "ended" in found;
}

describe("a store without scripted faults keeps the whole contract", () => {
  const { guarantees } = memoryStore();
  register(
    storeContract({ guarantees, many: 1000, open: async () => withFaults(memoryStore()).store }),
    test,
  );
});

describe("a scripted fault", () => {
  test("lost: throws unavailable and was not applied; the next call goes through", async () => {
    const { inner, store, faults } = await scene();
    faults.next("delete", "lost");
    await expect(store.delete(record.id, "revoked", at())).rejects.toMatchObject({ kind: "unavailable" });
    expect(await isEnded(inner)).toBe(false);
    expect(await store.delete(record.id, "revoked", at())).toBe("deleted");
  });

  test("ambiguous: throws and was applied", async () => {
    const { inner, store, faults } = await scene();
    faults.next("delete", "ambiguous");
    await expect(store.delete(record.id, "revoked", at())).rejects.toMatchObject({ kind: "ambiguous" });
    expect(await isEnded(inner)).toBe(true);
  });

  test("late: throws at once and is applied when released, though the caller has given up", async () => {
    const { inner, store, faults } = await scene();
    const late = faults.next("delete", "late");
    const caller = new AbortController();
    const call = { ...at(), signal: caller.signal };
    await expect(store.delete(record.id, "revoked", call)).rejects.toBeInstanceOf(StoreFault);
    await late.reached;
    caller.abort();
    expect(await isEnded(inner)).toBe(false);
    await late.release();
    expect(await isEnded(inner)).toBe(true);
  });

  test("hang: answers nothing until the signal aborts, and is then never applied", async () => {
    const { inner, store, faults } = await scene();
    const hanging = faults.next("delete", "hang");
    const caller = new AbortController();
    const deleting = store.delete(record.id, "revoked", { ...at(), signal: caller.signal });
    await hanging.reached;
    caller.abort();
    await expect(deleting).rejects.toMatchObject({ kind: "timeout" });
    await hanging.release();
    expect(await isEnded(inner)).toBe(false);
  });

  test("hang: applied and answered when it is released", async () => {
    const { inner, store, faults } = await scene();
    const hanging = faults.next("delete", "hang");
    const deleting = store.delete(record.id, "revoked", at());
    await hanging.reached;
    expect(await isEnded(inner)).toBe(false);
    await hanging.release();
    expect(await deleting).toBe("deleted");
  });

  test("hang: a signal that has aborted already is a timeout", async () => {
    const { store, faults } = await scene();
    faults.next("load", "hang");
    const call = { ...at(), signal: AbortSignal.abort() };
    await expect(store.load(record.id, call)).rejects.toMatchObject({ kind: "timeout" });
  });

  test("park: waits before it is applied", async () => {
    const { inner, store, faults } = await scene();
    const parked = faults.park("delete");
    const deleting = store.delete(record.id, "revoked", at());
    await parked.reached;
    expect(await isEnded(inner)).toBe(false);
    await parked.release();
    expect(await isEnded(inner)).toBe(true);
    expect(await deleting).toBe("deleted");
  });

  test("park after: is applied and keeps its answer back", async () => {
    const { inner, store, faults } = await scene();
    const parked = faults.park("load", "after");
    const loading = store.load(record.id, at());
    await parked.reached;
    await inner.delete(record.id, "revoked", at());
    await parked.release();
    expect(await loading).toMatchObject({ id: record.id });
  });

  test("released before its call has come, it lets the call through", async () => {
    const { store, faults } = await scene();
    await faults.park("load").release();
    expect(await store.load(record.id, at())).toMatchObject({ id: record.id });
  });

  test("an operation that throws inside is done all the same", async () => {
    const { inner, store, faults } = await scene();
    const parked = faults.park("load");
    const loading = store.load(record.id, at());
    await parked.reached;
    await inner.close();
    await parked.release();
    await expect(loading).rejects.toMatchObject({ kind: "closed" });
  });

  test("several queue up for one operation, and others do not meet them", async () => {
    const { store, faults } = await scene();
    faults.next("load", "lost");
    faults.next("load", "ambiguous");
    expect(await store.touch(record.id, record.idleUntil, at())).toBe(true);
    await expect(store.load(record.id, at())).rejects.toMatchObject({ kind: "unavailable" });
    await expect(store.load(record.id, at())).rejects.toMatchObject({ kind: "ambiguous" });
    expect(await store.load(record.id, at())).not.toBeNull();
  });

  test("cleared ones are not met", async () => {
    const { store, faults } = await scene();
    faults.next("load", "lost");
    faults.clear();
    expect(await store.load(record.id, at())).not.toBeNull();
  });

  test.each([
    ["open", (store: SessionStore) => store.open()],
    ["load", (store: SessionStore) => store.load(record.id, at())],
    ["create", (store: SessionStore) => store.create(userRecord(), begunAt())],
    ["save", (store: SessionStore) => store.save(record, record.version, at())],
    ["touch", (store: SessionStore) => store.touch(record.id, 0, at())],
    ["delete", (store: SessionStore) => store.delete(record.id, "revoked", at())],
    ["listByUser", (store: SessionStore) => store.listByUser("ada", { ...at(), limit: 1 })],
    ["deleteByUser", (store: SessionStore) => store.deleteByUser("ada", at())],
    ["erase", (store: SessionStore) => store.erase("ada", at())],
    ["revocation", (store: SessionStore) => store.revocation("ada", at())],
    ["deleteAll", (store: SessionStore) => store.deleteAll(at())],
    ["sweep", (store: SessionStore) => store.sweep({ ...at(), limit: 1 })],
  ] as const)("can be met by %s", async (operation, run) => {
    const { store, faults } = await scene();
    faults.next(operation, "lost");
    await expect(run(store)).rejects.toMatchObject({ kind: "unavailable" });
    await run(store);
  });
});

describe("an outage", () => {
  test("loses every operation until it is over, and leaves scripts for afterwards", async () => {
    const { inner, store, faults } = await scene();
    faults.next("load", "ambiguous");
    const mend = faults.outage();
    for (let i = 0; i < 3; i++) {
      await expect(store.load(record.id, at())).rejects.toMatchObject({ kind: "unavailable" });
    }
    await expect(store.deleteAll(at())).rejects.toMatchObject({ kind: "unavailable" });
    expect(await store.health(at())).toMatchObject({ ok: false });
    mend();
    mend();
    expect(await isEnded(inner)).toBe(false);
    await expect(store.load(record.id, at())).rejects.toMatchObject({ kind: "ambiguous" });
    expect(await store.health(at())).toEqual({ ok: true });
  });

  test("lasts until the last of several is over", async () => {
    const { store, faults } = await scene();
    const first = faults.outage();
    const second = faults.outage();
    first();
    first();
    await expect(store.load(record.id, at())).rejects.toBeInstanceOf(StoreFault);
    second();
    expect(await store.load(record.id, at())).not.toBeNull();
  });
});
