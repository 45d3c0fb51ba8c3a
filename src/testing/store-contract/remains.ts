/** What is left of a person in all that a store keeps: nothing, once `erase` has resolved. */
import assert from "node:assert/strict";
import type { SessionRecord } from "../../core/record.ts";
import { add, addAll, assertStored } from "./checks.ts";
import type { Definition } from "./harness.ts";
import { at, begunAt, revised, START, userRecord } from "./records.ts";

export const remainsCases: readonly Definition[] = [
  {
    name: "remains: after an erase nothing of the user is left in all that the store keeps",
    needs: ["remains", "revokeUser"],
    async run({ store, remains }) {
      const other = await add(store, traceable("bob"));
      const [early, swept] = [traceable("adas-account", "early"), traceable("adas-account", "swept")];
      await add(store, { ...early, payload: Buffer.alloc(20_000, early.payload) });
      await store.delete(early.id, "logged-out", at());
      await add(store, { ...swept, idleUntil: START + 1 });
      await store.sweep({ ...at(1), limit: 10 });
      await store.deleteByUser("adas-account", at(1));
      await add(store, traceable("adas-account", "again"), begunAt(2));
      assert.ok(isIn(await remains(), "adas-account"), "the harness shows what is stored");
      await store.erase("adas-account", at(3));
      for (const trace of ["adas-account", ...tracesOf("adas-account")]) {
        assert.ok(!isIn(await remains(), trace), `${trace} is still there`);
      }
      for (const trace of ["bob", ...tracesOf("bob")]) assert.ok(isIn(await remains(), trace));
      await assertStored(store, other, 3);
    },
  },
  {
    name: "remains: nor among thousands of sessions, theirs and others', some changed and some ended before",
    needs: ["remains", "revokeUser"],
    async run({ store, many, remains }) {
      const users = Array.from({ length: 20 }, (_, i) => `account-of-person-${i}-`);
      const records = Array.from({ length: many }, (_, i) =>
        traceable(users[i % users.length] ?? "", String(i)),
      );
      await addAll(store, records);
      for (const [i, record] of records.entries()) {
        if (i % 3 === 0)
          await store.save(revised(record, 1, { payload: sized(record, i) }), record.version, at(1));
        if (i % 7 === 0) await store.delete(record.id, "logged-out", at(1));
      }
      for (const user of users.slice(0, 2)) await store.erase(user, at(2));
      const kept = await remains();
      for (const user of users.slice(0, 2)) {
        for (const trace of [user, ...tracesOf(user)])
          assert.ok(!isIn(kept, trace), `${trace} is still there`);
      }
      assert.ok(isIn(kept, users.at(-1) ?? ""));
    },
  },
];

/** What a person's sessions say beside the user id, each in a place of its own. */
function tracesOf(userId: string): readonly string[] {
  return [`label of ${userId}`, `about ${userId}`, `data of ${userId}`];
}

function traceable(userId: string, more = ""): SessionRecord {
  const [label = "", about = "", data = ""] = tracesOf(userId);
  return userRecord(userId, {
    label,
    about: JSON.stringify({ about, more }),
    payload: Buffer.from(`${data} ${more}`),
  });
}

/** The same data over and over, so that rows grow and shrink. */
function sized({ payload }: SessionRecord, i: number): Uint8Array {
  return Buffer.alloc(100 + ((i * 7919) % 3000), payload);
}

/** As UTF-8 or UTF-16, whichever a store uses. */
function isIn(kept: readonly Uint8Array[], trace: string): boolean {
  return kept.some((bytes) => {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return buffer.includes(trace) || buffer.includes(Buffer.from(trace, "utf16le"));
  });
}
