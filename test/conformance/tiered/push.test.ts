/** Sources of changes that misbehave: a cache neither hangs on them nor keeps the store behind it open. */
import { expect, test } from "vitest";
import { memoryStore } from "../../../src/stores/memory.ts";
import { tiered } from "../../../src/stores/tiered.ts";

const NOW = 1_700_000_000_000;

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
  await expect(far.load("A".repeat(22), { now: NOW })).rejects.toMatchObject({ kind: "closed" });
});

test("caches in front of caches are as stale as all of them", () => {
  const near = tiered({ maxAge: "5s" }, tiered({ maxAge: "30s" }, memoryStore()));
  expect(near.guarantees.staleFor).toBe(35_000);
});
