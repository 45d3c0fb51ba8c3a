/** Stores that outlive their process: what was answered is there for the next one. */
import assert from "node:assert/strict";
import { add, addAll, assertEnded, assertStored, idsOf, listAll } from "./checks.ts";
import type { Definition } from "./harness.ts";
import { at, begunAt, MINUTE, revised, START, userRecord, visitorRecord } from "./records.ts";

export const durabilityCases: readonly Definition[] = [
  {
    name: "restart: created, saved and touched sessions are there as they were",
    needs: ["durable"],
    async run({ store, restart }) {
      const [created, base, touched] = [userRecord(), userRecord(), visitorRecord()];
      await addAll(store, [created, base, touched]);
      const saved = revised(base, 0);
      await store.save(saved, base.version, at());
      await store.touch(touched.id, touched.idleUntil + MINUTE, at(1000));
      const next = await restart();
      await assertStored(next, created);
      await assertStored(next, saved);
      await assertStored(next, { ...touched, idleUntil: touched.idleUntil + MINUTE, seenAt: START + 1000 });
    },
  },
  {
    name: "restart: what ended stays ended, with its reason",
    needs: ["durable", "noRevival"],
    async run({ store, restart }) {
      const [deleted, replaced, expired] = [userRecord(), userRecord(), userRecord()];
      await addAll(store, [deleted, replaced, expired]);
      await store.delete(deleted.id, "logged-out", at(1000));
      await add(store, userRecord(), begunAt(1000, { replaces: replaced }));
      const late = expired.idleUntil - START;
      await store.load(expired.id, at(late));
      const next = await restart();
      await assertEnded(next, deleted.id, "logged-out", { offset: 2000, endedAt: 1000 });
      await assertEnded(next, replaced.id, "replaced", { offset: 2000, endedAt: 1000 });
      await assertEnded(next, expired.id, "idle", { offset: 2000, endedAt: late });
      assert.deepEqual(await next.create(deleted, begunAt(2000)), { ok: false, reason: "ended" });
    },
  },
  {
    name: "restart: the sessions of a user are listed in the same order",
    needs: ["durable", "userIndex"],
    async run({ store, restart }) {
      const records = Array.from({ length: 6 }, (_, i) =>
        userRecord("ada", { createdAt: START + (i % 3) * 1000 }),
      );
      await addAll(store, [...records, userRecord("bob")]);
      const order = idsOf(await listAll(store, "ada", { offset: 5000 }));
      const next = await restart();
      assert.deepEqual(idsOf(await listAll(next, "ada", { offset: 5000, limit: 2 })), order);
    },
  },
  {
    name: "restart: a revocation still keeps out the logins that began before it",
    needs: ["durable", "revokeUser"],
    async run({ store, restart }) {
      await add(store, userRecord());
      const before = await store.revocation("ada", at());
      await store.deleteByUser("ada", at(1000));
      const token = await store.revocation("ada", at(1000));
      const next = await restart();
      assert.equal(await next.revocation("ada", at(2000)), token);
      for (const since of [{ startedAt: START }, { revocation: before }]) {
        const result = await next.create(userRecord(), { ...at(2000), since });
        assert.deepEqual(result, { ok: false, reason: "revoked" });
      }
    },
  },
  {
    name: "restart: an acknowledged deleteByUser of thousands is whole",
    needs: ["durable", "revokeUser", "userIndex"],
    async run({ store, many, restart }) {
      await addAll(
        store,
        Array.from({ length: Math.min(many, 2000) }, () => userRecord()),
      );
      const other = await add(store, userRecord("bob"));
      await store.deleteByUser("ada", at());
      const next = await restart();
      assert.deepEqual(await listAll(next, "ada"), []);
      assert.deepEqual(idsOf(await listAll(next, "bob")), [other.id]);
    },
  },
  {
    name: "restart: a sweep finds what expired while nobody was there",
    needs: ["durable", "sweep"],
    async run({ store, restart }) {
      const records = Array.from({ length: 3 }, () => visitorRecord({ idleUntil: START + 1000 }));
      await addAll(store, records);
      const next = await restart();
      assert.deepEqual(await next.sweep({ ...at(1000), limit: 10 }), { removed: 3, more: false });
    },
  },
];
