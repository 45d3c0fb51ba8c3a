/** Stores that keep all sessions of a user in one slot: what ids have to look like there. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { SessionStore } from "../../stores/contract.ts";
import { add, addAll, assertAbsent, assertEnded, assertStored, idsOf, listAll } from "./checks.ts";
import type { Definition } from "./harness.ts";
import { at, begunAt, userRecord, visitorRecord } from "./records.ts";

export const slotCases: readonly Definition[] = [
  {
    name: "slots: each user has a tag of two bytes, the same at every handle, and all sessions carry it",
    needs: ["slots"],
    async run({ store, restart }) {
      const users = Array.from({ length: 100 }, (_, i) => `user-${i}`);
      const tags = users.map((userId) => tagOf(store, userId));
      assert.ok(new Set(tags).size > 90, "users are spread over slots");
      const records = [userRecord("user-7"), userRecord("user-7")];
      await addAll(store, records);
      for (const { id } of records) assert.equal(tagIn(id), tags[7]);
      const again = await restart();
      assert.deepEqual(
        users.map((userId) => tagOf(again, userId)),
        tags,
      );
    },
  },
  {
    name: "slots: an id that does not carry its user's tag is a collision, and nothing is stored",
    needs: ["slots", "userIndex"],
    async run({ store }) {
      const record = userRecord("ada", { id: elsewhere(store, "ada") });
      assert.deepEqual(await store.create(record, begunAt()), { ok: false, reason: "collision" });
      await assertAbsent(store, record.id);
      assert.deepEqual(await listAll(store, "ada"), []);
    },
  },
  {
    name: "slots: a login of the same user replaces what lies in the user's slot, and leaves all else alone",
    needs: ["slots", "userIndex"],
    async run({ store }) {
      const [old, next, last] = [userRecord("ada"), userRecord("ada"), userRecord("ada")];
      const visitor = visitorRecord({ id: elsewhere(store, "ada") });
      await addAll(store, [old, visitor]);
      await add(store, next, begunAt(0, { replaces: old }));
      await add(store, last, begunAt(0, { replaces: visitor }));
      await assertEnded(store, old.id, "replaced");
      await assertStored(store, visitor);
      assert.deepEqual(new Set(idsOf(await listAll(store, "ada"))), new Set([next.id, last.id]));
    },
  },
  {
    name: "slots: deleteAll ends what lies in any of them",
    needs: ["slots"],
    async run({ store }) {
      const visitors = Array.from({ length: 200 }, () => visitorRecord());
      const users = Array.from({ length: 50 }, (_, i) => userRecord(`user-${i}`));
      await addAll(store, [...visitors, ...users]);
      assert.ok(new Set(visitors.map(({ id }) => tagIn(id))).size > 150, "visitors' ids are random");
      await store.deleteAll(at());
      for (const { id } of [...visitors, ...users]) await assertEnded(store, id, "revoked");
    },
  },
];

function tagOf(store: SessionStore, userId: string): string {
  const tag = store.tag?.(userId);
  assert.ok(tag instanceof Uint8Array, "a store with slots answers tag()");
  assert.equal(tag.byteLength, 2);
  return Buffer.from(tag).toString("hex");
}

function tagIn(id: string): string {
  return Buffer.from(id, "base64url").toString("hex", 0, 2);
}

/** An id that is not of this user's slot. */
function elsewhere(store: SessionStore, userId: string): string {
  const id = randomBytes(16);
  const [first = 0] = store.tag?.(userId) ?? [];
  id[0] = first ^ 1;
  return id.toString("base64url");
}
