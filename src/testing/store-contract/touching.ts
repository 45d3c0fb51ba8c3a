/** `touch`: only the idle deadline and seenAt, only forward. */
import assert from "node:assert/strict";
import { add, assertAbsent, assertEnded, assertStored, listen } from "./checks.ts";
import type { Definition } from "./harness.ts";
import { at, MINUTE, revised, START, userRecord, visitorRecord } from "./records.ts";

export const touchingCases: readonly Definition[] = [
  {
    name: "touch: moves the idle deadline and seenAt; data and version stay",
    async run({ store }) {
      for (const record of [userRecord(), visitorRecord()]) {
        await add(store, record);
        const idleUntil = record.idleUntil + MINUTE;
        assert.equal(await store.touch(record.id, idleUntil, at(MINUTE)), true);
        await assertStored(store, { ...record, idleUntil, seenAt: START + MINUTE }, MINUTE);
      }
    },
  },
  {
    name: "touch: leaves a save under way its version",
    async run({ store }) {
      const record = await add(store, userRecord());
      await store.touch(record.id, record.idleUntil + MINUTE, at(MINUTE));
      assert.equal(await store.save(revised(record), record.version, at(MINUTE)), "saved");
    },
  },
  {
    name: "touch: never moves a deadline or seenAt back",
    async run({ store }) {
      const record = await add(store, userRecord());
      assert.equal(await store.touch(record.id, record.idleUntil - MINUTE, at(-MINUTE)), true);
      await assertStored(store, record);
    },
  },
  {
    name: "touch: moves seenAt also when the deadline is not further away",
    async run({ store }) {
      const record = await add(store, userRecord());
      assert.equal(await store.touch(record.id, record.idleUntil, at(MINUTE)), true);
      await assertStored(store, { ...record, seenAt: START + MINUTE }, MINUTE);
    },
  },
  {
    name: "touch: the idle deadline never passes the absolute one",
    async run({ store }) {
      const record = await add(store, userRecord());
      assert.equal(await store.touch(record.id, record.absoluteUntil + 1, at()), true);
      await assertStored(store, { ...record, idleUntil: record.absoluteUntil });
    },
  },
  {
    name: "touch: parallel touches leave the furthest deadline, and repeating one is harmless",
    races: true,
    async run({ store, other }) {
      const record = await add(store, userRecord());
      const minutes = [5, 1, 4, 2, 3, 5, 1];
      const results = await Promise.all(
        minutes.map((minute, i) =>
          (i % 2 ? other : store).touch(record.id, record.idleUntil + minute * MINUTE, at(minute * MINUTE)),
        ),
      );
      assert.ok(results.every(Boolean));
      const idleUntil = record.idleUntil + 5 * MINUTE;
      await assertStored(store, { ...record, idleUntil, seenAt: START + 5 * MINUTE }, 5 * MINUTE);
    },
  },
  {
    name: "touch: an absent session is answered false, and stays absent",
    async run({ store }) {
      const { id, idleUntil } = userRecord();
      assert.equal(await store.touch(id, idleUntil, at()), false);
      await assertAbsent(store, id);
    },
  },
  {
    name: "touch: a session that ended is answered false and is not brought back",
    needs: ["noRevival"],
    async run({ store }) {
      const record = await add(store, userRecord());
      await store.delete(record.id, "revoked", at());
      assert.equal(await store.touch(record.id, record.idleUntil + MINUTE, at(1000)), false);
      await assertEnded(store, record.id, "revoked", { offset: 1000, endedAt: 0 });
    },
  },
  {
    name: "touch: a session past its deadline is answered false, and is ended there and then",
    needs: ["noRevival"],
    async run({ store }) {
      const record = await add(store, userRecord());
      const late = record.idleUntil - START;
      const ends = listen();
      const until = record.idleUntil + MINUTE;
      assert.equal(await store.touch(record.id, until, { ...at(late), ...ends }), false);
      ends.are([[record, "idle"]]);
      await assertEnded(store, record.id, "idle", { offset: late - 1, endedAt: late });
    },
  },
];
