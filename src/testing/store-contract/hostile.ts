/** Names that mean something to file systems, query languages and objects, and must mean nothing to a store. */
import assert from "node:assert/strict";
import type { SessionId } from "../../core/record.ts";
import { add, addAll, assertAbsent, assertStored, idsOf, listAll, listen, rejectsWith } from "./checks.ts";
import type { Definition } from "./harness.ts";
import { at, begunAt, newId, newVersion, START, userRecord } from "./records.ts";

/** Texts that are no session ids: too short, too long, or with something else in them. */
const NO_IDS: readonly string[] = [
  "",
  ".",
  "..",
  "../x",
  "../../../../etc/passwd",
  "a/b",
  "C:\\x",
  "\u0000",
  `${"A".repeat(21)}\u0000`,
  `${"A".repeat(20)}/Q`,
  `${"A".repeat(20)}..`,
  `${"A".repeat(20)}é`,
  `${"A".repeat(19)}\u{1F600}Q`,
  `${"A".repeat(22)}A`,
  "A".repeat(21),
  `${"A".repeat(22)}\n`,
  `${"A".repeat(22)}=`,
  "' OR '1'='1",
  '"; DROP TABLE sessions; --',
  "*",
  "%",
  "_".repeat(3),
  "x\r\nFLUSHALL\r\n",
  "__proto__",
  "constructor",
  "toString",
  "\ud800".repeat(22),
  "A".repeat(1_000_000),
];

/** Users with names somebody is bound to have one day. */
const USERS: readonly string[] = [
  "",
  " ",
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "null",
  "0",
  "a/b",
  "a",
  "../a",
  "%",
  "_",
  "*",
  "O'Neil",
  '"quoted"',
  "a\u0000b",
  "a\u0000",
  "line\r\nbreak",
  "Zoë",
  "Zoe\u0308",
  "用户",
  "\u{1F469}\u{200D}\u{1F680}",
  "x".repeat(256),
  "\u{1F600}".repeat(128),
  "ADA",
  "ada",
  "ada ",
];

/** An id that decodes to the same bytes with a lenient decoder: the last character has four bits to spare. */
function alias(id: SessionId): string {
  const spare: Readonly<Record<string, string>> = { A: "B", Q: "R", g: "h", w: "x" };
  return id.slice(0, -1) + (spare[id.at(-1) ?? ""] ?? "B");
}

function swapCase(text: string): string {
  return text.replace(/[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );
}

export const hostileCases: readonly Definition[] = [
  {
    name: "hostile ids: are answered as absent by every operation and hurt nobody",
    async run({ store }) {
      const record = await add(store, userRecord());
      const ends = listen();
      const call = { ...at(), ...ends };
      for (const id of [...NO_IDS, alias(record.id), ` ${record.id}`, `${record.id}=`]) {
        const name = JSON.stringify(id.slice(0, 40));
        assert.equal(await store.load(id, call), null, `load ${name}`);
        assert.equal(await store.touch(id, START + 9e9, call), false, `touch ${name}`);
        assert.equal(await store.save({ ...record, id }, record.version, call), "gone", `save ${name}`);
        assert.equal(await store.delete(id, "revoked", call), "gone", `delete ${name}`);
        const replaces = { id, version: newVersion() };
        const created = await store.create(userRecord("eve"), begunAt(0, { replaces, ...ends }));
        assert.deepEqual(created, { ok: true }, `replaces ${name}`);
      }
      ends.are([]);
      await assertStored(store, record);
    },
  },
  {
    name: "hostile ids: cannot be created; the fault is corrupt and nothing is stored",
    needs: ["userIndex"],
    async run({ store }) {
      const record = await add(store, userRecord());
      for (const id of [...NO_IDS, alias(record.id)]) {
        await rejectsWith("corrupt", () => store.create(userRecord("eve", { id }), begunAt()));
        await assertAbsent(store, id);
      }
      assert.deepEqual(await listAll(store, "eve"), []);
      await assertStored(store, record);
    },
  },
  {
    name: "hostile ids: as except they spare nobody",
    needs: ["revokeUser"],
    async run({ store }) {
      for (const except of NO_IDS) {
        await add(store, userRecord("ada"), {
          ...at(),
          since: { revocation: await store.revocation("ada", at()) },
        });
        assert.equal(await store.deleteByUser("ada", { ...at(), except }), 1);
      }
    },
  },
  {
    name: "ids: two that differ in upper and lower case only are two sessions",
    async run({ store }) {
      let id = newId("ada");
      while (!/[a-z].{2}$/i.test(id)) id = newId("ada");
      const lower = userRecord("ada", { id: id.slice(0, 3) + swapCase(id.slice(3, -1)) + id.slice(-1) });
      const upper = userRecord("ada", { id });
      await addAll(store, [lower, upper]);
      await assertStored(store, lower);
      await store.delete(upper.id, "revoked", at());
      await assertStored(store, lower);
    },
  },
  {
    name: "hostile users: each has sessions of their own, listed and ended apart from all others",
    needs: ["userIndex", "revokeUser"],
    async run({ store }) {
      const records = USERS.map((userId) => userRecord(userId));
      await addAll(store, records);
      for (const record of records) {
        await assertStored(store, record);
        const found = await listAll(store, record.userId ?? "");
        assert.deepEqual(
          found.map((session) => ({ ...session }).userId),
          [record.userId],
        );
      }
      let left = [...records];
      for (const record of records) {
        assert.equal(await store.deleteByUser(record.userId ?? "", at()), 1);
        left = left.filter((other) => other !== record);
        const ids = await Promise.all(left.map((other) => listAll(store, other.userId ?? "")));
        assert.deepEqual(idsOf(ids.flat()), idsOf(left));
      }
    },
  },
  {
    name: "hostile users: each is erased alone",
    needs: ["userIndex", "revokeUser"],
    async run({ store }) {
      const records = USERS.map((userId) => userRecord(userId));
      await addAll(store, records);
      for (const [done, record] of records.entries()) {
        assert.equal(await store.erase(record.userId ?? "", at()), 1, JSON.stringify(record.userId));
        for (const left of records.slice(done + 1)) await assertStored(store, left);
      }
    },
  },
  {
    name: "hostile users: each has a revocation mark of their own",
    needs: ["revokeUser"],
    async run({ store }) {
      for (const userId of USERS) {
        assert.equal(await store.revocation(userId, at()), "", JSON.stringify(userId));
        await store.deleteByUser(userId, at());
        assert.notEqual(await store.revocation(userId, at()), "", JSON.stringify(userId));
      }
    },
  },
];
