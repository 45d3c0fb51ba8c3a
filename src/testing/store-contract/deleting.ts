/** `delete` and what it leaves: a tombstone with the reason, for ten minutes, without the data. */
import assert from "node:assert/strict";
import type { EndReason } from "../../errors.ts";
import { TOMBSTONE_MS } from "../../stores/contract.ts";
import {
  add,
  addAll,
  assertAbsent,
  assertConflict,
  assertEnded,
  assertStored,
  idsOf,
  listAll,
  listen,
} from "./checks.ts";
import type { Definition } from "./harness.ts";
import { at, MINUTE, newId, newVersion, revised, userRecord, visitorRecord } from "./records.ts";

const REASONS: readonly EndReason[] = [
  "idle",
  "absolute",
  "logged-out",
  "revoked",
  "replaced",
  "limit",
  "theft",
  "risk",
];

export const deletingCases: readonly Definition[] = [
  {
    name: "delete: ends the session and tells of it once, with its header and the reason",
    async run({ store }) {
      for (const record of [userRecord(), visitorRecord()]) {
        await add(store, record);
        const ends = listen();
        assert.equal(await store.delete(record.id, "logged-out", { ...at(1000), ...ends }), "deleted");
        ends.are([[record, "logged-out"]]);
        await assertEnded(store, record.id, "logged-out", { offset: 1000 });
      }
    },
  },
  {
    name: "delete: works the same when nobody listens",
    async run({ store }) {
      for (const record of [userRecord(), visitorRecord()]) {
        await add(store, record);
        assert.equal(await store.delete(record.id, "theft", at(1000)), "deleted");
        await assertEnded(store, record.id, "theft", { offset: 2000, endedAt: 1000 });
        assert.equal(await store.delete(record.id, "revoked", at(2000)), "gone");
        await assertEnded(store, record.id, "theft", { offset: 2000, endedAt: 1000 });
      }
    },
  },
  {
    name: "delete: with another version it is a conflict, also when nobody listens",
    needs: ["cas"],
    async run({ store }) {
      const record = await add(store, userRecord());
      const call = { ...at(), expected: newVersion() };
      assertConflict(await store.delete(record.id, "replaced", call), record);
      await assertStored(store, record);
    },
  },
  {
    name: "delete: every reason is remembered as it was given",
    async run({ store }) {
      for (const reason of REASONS) {
        const record = await add(store, userRecord());
        await store.delete(record.id, reason, at());
        await assertEnded(store, record.id, reason);
      }
    },
  },
  {
    name: "delete: repeated it is gone, and neither the reason nor the time of the end changes",
    async run({ store }) {
      const record = await add(store, userRecord());
      await store.delete(record.id, "logged-out", at());
      const ends = listen();
      assert.equal(await store.delete(record.id, "revoked", { ...at(1000), ...ends }), "gone");
      ends.are([]);
      await assertEnded(store, record.id, "logged-out", { offset: 1000, endedAt: 0 });
    },
  },
  {
    name: "delete: an absent session is gone and leaves no trace",
    async run({ store }) {
      const id = newId();
      assert.equal(await store.delete(id, "revoked", at()), "gone");
      assert.equal(await store.delete(id, "revoked", { ...at(), expected: newVersion() }), "gone");
      await assertAbsent(store, id);
    },
  },
  {
    name: "delete: with the version that is stored it ends the session",
    async run({ store }) {
      const record = await add(store, userRecord());
      const call = { ...at(), expected: record.version };
      assert.equal(await store.delete(record.id, "replaced", call), "deleted");
      assert.equal(await store.delete(record.id, "replaced", call), "gone");
    },
  },
  {
    name: "delete: with another version it is a conflict that carries what is stored, and ends nothing",
    needs: ["cas"],
    async run({ store }) {
      const record = await add(store, userRecord());
      const next = revised(record);
      await store.save(next, record.version, at(MINUTE));
      const ends = listen();
      const call = { ...at(MINUTE), expected: record.version, ...ends };
      assertConflict(await store.delete(record.id, "replaced", call), next);
      ends.are([]);
      await assertStored(store, next, MINUTE);
    },
  },
  {
    name: "delete: of 20 parallel deletes one is answered deleted and tells of it",
    races: true,
    async run({ store, other }) {
      const record = await add(store, userRecord());
      const ends = listen();
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          (i % 2 ? other : store).delete(record.id, "logged-out", { ...at(), ...ends }),
        ),
      );
      assert.equal(results.filter((result) => result === "deleted").length, 1);
      ends.are([[record, "logged-out"]]);
      const untold = await add(store, userRecord());
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          (i % 2 ? other : store).delete(untold.id, i % 3 ? "logged-out" : "revoked", at()),
        ),
      );
      assert.equal(answers.filter((answer) => answer === "deleted").length, 1);
    },
  },
  {
    name: "delete: wins over saves and touches racing with it",
    races: true,
    needs: ["noRevival"],
    async run({ store, other }) {
      for (let round = 0; round < 20; round++) {
        const record = await add(store, userRecord());
        await Promise.all([
          other.save(revised(record), record.version, at()),
          other.touch(record.id, record.idleUntil + MINUTE, at()),
          store.delete(record.id, "logged-out", at()),
          other.touch(record.id, record.idleUntil + MINUTE, at()),
          other.save(revised(record), record.version, at()),
        ]);
        await assertEnded(other, record.id, "logged-out");
      }
    },
  },
  {
    name: "tombstone: the end is told for ten minutes, and absent from then on",
    needs: ["noRevival"],
    async run({ store }) {
      const record = await add(store, userRecord());
      await store.delete(record.id, "revoked", at());
      await assertEnded(store, record.id, "revoked", { offset: TOMBSTONE_MS - 1, endedAt: 0 });
      await assertAbsent(store, record.id, TOMBSTONE_MS);
    },
  },
  {
    name: "tombstone: holds nothing of the session but reason and time",
    needs: ["noRevival"],
    async run({ store }) {
      const record = await add(store, userRecord());
      await store.delete(record.id, "revoked", at());
      const found = await store.load(record.id, at());
      assert.deepEqual(Object.keys(found ?? {}).sort(), ["at", "ended"]);
    },
  },
  {
    name: "tombstone: is never listed, counted or ended again",
    needs: ["userIndex", "revokeUser"],
    async run({ store }) {
      const ended = userRecord();
      const live = userRecord();
      await addAll(store, [ended, live]);
      await store.delete(ended.id, "logged-out", at());
      assert.deepEqual(idsOf(await listAll(store, "ada")), [live.id]);
      assert.equal(await store.deleteByUser("ada", at(1000)), 1);
      await assertEnded(store, ended.id, "logged-out", { offset: 1000, endedAt: 0 });
    },
  },
];
