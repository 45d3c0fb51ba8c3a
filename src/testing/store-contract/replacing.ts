/** `create` with `replaces`: a login of the same user takes the place of the session it came from. */
import assert from "node:assert/strict";
import { add, addAll, assertAbsent, assertEnded, assertSame, assertStored, listen } from "./checks.ts";
import type { Definition } from "./harness.ts";
import { at, begunAt, newId, newVersion, revised, START, userRecord, visitorRecord } from "./records.ts";

export const replacingCases: readonly Definition[] = [
  {
    name: "replaces: the old session ends as replaced in the same step, and is told of once",
    async run({ store }) {
      const old = await add(store, userRecord());
      const ends = listen();
      const record = await add(store, userRecord(), begunAt(1000, { replaces: old, ...ends }));
      await assertStored(store, record, 1000);
      await assertEnded(store, old.id, "replaced", { offset: 1000 });
      ends.are([[old, "replaced"]]);
    },
  },
  {
    name: "replaces: a retry of a create that replaced is answered ok and tells of nothing more",
    async run({ store }) {
      const old = await add(store, userRecord());
      const record = await add(store, userRecord(), begunAt(1000, { replaces: old }));
      const ends = listen();
      await add(store, record, begunAt(2000, { replaces: old, ...ends }));
      ends.are([]);
    },
  },
  {
    name: "replaces: a session written to meanwhile is a conflict that carries it; nothing ends, nothing is inserted",
    needs: ["cas"],
    async run({ store }) {
      const old = await add(store, userRecord());
      const written = revised(old, 500);
      await store.save(written, old.version, at(500));
      const record = userRecord();
      const ends = listen();
      const result = await store.create(record, begunAt(1000, { replaces: old, ...ends }));
      assert.ok(!result.ok && result.reason === "conflict");
      assertSame(result.current, written);
      ends.are([]);
      await assertStored(store, written, 1000);
      await assertAbsent(store, record.id, 1000);
    },
  },
  {
    name: "replaces: a touch meanwhile is no conflict",
    async run({ store }) {
      const old = await add(store, userRecord());
      await store.touch(old.id, old.idleUntil + 1000, at(1000));
      await add(store, userRecord(), begunAt(2000, { replaces: old }));
      await assertEnded(store, old.id, "replaced", { offset: 2000 });
    },
  },
  {
    name: "replaces: a session that is absent, ended or expired is no hindrance and keeps the reason it ended for",
    async run({ store }) {
      const ended = userRecord();
      const expired = userRecord("ada", { idleUntil: START + 1000 });
      await addAll(store, [ended, expired]);
      await store.delete(ended.id, "logged-out", at(1000));
      for (const replaces of [{ id: newId(), version: newVersion() }, ended, expired]) {
        await add(store, userRecord(), begunAt(1000, { replaces }));
      }
      await assertEnded(store, ended.id, "logged-out", { offset: 1000 });
      await assertEnded(store, expired.id, "idle", { offset: 1000 });
    },
  },
  {
    name: "replaces: never ends another user's session or a visitor's",
    async run({ store }) {
      const strangers = [userRecord("bob"), visitorRecord()];
      await addAll(store, strangers);
      for (const replaces of strangers) {
        await add(store, userRecord("ada"), begunAt(0, { replaces }));
        await assertStored(store, replaces);
      }
    },
  },
  {
    name: "replaces: of 20 parallel logins that replace one session exactly one ends it",
    races: true,
    needs: ["cas", "noRevival"],
    async run({ store, other }) {
      const old = await add(store, userRecord());
      const ends = listen();
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          (i % 2 ? other : store).create(userRecord(), begunAt(1000, { replaces: old, ...ends })),
        ),
      );
      assert.ok(results.every((result) => result.ok));
      ends.are([[old, "replaced"]]);
    },
  },
];
