/** `save`: compare and set. */
import assert from "node:assert/strict";
import type { SessionRecord } from "../../core/record.ts";
import { add, assertAbsent, assertConflict, assertEnded, assertStored, listen } from "./checks.ts";
import type { Definition } from "./harness.ts";
import { at, MINUTE, newVersion, revised, START, userRecord, visitorRecord } from "./records.ts";

export const savingCases: readonly Definition[] = [
  {
    name: "save: replaces version, credentials, data, seenAt and the idle deadline",
    async run({ store }) {
      for (const record of [userRecord(), visitorRecord()]) {
        await add(store, record);
        const next = revised(record);
        assert.equal(await store.save(next, record.version, at(MINUTE)), "saved");
        await assertStored(store, next, MINUTE);
      }
    },
  },
  {
    name: "save: what belongs to the session for life never changes",
    async run({ store }) {
      const record = await add(store, userRecord());
      const next = revised(record);
      const forged: SessionRecord = {
        ...next,
        userId: "eve",
        createdAt: START - 1,
        authenticatedAt: START + 5,
        absoluteUntil: record.absoluteUntil + 1000,
        idleFor: 1,
        persistent: true,
        label: "another",
        about: '{"level":3}',
      };
      assert.equal(await store.save(forged, record.version, at(MINUTE)), "saved");
      await assertStored(store, next, MINUTE);
    },
  },
  {
    name: "save: a version that was written meanwhile is a conflict that carries what is stored",
    needs: ["cas"],
    async run({ store }) {
      const record = await add(store, userRecord());
      const first = revised(record, 1000);
      await store.save(first, record.version, at(1000));
      assertConflict(await store.save(revised(record, 2000), record.version, at(2000)), first);
      await assertStored(store, first, 2000);
    },
  },
  {
    name: "save: a version that was never stored is a conflict, however close",
    needs: ["cas"],
    async run({ store }) {
      const record = await add(store, userRecord());
      const swapped = record.version.replace(/[a-z]/i, (letter) =>
        letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
      );
      for (const expected of [newVersion(), swapped, "", record.version.slice(0, -1)]) {
        assertConflict(await store.save(revised(record), expected, at(MINUTE)), record);
      }
    },
  },
  {
    name: "save: a save repeated after it was applied meets its own version in the conflict",
    needs: ["cas"],
    async run({ store }) {
      const record = await add(store, userRecord());
      const next = revised(record);
      await store.save(next, record.version, at(MINUTE));
      assertConflict(await store.save(next, record.version, at(2 * MINUTE)), next);
    },
  },
  {
    name: "save: of 50 parallel saves with one expected version exactly one is saved, the others see it",
    races: true,
    needs: ["cas"],
    async run({ store, other }) {
      const record = await add(store, userRecord());
      const rivals = Array.from({ length: 50 }, () => revised(record));
      const results = await Promise.all(
        rivals.map((rival, i) => (i % 2 ? other : store).save(rival, record.version, at(MINUTE))),
      );
      const saved = rivals.filter((_, i) => results[i] === "saved");
      assert.equal(saved.length, 1);
      const [winner = record] = saved;
      for (const result of results) if (result !== "saved") assertConflict(result, winner);
      await assertStored(other, winner, MINUTE);
    },
  },
  {
    name: "save: counts every increment of 20 parallel writers that retry on conflict",
    races: true,
    needs: ["cas"],
    async run({ store, other }) {
      const record = await add(store, userRecord("ada", { payload: Uint8Array.of(0) }));
      const increment = async (through: typeof store): Promise<void> => {
        let base = record;
        // Each failed try means that another writer got through, so nobody needs more tries than there are writers.
        for (let tries = 0; tries < 20; tries++) {
          const next = revised(base, MINUTE, { payload: Uint8Array.of((base.payload[0] ?? 0) + 1) });
          const result = await through.save(next, base.version, at(MINUTE));
          if (result === "saved") return;
          assert.ok(result !== "gone");
          base = result.conflict;
        }
        assert.fail("a writer never got through");
      };
      await Promise.all(Array.from({ length: 20 }, (_, i) => increment(i % 2 ? other : store)));
      const found = await store.load(record.id, at(MINUTE));
      assert.equal(found && "payload" in found && found.payload[0], 20);
    },
  },
  {
    name: "save: an absent session is gone, and stays absent",
    async run({ store }) {
      const record = userRecord();
      assert.equal(await store.save(record, record.version, at()), "gone");
      assert.equal(await store.save(revised(record), record.version, at()), "gone");
      await assertAbsent(store, record.id);
    },
  },
  {
    name: "save: a session that ended is gone and is not brought back",
    needs: ["noRevival"],
    async run({ store }) {
      const record = await add(store, userRecord());
      await store.delete(record.id, "logged-out", at());
      assert.equal(await store.save(revised(record), record.version, at(MINUTE)), "gone");
      await assertEnded(store, record.id, "logged-out", { offset: MINUTE, endedAt: 0 });
    },
  },
  {
    name: "save: a session past its deadline is gone, and is ended there and then",
    needs: ["noRevival"],
    async run({ store }) {
      const record = await add(store, userRecord());
      const late = record.idleUntil - START;
      const ends = listen();
      const result = await store.save(revised(record, late), record.version, { ...at(late), ...ends });
      assert.equal(result, "gone");
      ends.are([[record, "idle"]]);
      await assertEnded(store, record.id, "idle", { offset: late - 1, endedAt: late });
    },
  },
  {
    name: "save: never shortens the idle deadline that a touch has moved meanwhile",
    async run({ store }) {
      const record = await add(store, userRecord());
      const until = record.idleUntil + 10 * MINUTE;
      await store.touch(record.id, until, at(2 * MINUTE));
      const next = revised(record, MINUTE);
      assert.equal(await store.save(next, record.version, at(3 * MINUTE)), "saved");
      await assertStored(store, { ...next, idleUntil: until, seenAt: START + 2 * MINUTE }, 3 * MINUTE);
    },
  },
  {
    name: "save: the idle deadline never passes the absolute one",
    async run({ store }) {
      const record = await add(store, userRecord());
      const next = revised(record, MINUTE, { idleUntil: record.absoluteUntil + 1 });
      assert.equal(await store.save(next, record.version, at(MINUTE)), "saved");
      await assertStored(store, { ...next, idleUntil: record.absoluteUntil }, MINUTE);
    },
  },
];
