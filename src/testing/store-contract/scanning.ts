/** `scan`: everything that is live, for whoever moves it elsewhere. */
import assert from "node:assert/strict";
import type { SessionId, SessionRecord } from "../../core/record.ts";
import type { Scanned, SessionStore } from "../../stores/contract.ts";
import { add, addAll, assertSame, assertStored, idsOf, rejectsWith } from "./checks.ts";
import type { Definition } from "./harness.ts";
import { at, MINUTE, revised, START, userRecord, visitorRecord } from "./records.ts";

const call = (offset: number, limit: number) => ({ ...at(offset), limit });

async function page(store: SessionStore, limit: number, after: string | null, offset = 0): Promise<Scanned> {
  assert.ok(store.scan, "the store has scan()");
  return store.scan(after === null ? call(offset, limit) : { ...call(offset, limit), after });
}

/** All pages. `between` runs after each but the last. */
async function scanned(
  store: SessionStore,
  limit: number,
  offset = 0,
  between: (page: Scanned) => Promise<void> = async () => {},
): Promise<ReadonlyMap<SessionId, SessionRecord>> {
  const found = new Map<SessionId, SessionRecord>();
  let after: string | null = null;
  do {
    const next: Scanned = await page(store, limit, after, offset);
    assert.equal(next.damaged, 0);
    for (const session of next.sessions) found.set(session.id, session);
    ({ after } = next);
    if (after !== null) await between(next);
  } while (after !== null);
  return found;
}

export const scanningCases: readonly Definition[] = [
  {
    name: "scan: shows every live session whole, of users and of visitors, in pages of any size",
    needs: ["scan"],
    async run({ store }) {
      const records = [...["ada", "ada", "bob", ""].map((userId) => userRecord(userId)), visitorRecord()];
      await addAll(store, records);
      const [first, ...rest] = records as [SessionRecord, ...SessionRecord[]];
      const next = revised(first);
      await store.save(next, first.version, at(MINUTE));
      for (const limit of [1, 2, 4, 5, 100]) {
        const found = await scanned(store, limit, MINUTE);
        assert.deepEqual([...found.keys()].toSorted(), idsOf(records).toSorted(), `in pages of ${limit}`);
        for (const record of [next, ...rest]) assertSame(found.get(record.id) ?? first, record);
      }
    },
  },
  {
    name: "scan: leaves out what has ended and what has expired, and ends nothing",
    needs: ["scan"],
    async run({ store }) {
      const [live, ended] = [await add(store, userRecord()), await add(store, userRecord())];
      const expired = await add(store, visitorRecord({ idleUntil: START + MINUTE }));
      await store.delete(ended.id, "logged-out", at());
      assert.deepEqual([...(await scanned(store, 10, MINUTE)).keys()], [live.id]);
      await assertStored(store, expired, MINUTE - 1);
    },
  },
  {
    name: "scan: what is live all the while is shown, whatever comes and ends between the pages",
    needs: ["scan"],
    async run({ store }) {
      const all = Array.from({ length: 12 }, (_, i) => userRecord(`user-${i}`));
      await addAll(store, all);
      const gone = new Set<SessionId>();
      const found = await scanned(store, 2, 0, async ({ sessions }) => {
        if (gone.size >= 4) return;
        await add(store, userRecord("late"));
        for (const { id } of sessions) gone.add(id);
        for (const { id } of sessions) await store.delete(id, "logged-out", at());
      });
      for (const { id } of all) if (!gone.has(id)) assert.ok(found.has(id), "it is missing");
    },
  },
  {
    name: "scan: finds every session of thousands",
    needs: ["scan"],
    async run({ store, many }) {
      const records = Array.from({ length: many }, (_, i) => userRecord(`user-${i % 100}`));
      await addAll(store, records);
      const found = await scanned(store, 500);
      assert.deepEqual([...found.keys()].toSorted(), idsOf(records).toSorted());
    },
  },
  {
    name: "scan: an empty store has nothing, and what is no cursor is refused as corrupt",
    needs: ["scan"],
    async run({ store }) {
      assert.equal((await scanned(store, 10)).size, 0);
      for (const after of ["", "?", "../..", "a'b"])
        await rejectsWith("corrupt", () => page(store, 10, after));
    },
  },
];
