/** `sweep`: ends the dead in slices, forgets what is past its time, touches nothing else. */
import assert from "node:assert/strict";
import { REVOCATION_MS, type SessionStore, TOMBSTONE_MS } from "../../stores/contract.ts";
import { addAll, assertEnded, assertStored, listen } from "./checks.ts";
import type { Definition } from "./harness.ts";
import { at, newId, revised, START, userRecord, visitorRecord } from "./records.ts";

async function sweepOut(store: SessionStore, offset: number): Promise<number> {
  let removed = 0;
  for (let slice = 0; slice < 1000; slice++) {
    const result = await store.sweep({ ...at(offset), limit: 50 });
    removed += result.removed;
    if (!result.more) return removed;
  }
  return assert.fail("the sweep never came to an end");
}

export const sweepingCases: readonly Definition[] = [
  {
    name: "sweep: ends expired sessions with the deadline they met, tells of each, and touches no live one",
    needs: ["sweep"],
    async run({ store }) {
      const idle = userRecord("ada", { idleUntil: START + 1000 });
      const absolute = visitorRecord({ idleUntil: START + 1000, absoluteUntil: START + 1000 });
      const live = [userRecord("ada", { idleUntil: START + 1001 }), visitorRecord()];
      await addAll(store, [idle, absolute, ...live]);
      const ends = listen();
      assert.deepEqual(await store.sweep({ ...at(1000), limit: 10, ...ends }), { removed: 2, more: false });
      ends.are([
        [idle, "idle"],
        [absolute, "absolute"],
      ]);
      for (const record of live) await assertStored(store, record, 1000);
      await assertEnded(store, idle.id, "idle", { offset: 1000 });
    },
  },
  {
    name: "sweep: leaves a session alone one millisecond before its deadline",
    async run({ store }) {
      const record = userRecord();
      await addAll(store, [record]);
      const early = record.idleUntil - START - 1;
      assert.equal((await store.sweep({ ...at(early), limit: 10 })).removed, 0);
      await assertStored(store, record, early);
    },
  },
  {
    name: "sweep: ends at most limit sessions and says whether there are more",
    needs: ["sweep"],
    async run({ store }) {
      const records = Array.from({ length: 10 }, (_, i) => userRecord("ada", { idleUntil: START + i }));
      await addAll(store, records);
      const call = { ...at(1000), limit: 4 };
      assert.deepEqual(await store.sweep(call), { removed: 4, more: true });
      assert.deepEqual(await store.sweep(call), { removed: 4, more: true });
      assert.deepEqual(await store.sweep(call), { removed: 2, more: false });
      assert.deepEqual(await store.sweep(call), { removed: 0, more: false });
    },
  },
  {
    name: "sweep: goes by the deadline as it was moved since",
    needs: ["sweep"],
    async run({ store }) {
      const touched = userRecord("ada", { idleUntil: START + 1000 });
      const saved = userRecord("ada", { idleUntil: START + 1000 });
      await addAll(store, [touched, saved]);
      await store.touch(touched.id, START + 5000, at());
      await store.save(revised(saved, 0, { idleUntil: START + 5000 }), saved.version, at());
      assert.deepEqual(await store.sweep({ ...at(4999), limit: 10 }), { removed: 0, more: false });
      assert.deepEqual(await store.sweep({ ...at(5000), limit: 10 }), { removed: 2, more: false });
    },
  },
  {
    name: "sweep: what it ended is not brought back by a caller whose clock is behind",
    needs: ["sweep", "noRevival"],
    async run({ store }) {
      const record = userRecord("ada", { idleUntil: START + 1000 });
      await addAll(store, [record]);
      await store.sweep({ ...at(1000), limit: 10 });
      assert.equal(await store.touch(record.id, START + 9000, at()), false);
      assert.equal(await store.save(revised(record, 0), record.version, at()), "gone");
      const again = await store.create(record, { ...at(), since: { startedAt: START } });
      assert.deepEqual(again, { ok: false, reason: "ended" });
    },
  },
  {
    name: "sweep: sweeps in parallel end each session once",
    races: true,
    needs: ["sweep"],
    async run({ store, other }) {
      const records = Array.from({ length: 40 }, () => visitorRecord({ idleUntil: START + 1 }));
      await addAll(store, records);
      const ends = listen();
      const results = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          (i % 2 ? other : store).sweep({ ...at(1000), limit: 10, ...ends }),
        ),
      );
      const removed = results.reduce((sum, result) => sum + result.removed, 0);
      assert.equal(removed, ends.count);
      await sweepOut(store, 1000);
      for (const { id } of records) await assertEnded(store, id, "idle", { offset: 1000 });
    },
  },
  {
    name: "sweep: forgets ends after ten minutes and revocations after fifteen, not before",
    needs: ["sweep", "revokeUser"],
    async run({ store }) {
      const record = userRecord();
      await addAll(store, [record]);
      await store.deleteByUser("ada", at());
      await sweepOut(store, TOMBSTONE_MS - 1);
      await assertEnded(store, record.id, "revoked");
      await sweepOut(store, TOMBSTONE_MS);
      assert.equal(await store.load(record.id, at()), null, "the end is forgotten for every clock");
      await sweepOut(store, REVOCATION_MS - 1);
      assert.notEqual(await store.revocation("ada", at()), "");
      await sweepOut(store, REVOCATION_MS);
      assert.equal(await store.revocation("ada", at()), "", "the mark is forgotten for every clock");
    },
  },
  {
    name: "sweep: an empty store and an idle one have nothing to do",
    async run({ store }) {
      const nothing = { removed: 0, more: false };
      assert.deepEqual(await store.sweep({ ...at(), limit: 1 }), nothing);
      await addAll(store, [userRecord(), visitorRecord({ id: newId() })]);
      assert.deepEqual(await store.sweep({ ...at(), limit: 1 }), nothing);
    },
  },
];
