/** `create`: the only way in, recognising its own retry and what ended. */
import assert from "node:assert/strict";
import { TOMBSTONE_MS } from "../../stores/contract.ts";
import { add, addAll, assertAbsent, assertEnded, assertStored, idsOf, listAll, listen } from "./checks.ts";
import type { Definition } from "./harness.ts";
import { at, begunAt, newVersion, START, userRecord, visitorRecord } from "./records.ts";

export const creatingCases: readonly Definition[] = [
  {
    name: "create: a user's session is loaded as it was given",
    async run({ store }) {
      await assertStored(store, await add(store, userRecord()));
    },
  },
  {
    name: "create: a visitor's session is loaded as it was given",
    async run({ store }) {
      await assertStored(store, await add(store, visitorRecord()));
    },
  },
  {
    name: "create: an id that nobody has is absent",
    async run({ store }) {
      await add(store, userRecord());
      await assertAbsent(store, userRecord().id);
    },
  },
  {
    name: "create: repeated with the same version it is answered ok and changes nothing",
    async run({ store }) {
      const record = await add(store, userRecord());
      await store.touch(record.id, START + 40 * 60_000, at(1000));
      assert.deepEqual(await store.create(record, begunAt(2000)), { ok: true });
      await assertStored(store, { ...record, seenAt: START + 1000, idleUntil: START + 40 * 60_000 }, 2000);
    },
  },
  {
    name: "create: an id in use under another version is a collision, and its session is untouched",
    async run({ store }) {
      const record = await add(store, userRecord());
      const intruder = userRecord("eve", { id: record.id });
      assert.deepEqual(await store.create(intruder, begunAt()), { ok: false, reason: "collision" });
      await assertStored(store, record);
    },
  },
  {
    name: "create: of 20 sessions racing for one id one gets in, the others collide",
    races: true,
    async run({ store, other }) {
      const first = visitorRecord();
      const rivals = Array.from({ length: 20 }, () => ({ ...first, version: newVersion() }));
      const results = await Promise.all(
        rivals.map((record, i) => (i % 2 ? other : store).create(record, begunAt())),
      );
      assert.equal(results.filter((result) => result.ok).length, 1);
      const winner = rivals.find((_, i) => results[i]?.ok);
      await assertStored(store, winner ?? first);
      const refused = results.filter((result) => !result.ok);
      assert.ok(refused.every((result) => result.reason === "collision"));
    },
  },
  {
    name: "create: 20 retries of one create at once are all answered ok and make one session",
    races: true,
    needs: ["userIndex"],
    async run({ store, other }) {
      const record = userRecord();
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, i) => (i % 2 ? other : store).create(record, begunAt())),
      );
      assert.ok(results.every((result) => result.ok));
      assert.deepEqual(idsOf(await listAll(store, "ada")), [record.id]);
    },
  },
  {
    name: "create: the id of a session that ended is refused as ended, also to its own retry",
    needs: ["noRevival"],
    async run({ store }) {
      const record = await add(store, userRecord());
      await store.delete(record.id, "logged-out", at(1000));
      for (const retry of [record, { ...record, version: newVersion() }]) {
        assert.deepEqual(await store.create(retry, begunAt(2000)), { ok: false, reason: "ended" });
      }
      await assertEnded(store, record.id, "logged-out", { offset: 2000, endedAt: 1000 });
    },
  },
  {
    name: "create: a retry that comes after the session's deadline is refused as ended",
    needs: ["noRevival"],
    async run({ store }) {
      const record = await add(store, userRecord());
      const late = record.idleUntil - START;
      assert.deepEqual(await store.create(record, begunAt(late)), { ok: false, reason: "ended" });
      await assertEnded(store, record.id, "idle", { offset: late });
    },
  },
  {
    name: "create: an id is free again ten minutes after its end",
    async run({ store }) {
      const record = await add(store, userRecord());
      await store.delete(record.id, "logged-out", at());
      await add(store, record, begunAt(TOMBSTONE_MS));
      await assertStored(store, record, TOMBSTONE_MS);
    },
  },
  {
    name: "create: ends nobody and tells nobody when there is nothing to end",
    async run({ store }) {
      const before = userRecord();
      await addAll(store, [before, visitorRecord()]);
      const ends = listen();
      await add(store, userRecord(), begunAt(0, ends));
      ends.are([]);
      await assertStored(store, before);
    },
  },
];
