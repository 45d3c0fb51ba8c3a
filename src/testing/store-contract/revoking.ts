/** `deleteByUser` and `deleteAll`: complete when they resolve, however many there are. */
import assert from "node:assert/strict";
import { add, addAll, assertEnded, assertStored, idsOf, listAll, listen } from "./checks.ts";
import { endingRaces } from "./ending-races.ts";
import type { Definition } from "./harness.ts";
import { at, begunAt, newId, revised, START, userRecord, visitorRecord } from "./records.ts";

export const revokingCases: readonly Definition[] = [
  {
    name: "deleteByUser: ends all sessions of the user as revoked, tells of each once, and answers how many",
    needs: ["revokeUser"],
    async run({ store }) {
      const records = Array.from({ length: 5 }, () => userRecord());
      await addAll(store, records);
      const ends = listen();
      assert.equal(await store.deleteByUser("ada", { ...at(1000), ...ends }), 5);
      ends.are(records.map((record) => [record, "revoked"]));
      for (const { id } of records) await assertEnded(store, id, "revoked", { offset: 1000 });
    },
  },
  {
    name: "deleteByUser: leaves other users and visitors alone",
    needs: ["revokeUser"],
    async run({ store }) {
      const others = [userRecord("bob"), userRecord("Ada"), userRecord("ada%"), visitorRecord()];
      await addAll(store, [userRecord("ada"), ...others]);
      assert.equal(await store.deleteByUser("ada", at()), 1);
      for (const record of others) await assertStored(store, record);
    },
  },
  {
    name: "deleteByUser: spares the session named by except, and only that",
    needs: ["revokeUser", "userIndex"],
    async run({ store }) {
      const kept = userRecord();
      await addAll(store, [userRecord(), kept, userRecord()]);
      assert.equal(await store.deleteByUser("ada", { ...at(), except: kept.id }), 2);
      assert.deepEqual(idsOf(await listAll(store, "ada")), [kept.id]);
      assert.equal(await store.deleteByUser("ada", { ...at(), except: newId() }), 1);
    },
  },
  {
    name: "deleteByUser: repeated it ends only what came since, and tells of nothing else",
    needs: ["revokeUser"],
    async run({ store }) {
      await add(store, userRecord());
      await store.deleteByUser("ada", at());
      assert.equal(await store.deleteByUser("ada", at(1000)), 0);
      const record = await add(store, userRecord(), begunAt(2000));
      const ends = listen();
      assert.equal(await store.deleteByUser("ada", { ...at(3000), ...ends }), 1);
      ends.are([[record, "revoked"]]);
    },
  },
  {
    name: "deleteByUser: ends also what a clock ahead of it created",
    needs: ["revokeUser"],
    async run({ store }) {
      const record = await add(store, userRecord("ada", { createdAt: START + 5000 }));
      assert.equal(await store.deleteByUser("ada", at()), 1);
      await assertEnded(store, record.id, "revoked");
    },
  },
  {
    name: "deleteByUser: with thousands of sessions none is left, the count is right and others are untouched",
    needs: ["revokeUser", "userIndex"],
    async run({ store, many }) {
      const records = Array.from({ length: many }, (_, i) => userRecord("ada", { createdAt: START + i }));
      const others = Array.from({ length: 5 }, () => userRecord("bob"));
      await addAll(store, [...records, ...others]);
      const ends = listen();
      const late = many + 1;
      assert.equal(await store.deleteByUser("ada", { ...at(late), ...ends }), many);
      assert.equal(ends.count, many);
      assert.deepEqual(await store.listByUser("ada", { ...at(late), limit: 10 }), {
        sessions: [],
        after: null,
      });
      for (const { id } of records) await assertEnded(store, id, "revoked", { offset: late });
      for (const record of others) await assertStored(store, record, late);
    },
  },
  ...endingRaces("deleteByUser", 10),
  {
    name: "deleteAll: ends every session there is as revoked",
    async run({ store }) {
      const records = [userRecord("ada"), userRecord("ada"), userRecord("bob"), visitorRecord()];
      await addAll(store, records);
      await store.deleteAll(at(1000));
      for (const { id } of records) await assertEnded(store, id, "revoked", { offset: 1000 });
    },
  },
  {
    name: "deleteAll: tells of each session once",
    needs: ["userIndex"],
    async run({ store }) {
      const records = [userRecord("ada"), userRecord("ada"), userRecord("bob"), visitorRecord()];
      await addAll(store, records);
      const ends = listen();
      await store.deleteAll({ ...at(1000), ...ends });
      ends.are(records.map((record) => [record, "revoked"]));
    },
  },
  {
    name: "deleteAll: keeps out no later login, and an empty store does not mind",
    needs: ["userIndex"],
    async run({ store }) {
      await store.deleteAll(at());
      await add(store, userRecord());
      await store.deleteAll(at(1000));
      assert.deepEqual(await listAll(store, "ada", { offset: 1000 }), []);
      const record = await add(store, userRecord(), begunAt(1000));
      await assertStored(store, record, 1000);
    },
  },
  {
    name: "deleteAll: what it ended is not brought back by a save, a touch or a create",
    needs: ["noRevival"],
    async run({ store }) {
      const record = await add(store, userRecord());
      await store.deleteAll(at());
      assert.equal(await store.save(revised(record), record.version, at(1000)), "gone");
      assert.equal(await store.touch(record.id, record.idleUntil + 1000, at(1000)), false);
      assert.deepEqual(await store.create(record, begunAt(1000)), { ok: false, reason: "ended" });
    },
  },
];
