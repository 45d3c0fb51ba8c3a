/** What is changed through a cache is never read from it as it was before: not while the change hangs, nor after. */
import { expect, test } from "vitest";
import type { SessionRecord } from "../../../src/core/record.ts";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import { tiered } from "../../../src/stores/tiered.ts";
import type { StoreOperation } from "../../../src/testing/fault-script.ts";
import { withFaults } from "../../../src/testing/faulty-store.ts";
import { begunAt, MINUTE, revised, START, userRecord } from "../../../src/testing/store-contract/records.ts";

const call = { now: START + 2 };

const CHANGES: Record<
  string,
  [StoreOperation, (store: SessionStore, record: SessionRecord) => Promise<unknown>]
> = {
  "a save": ["save", (store, record) => store.save(revised(record), record.version, call)],
  "a touch": ["touch", (store, { id, idleUntil }) => store.touch(id, idleUntil + MINUTE, call)],
  "an end": ["delete", (store, { id }) => store.delete(id, "logged-out", call)],
  "a revocation": ["deleteByUser", (store) => store.deleteByUser("ada", call)],
  "an erasure": ["erase", (store) => store.erase("ada", call)],
  "everybody's end": ["deleteAll", (store) => store.deleteAll(call)],
  "a login in its place": [
    "create",
    (store, { id, version }) => store.create(userRecord("ada"), begunAt(2, { replaces: { id, version } })),
  ],
  "a login that is one too many": [
    "create",
    (store) => store.create(userRecord("ada"), begunAt(2, { limit: { max: 1, over: "evict-oldest" } })),
  ],
};

test.each(Object.entries(CHANGES))("by %s", async (_, [operation, change]) => {
  const { store: far, faults } = withFaults(memoryStore());
  const store = tiered({ maxAge: "1m" }, far);
  const record = userRecord("ada", { absoluteUntil: START + 100 * MINUTE });
  await store.create(record, begunAt());
  const read = () => store.load(record.id, { ...call, mayLag: true });
  await read();
  const parked = faults.park(operation);
  const changing = change(store, record);
  await parked.reached;
  expect(await read()).toMatchObject({ version: record.version });
  expect(store.stats(), "while it hangs").toMatchObject({ hits: 0, misses: 2 });
  await parked.release();
  await changing;
  const after = await read();
  expect(after).toEqual(await far.load(record.id, call));
  expect(after).not.toEqual(record);
});
