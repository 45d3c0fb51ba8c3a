/** Deadlines: live to the millisecond before, dead from the millisecond itself, and dead for everybody. */
import assert from "node:assert/strict";
import type { SessionRecord } from "../../core/record.ts";
import type { EndReason } from "../../errors.ts";
import { add, addAll, assertEnded, assertStored, idsOf, listAll, listen } from "./checks.ts";
import type { Definition } from "./harness.ts";
import { at, begunAt, MINUTE, revised, START, userRecord, visitorRecord } from "./records.ts";

const FAR = 400 * 24 * 60 * MINUTE;

/** Deadlines in every order, and which one is named when both have come. */
const DEADLINES: readonly (readonly [string, Partial<SessionRecord>, EndReason])[] = [
  ["idle before absolute", { idleUntil: START + 1000, absoluteUntil: START + FAR }, "idle"],
  ["absolute before idle", { idleUntil: START + FAR, absoluteUntil: START + 1000 }, "absolute"],
  ["both at once", { idleUntil: START + 1000, absoluteUntil: START + 1000 }, "absolute"],
];

export const expiryCases: readonly Definition[] = [
  ...DEADLINES.map(
    ([which, fields, reason]): Definition => ({
      name: `expiry, ${which}: live one millisecond before the deadline, ended at it`,
      async run({ store }) {
        for (const record of [userRecord("ada", fields), visitorRecord(fields)]) {
          await add(store, record);
          const found = await store.load(record.id, at(999));
          assert.ok(found && !("ended" in found));
          const ends = listen();
          await store.load(record.id, { ...at(1000), ...ends });
          ends.are([[record, reason]]);
          await assertEnded(store, record.id, reason, { offset: 1000 });
        }
      },
    }),
  ),
  {
    name: "expiry: a session that waited past both deadlines ended by the absolute one",
    async run({ store }) {
      const record = await add(store, userRecord());
      const late = record.absoluteUntil - START;
      await assertEnded(store, record.id, "absolute", { offset: late });
    },
  },
  {
    name: "expiry: the load that finds a session expired ends it, tells of it, and later loads do not",
    async run({ store }) {
      const record = await add(store, userRecord());
      const late = record.idleUntil - START;
      const ends = listen();
      for (let i = 0; i < 3; i++) await store.load(record.id, { ...at(late + i), ...ends });
      ends.are([[record, "idle"]]);
    },
  },
  {
    name: "expiry: of 20 parallel loads that find a session expired one tells of it",
    races: true,
    async run({ store, other }) {
      const record = await add(store, userRecord());
      const late = record.idleUntil - START;
      const ends = listen();
      await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          (i % 2 ? other : store).load(record.id, { ...at(late), ...ends }),
        ),
      );
      ends.are([[record, "idle"]]);
    },
  },
  {
    name: "expiry: what one caller saw expire stays ended for a caller whose clock is behind",
    races: true,
    needs: ["noRevival"],
    async run({ store, other }) {
      const record = await add(store, userRecord());
      const late = record.idleUntil - START;
      await assertEnded(store, record.id, "idle", { offset: late });
      const behind = late - MINUTE;
      assert.equal(await other.touch(record.id, record.idleUntil + MINUTE, at(behind)), false);
      assert.equal(await other.save(revised(record, behind), record.version, at(behind)), "gone");
      assert.deepEqual(await other.create(record, begunAt(behind)), { ok: false, reason: "ended" });
      await assertEnded(other, record.id, "idle", { offset: behind, endedAt: late });
    },
  },
  {
    name: "expiry: a caller whose clock is behind does not end a live session",
    async run({ store }) {
      const record = await add(store, userRecord());
      const ends = listen();
      await store.load(record.id, { ...at(-FAR), ...ends });
      await store.sweep({ ...at(-FAR), limit: 10, ...ends });
      ends.are([]);
      await assertStored(store, record);
    },
  },
  {
    name: "expiry: a deadline that was moved by a touch or a save counts from then on, the old one no more",
    async run({ store }) {
      const touched = await add(store, userRecord());
      const saved = await add(store, userRecord());
      const late = touched.idleUntil - START;
      await store.touch(touched.id, touched.idleUntil + 1000, at(late - 1));
      await store.save(
        revised(saved, late - 1, { idleUntil: saved.idleUntil + 1000 }),
        saved.version,
        at(late - 1),
      );
      for (const { id } of [touched, saved]) {
        const found = await store.load(id, at(late + 999));
        assert.ok(found && !("ended" in found), "live until the new deadline");
        await assertEnded(store, id, "idle", { offset: late + 1000 });
      }
    },
  },
  {
    name: "expiry: an expired session is neither listed nor counted as ended by deleteByUser",
    needs: ["userIndex", "revokeUser"],
    async run({ store }) {
      const expired = userRecord("ada", { idleUntil: START + 1000 });
      const live = userRecord("ada");
      await addAll(store, [expired, live]);
      assert.deepEqual(idsOf(await listAll(store, "ada", { offset: 1000 })), [live.id]);
      assert.equal(await store.deleteByUser("ada", at(1000)), 1);
      await assertEnded(store, expired.id, "idle", { offset: 1000 });
    },
  },
  {
    name: "expiry: delete answers gone for an expired session, which keeps expiry as its reason",
    async run({ store }) {
      const record = await add(store, userRecord());
      const late = record.idleUntil - START;
      const ends = listen();
      assert.equal(await store.delete(record.id, "logged-out", { ...at(late), ...ends }), "gone");
      ends.are([[record, "idle"]]);
      await assertEnded(store, record.id, "idle", { offset: late });
      const untold = await add(store, userRecord());
      assert.equal(await store.delete(untold.id, "logged-out", at(late)), "gone");
      await assertEnded(store, untold.id, "idle", { offset: late });
    },
  },
];
