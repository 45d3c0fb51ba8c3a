/** `create` with `limit`: how many sessions a user may have, exactly, also under parallel logins. */
import assert from "node:assert/strict";
import type { SessionRecord } from "../../core/record.ts";
import type { SessionStore, UserLimit } from "../../stores/contract.ts";
import {
  add,
  addAll,
  assertAbsent,
  assertEnded,
  assertStored,
  idsOf,
  listAll,
  listen,
  liveAt,
} from "./checks.ts";
import type { Definition } from "./harness.ts";
import { at, begunAt, newVersion, START, userRecord, visitorRecord } from "./records.ts";

const refuse = (max: number): UserLimit => ({ max, over: "refuse" });
const evict = (max: number): UserLimit => ({ max, over: "evict-oldest" });

/** Sessions of one user, each a second younger than the one before. */
async function devices(store: SessionStore, count: number): Promise<readonly SessionRecord[]> {
  const records = Array.from({ length: count }, (_, i) => userRecord("ada", { createdAt: START + i * 1000 }));
  await addAll(store, records);
  return records;
}

export const limitCases: readonly Definition[] = [
  {
    name: "limit refuse: a user at the limit is answered full, and nothing is inserted or ended",
    needs: ["userIndex"],
    async run({ store }) {
      const before = await devices(store, 2);
      const record = userRecord("ada", { createdAt: START + 5000 });
      const ends = listen();
      const result = await store.create(record, begunAt(5000, { limit: refuse(2), ...ends }));
      assert.deepEqual(result, { ok: false, reason: "full" });
      await assertAbsent(store, record.id, 5000);
      for (const device of before) await assertStored(store, device, 5000);
      ends.are([]);
    },
  },
  {
    name: "limit refuse: a user one below the limit gets in",
    needs: ["userIndex"],
    async run({ store }) {
      await devices(store, 2);
      await add(store, userRecord(), begunAt(5000, { limit: refuse(3) }));
      assert.equal((await listAll(store, "ada")).length, 3);
    },
  },
  {
    name: "limit evict-oldest: the oldest by createdAt ends with reason limit, whoever was seen last",
    needs: ["userIndex"],
    async run({ store }) {
      const [oldest, younger] = await devices(store, 2);
      assert.ok(oldest && younger);
      const until = oldest.idleUntil + 1000;
      await store.touch(oldest.id, until, at(4000));
      const ends = listen();
      await add(store, userRecord(), begunAt(5000, { limit: evict(2), ...ends }));
      await assertEnded(store, oldest.id, "limit", { offset: 5000 });
      await assertStored(store, younger, 5000);
      ends.are([[{ ...oldest, seenAt: START + 4000, idleUntil: until }, "limit"]]);
    },
  },
  {
    name: "limit evict-oldest: a limit that was lowered ends as many as it takes",
    needs: ["userIndex"],
    async run({ store }) {
      const before = await devices(store, 6);
      const ends = listen();
      const record = userRecord("ada", { createdAt: START + 9000 });
      await add(store, record, begunAt(9000, { limit: evict(2), ...ends }));
      assert.deepEqual(idsOf(await listAll(store, "ada", { offset: 9000 })), [record.id, before.at(-1)?.id]);
      ends.are(before.slice(0, 5).map((device) => [device, "limit"]));
    },
  },
  {
    name: "limit: the session that is replaced is not counted",
    needs: ["userIndex"],
    async run({ store }) {
      for (const limit of [refuse(2), evict(2)]) {
        const [first, second] = await devices(store, 2);
        assert.ok(first && second);
        const record = await add(store, userRecord(), begunAt(5000, { limit, replaces: second }));
        await assertStored(store, first, 5000);
        await assertEnded(store, second.id, "replaced", { offset: 5000 });
        for (const { id } of [first, record]) await store.delete(id, "logged-out", at(5000));
      }
    },
  },
  {
    name: "limit: expired sessions are not counted and end on the way",
    needs: ["userIndex"],
    async run({ store }) {
      const expired = userRecord("ada", { idleUntil: START + 1000 });
      const live = userRecord("ada");
      await addAll(store, [expired, live]);
      const ends = listen();
      await add(store, userRecord(), begunAt(1000, { limit: refuse(2), ...ends }));
      await assertStored(store, live, 1000);
      await assertEnded(store, expired.id, "idle", { offset: 1000 });
      ends.are([[expired, "idle"]]);
    },
  },
  {
    name: "limit: sessions that ended, other users' and visitors' are not counted",
    needs: ["userIndex"],
    async run({ store }) {
      const ended = userRecord("ada");
      const strangers = [userRecord("bob"), userRecord("Ada"), visitorRecord()];
      await addAll(store, [ended, ...strangers]);
      await store.delete(ended.id, "logged-out", at());
      await add(store, userRecord("ada"), begunAt(0, { limit: refuse(1) }));
      await add(store, userRecord("eve"), begunAt(0, { limit: evict(1) }));
      for (const stranger of strangers) await assertStored(store, stranger);
    },
  },
  {
    name: "limit: does not apply to visitors",
    async run({ store }) {
      const visitors = Array.from({ length: 4 }, () => visitorRecord());
      for (const [i, visitor] of visitors.entries()) {
        await add(store, visitor, begunAt(0, { limit: i % 2 ? refuse(1) : evict(1) }));
      }
      for (const visitor of visitors) await assertStored(store, visitor);
    },
  },
  {
    name: "limit: the retry of a create that was applied does not count itself",
    needs: ["userIndex"],
    async run({ store }) {
      const [first] = await devices(store, 1);
      assert.ok(first);
      for (const limit of [refuse(2), evict(2)]) {
        const record = userRecord("ada", { createdAt: START + 2000 });
        await add(store, record, begunAt(2000, { limit }));
        await add(store, record, begunAt(3000, { limit }));
        await assertStored(store, first, 3000);
        await assertStored(store, record, 3000);
        await store.delete(record.id, "logged-out", at(3000));
      }
    },
  },
  {
    name: "limit: a conflict on the replaced session is answered before the limit is looked at",
    needs: ["userIndex", "cas"],
    async run({ store }) {
      const [first, second] = await devices(store, 2);
      assert.ok(first && second);
      const replaces = { id: second.id, version: newVersion() };
      for (const limit of [refuse(1), evict(1)]) {
        const result = await store.create(userRecord(), begunAt(5000, { limit, replaces }));
        assert.equal(!result.ok && result.reason, "conflict");
      }
      await assertStored(store, first, 5000);
    },
  },
  {
    name: "limit refuse: of 50 parallel logins exactly as many get in as there is room for",
    races: true,
    needs: ["userIndex"],
    async run({ store, other }) {
      await devices(store, 2);
      const results = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          (i % 2 ? other : store).create(userRecord(), begunAt(5000, { limit: refuse(5) })),
        ),
      );
      assert.equal(results.filter((result) => result.ok).length, 3);
      assert.equal(results.filter((result) => !result.ok && result.reason === "full").length, 47);
      assert.equal((await listAll(store, "ada", { offset: 5000 })).length, 5);
    },
  },
  {
    name: "limit evict-oldest: after 50 parallel logins exactly the limit is left, and each end was told once",
    races: true,
    needs: ["userIndex"],
    async run({ store, other }) {
      const before = await devices(store, 2);
      const records = Array.from({ length: 50 }, () => userRecord("ada", { createdAt: START + 5000 }));
      const ends = listen();
      await Promise.all(
        records.map((record, i) =>
          add(i % 2 ? other : store, record, begunAt(5000, { limit: evict(5), ...ends })),
        ),
      );
      const left = new Set(idsOf(await listAll(store, "ada", { offset: 5000 })));
      assert.equal(left.size, 5);
      const gone = [...before, ...records].filter(({ id }) => !left.has(id));
      ends.are(gone.map((record) => [record, "limit"]));
      for (const id of left) await liveAt(store, id, 5000);
    },
  },
];
