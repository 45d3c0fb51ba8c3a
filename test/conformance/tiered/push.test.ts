/** Sources of changes that misbehave: a cache neither hangs on them nor keeps the store behind it open. */
import { expect, test } from "vitest";
import { memoryStore } from "../../../src/stores/memory.ts";
import { type Invalidations, tiered } from "../../../src/stores/tiered.ts";
import { withFaults } from "../../../src/testing/faulty-store.ts";
import { begunAt, START, userRecord } from "../../../src/testing/store-contract/records.ts";

test("an opening that was given up already waits for nobody", async () => {
  const caller = new AbortController();
  const slow = Object.assign(memoryStore(), {
    open: async () => {
      caller.abort();
      return [];
    },
  });
  const silent = { listen: () => async () => {} };
  const store = tiered({ maxAge: "5s", invalidations: silent }, slow);
  expect(await store.open({ signal: caller.signal })).toEqual([
    expect.stringContaining("nobody tells of changes yet"),
  ]);
});

test("what was asked for when nothing was told is not kept, though changes are told when it comes", async () => {
  const { store: far, faults } = withFaults(memoryStore());
  const turns: (() => void)[] = [];
  const invalidations: Invalidations = {
    listen(listener) {
      listener.down("not yet");
      turns.push(() => listener.up());
      return async () => {};
    },
  };
  const store = tiered({ maxAge: "5s", invalidations }, far);
  await store.open();
  const record = userRecord();
  await store.create(record, begunAt());
  const read = () => store.load(record.id, { now: START, mayLag: true });
  const parked = faults.park("load", "after");
  const early = read();
  await parked.reached;
  for (const up of turns) up();
  await parked.release();
  await early;
  await read();
  expect(store.stats()).toMatchObject({ hits: 0, misses: 2 });
  await read();
  expect(store.stats()).toMatchObject({ hits: 1, isServing: true });
});

test("one that cannot stop leaves the store no less closed", async () => {
  const invalidations = {
    listen: (listener: { up(): void }) => {
      listener.up();
      return () => Promise.reject(new Error("cannot stop"));
    },
  };
  const far = memoryStore();
  const store = tiered({ maxAge: "5s", invalidations }, far);
  await store.open();
  await expect(store.close()).rejects.toThrow("cannot stop");
  await expect(far.load("A".repeat(22), { now: START })).rejects.toMatchObject({ kind: "closed" });
});

test("caches in front of caches are as stale as all of them", () => {
  const near = tiered({ maxAge: "5s" }, tiered({ maxAge: "30s" }, memoryStore()));
  expect(near.guarantees.staleFor).toBe(35_000);
});
