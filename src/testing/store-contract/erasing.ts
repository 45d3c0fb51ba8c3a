/** `erase`: complete as `deleteByUser` is, and nothing of the person is left. */
import assert from "node:assert/strict";
import { REVOCATION_MS } from "../../stores/contract.ts";
import { add, addAll, assertEnded, assertStored, listAll, listen } from "./checks.ts";
import { endingRaces } from "./ending-races.ts";
import type { Definition } from "./harness.ts";
import { at, begunAt, MINUTE, revised, START, userRecord, visitorRecord } from "./records.ts";

const REVOKED = { ok: false, reason: "revoked" } as const;
const started = (offset: number): { since: { startedAt: number } } => ({
  since: { startedAt: START + offset },
});

export const erasingCases: readonly Definition[] = [
  {
    name: "erase: ends all sessions of the user as revoked, tells of each once, and answers how many",
    needs: ["revokeUser", "userIndex"],
    async run({ store }) {
      const records = Array.from({ length: 5 }, () => userRecord());
      await addAll(store, records);
      const ends = listen();
      assert.equal(await store.erase("ada", { ...at(1000), ...ends }), 5);
      ends.are(records.map((record) => [record, "revoked"]));
      for (const { id } of records) await assertEnded(store, id, "revoked", { offset: 1000 });
      assert.deepEqual(await listAll(store, "ada", { offset: 1000 }), []);
    },
  },
  {
    name: "erase: leaves other users, their marks and visitors alone",
    needs: ["revokeUser"],
    async run({ store }) {
      await store.deleteByUser("eve", at());
      const mark = await store.revocation("eve", at());
      const others = [userRecord("bob"), userRecord("Ada"), userRecord("ada%"), visitorRecord()];
      await addAll(store, [userRecord("ada"), ...others]);
      assert.equal(await store.erase("ada", at()), 1);
      for (const record of others) await assertStored(store, record);
      assert.equal(await store.revocation("eve", at()), mark);
      assert.equal(await store.revocation("bob", at()), "");
    },
  },
  {
    name: "erase: an expired session ends as such, and is not counted",
    needs: ["revokeUser", "sweep"],
    async run({ store }) {
      const expired = userRecord("ada", { idleUntil: START + 1000 });
      const live = userRecord();
      await addAll(store, [expired, live]);
      const ends = listen();
      assert.equal(await store.erase("ada", { ...at(1000), ...ends }), 1);
      ends.are([
        [expired, "idle"],
        [live, "revoked"],
      ]);
    },
  },
  {
    name: "erase: repeated it ends only what came since, and tells of nothing else",
    needs: ["revokeUser"],
    async run({ store }) {
      await add(store, userRecord());
      await store.erase("ada", at());
      assert.equal(await store.erase("ada", at(1000)), 0);
      const record = await add(store, userRecord(), begunAt(2000));
      const ends = listen();
      assert.equal(await store.erase("ada", { ...at(3000), ...ends }), 1);
      ends.are([[record, "revoked"]]);
    },
  },
  {
    name: "erase: keeps out for fifteen minutes a login that began before it, and none that began after",
    needs: ["revokeUser"],
    async run({ store }) {
      await store.erase("ada", at(1000));
      for (const offset of [-MINUTE, 0, 1000]) {
        assert.deepEqual(await store.create(userRecord(), { ...at(2000), ...started(offset) }), REVOKED);
      }
      const late = { ...at(1000 + REVOCATION_MS - 1), ...started(0) };
      assert.deepEqual(await store.create(userRecord(), late), REVOKED);
      await add(store, userRecord(), { ...at(2000), ...started(1001) });
      await add(store, userRecord(), { ...at(1000 + REVOCATION_MS), ...started(0) });
    },
  },
  {
    name: "erase: refuses a login with a token from before it, also of another revocation, and takes the one it makes",
    needs: ["revokeUser"],
    async run({ store }) {
      const none = await store.revocation("ada", at());
      await store.deleteByUser("ada", at());
      const first = await store.revocation("ada", at());
      await store.erase("ada", at());
      const revocation = await store.revocation("ada", at());
      for (const old of [none, first]) {
        assert.deepEqual(await store.create(userRecord(), { ...at(), since: { revocation: old } }), REVOKED);
      }
      await add(store, userRecord(), { ...at(), since: { revocation } });
    },
  },
  {
    name: "erase: from a clock that is behind it does not move the mark back",
    races: true,
    needs: ["revokeUser"],
    async run({ store, other }) {
      await store.deleteByUser("ada", at(2000));
      await other.erase("ada", at(1000));
      assert.deepEqual(await store.create(userRecord(), { ...at(3000), ...started(1500) }), REVOKED);
    },
  },
  ...endingRaces("erase", 5),
  {
    name: "erase: what it ended is not brought back by a save, a touch or a create, and tells of nobody",
    needs: ["revokeUser", "noRevival"],
    async run({ store }) {
      const record = await add(store, userRecord());
      await store.erase("ada", at());
      assert.equal(await store.save(revised(record), record.version, at(1000)), "gone");
      assert.equal(await store.touch(record.id, record.idleUntil + 1000, at(1000)), false);
      assert.deepEqual(await store.create(record, begunAt(1000)), { ok: false, reason: "ended" });
      assert.deepEqual({ ...(await store.load(record.id, at(1000))) }, { ended: "revoked", at: START });
    },
  },
  {
    name: "erase: with thousands of sessions none is left, the count is right and others are untouched",
    needs: ["revokeUser", "userIndex"],
    async run({ store, many }) {
      const others = Array.from({ length: 5 }, () => userRecord("bob"));
      const records = Array.from({ length: many }, (_, i) => userRecord("ada", { createdAt: START + i }));
      await addAll(store, [...records, ...others]);
      assert.equal(await store.erase("ada", at(many)), many);
      assert.deepEqual(await listAll(store, "ada", { offset: many }), []);
      for (const record of others) await assertStored(store, record, many);
    },
  },
  {
    name: "restart: what was erased stays so, and logins that began before it stay out",
    needs: ["durable", "revokeUser", "userIndex"],
    async run({ store, restart }) {
      await addAll(store, [userRecord(), userRecord(), userRecord("bob")]);
      await store.erase("ada", at());
      const next = await restart();
      assert.deepEqual(await listAll(next, "ada"), []);
      assert.equal((await listAll(next, "bob")).length, 1);
      assert.deepEqual(await next.create(userRecord(), { ...at(MINUTE), ...started(0) }), REVOKED);
    },
  },
];
