/** `listByUser`: live sessions only, newest first, page by page. */
import assert from "node:assert/strict";
import { headerOf, type SessionRecord } from "../../core/record.ts";
import type { SessionStore } from "../../stores/contract.ts";
import { add, addAll, idsOf, listAll } from "./checks.ts";
import type { Definition } from "./harness.ts";
import { at, MINUTE, revised, START, userRecord, visitorRecord } from "./records.ts";

/** Sessions of one user in a shuffled order of creation; answers them newest first. */
async function shuffled(store: SessionStore, count: number): Promise<readonly SessionRecord[]> {
  const records = Array.from({ length: count }, (_, i) =>
    userRecord("ada", { createdAt: START + ((i * 7) % count) * 1000 }),
  );
  for (const record of records) await add(store, record);
  return records.toSorted((a, b) => b.createdAt - a.createdAt);
}

export const listingCases: readonly Definition[] = [
  {
    name: "list: shows the header of each live session, without credentials and data",
    needs: ["userIndex"],
    async run({ store }) {
      const record = await add(store, userRecord());
      const next = revised(record);
      await store.save(next, record.version, at(MINUTE));
      const { sessions, after } = await store.listByUser("ada", { ...at(MINUTE), limit: 10 });
      assert.deepEqual(
        sessions.map((session) => ({ ...session })),
        [headerOf(next)],
      );
      assert.equal(after, null);
    },
  },
  {
    name: "list: nobody's is empty",
    needs: ["userIndex"],
    async run({ store }) {
      await addAll(store, [userRecord("bob"), visitorRecord()]);
      for (const userId of ["ada", "", "null", "Bob", "bo", "bob "]) {
        assert.deepEqual(await store.listByUser(userId, { ...at(), limit: 5 }), {
          sessions: [],
          after: null,
        });
      }
    },
  },
  {
    name: "list: newest first, in pages of any size, each session once",
    needs: ["userIndex"],
    async run({ store }) {
      const records = await shuffled(store, 9);
      for (const limit of [1, 2, 3, 4, 8, 9, 10, 1000]) {
        const found = await listAll(store, "ada", { offset: 9000, limit });
        assert.deepEqual(idsOf(found), idsOf(records), `in pages of ${limit}`);
      }
    },
  },
  {
    name: "list: a page is full while there are more, and the last one says so",
    needs: ["userIndex"],
    async run({ store }) {
      await shuffled(store, 4);
      const call = { ...at(9000), limit: 2 };
      const first = await store.listByUser("ada", call);
      assert.equal(first.sessions.length, 2);
      assert.ok(first.after !== null);
      const second = await store.listByUser("ada", { ...call, after: first.after });
      assert.deepEqual([second.sessions.length, second.after], [2, null]);
    },
  },
  {
    name: "list: sessions of one millisecond keep one order, whatever the size of the page",
    needs: ["userIndex"],
    async run({ store }) {
      const records = Array.from({ length: 7 }, () => userRecord());
      await addAll(store, records);
      const order = idsOf(await listAll(store, "ada"));
      assert.deepEqual(order.toSorted(), idsOf(records).toSorted());
      for (const limit of [1, 2, 3]) {
        assert.deepEqual(idsOf(await listAll(store, "ada", { limit })), order, `in pages of ${limit}`);
      }
    },
  },
  {
    name: "list: a page goes on where the last one ended, also when that session has ended meanwhile",
    needs: ["userIndex"],
    async run({ store }) {
      for (const createdAt of [undefined, START]) {
        const records = Array.from({ length: 5 }, (_, i) =>
          userRecord("ada", { createdAt: createdAt ?? START + i * 1000 }),
        );
        await addAll(store, records);
        const order = idsOf(await listAll(store, "ada", { offset: 9000 }));
        const first = await store.listByUser("ada", { ...at(9000), limit: 2 });
        for (const { id } of first.sessions) await store.delete(id, "logged-out", at(9000));
        assert.ok(first.after !== null);
        const rest = await store.listByUser("ada", { ...at(9000), limit: 10, after: first.after });
        assert.deepEqual(idsOf(rest.sessions), order.slice(2));
        for (const { id } of rest.sessions) await store.delete(id, "logged-out", at(9000));
      }
    },
  },
  {
    name: "list: a page goes on past sessions that came meanwhile",
    needs: ["userIndex"],
    async run({ store }) {
      const records = await shuffled(store, 4);
      const first = await store.listByUser("ada", { ...at(9000), limit: 2 });
      await add(store, userRecord("ada", { createdAt: START + 60_000 }));
      assert.ok(first.after !== null);
      const rest = await store.listByUser("ada", { ...at(70_000), limit: 10, after: first.after });
      assert.deepEqual(idsOf(rest.sessions), idsOf(records.slice(2)));
    },
  },
  {
    name: "list: every session of thousands is found once",
    needs: ["userIndex"],
    async run({ store, many }) {
      const records = Array.from({ length: many }, (_, i) => userRecord("ada", { createdAt: START + i }));
      await addAll(store, [...records, userRecord("bob")]);
      const found = idsOf(await listAll(store, "ada", { offset: many }));
      assert.deepEqual(found, idsOf(records).toReversed());
    },
  },
];
