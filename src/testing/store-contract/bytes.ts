/** What goes in comes out: every byte, every instant, every name, and nothing shared. */
import assert from "node:assert/strict";
import { headerOf } from "../../core/record.ts";
import {
  add,
  assertAbsent,
  assertSame,
  assertStored,
  idsOf,
  listAll,
  liveAt,
  rejectsWith,
} from "./checks.ts";
import type { Definition } from "./harness.ts";
import { at, begunAt, MINUTE, revised, START, userRecord, visitorRecord } from "./records.ts";

const END_OF_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

const LABELS: readonly (string | null)[] = [
  null,
  "",
  " ",
  "x".repeat(200),
  "\u{1F469}\u{200D}\u{1F680} Zoë's Tablet · テスト",
  "\u{1F600}".repeat(100),
  "null",
  "a\u0000b\r\nc\u001b[31m\"'\\",
];

const ABOUTS: readonly (string | null)[] = [
  null,
  "",
  "{}",
  "null",
  " { } ",
  "x".repeat(2048),
  JSON.stringify({ browser: "a\u0000b\r\n\u001b[31m\"'\\", purpose: "</script>", form: "\u2028" }),
  `{"system":"${"\u{1F680} Zoë テスト".repeat(100)}"}`,
];

export const byteCases: readonly Definition[] = [
  {
    name: "payload: every byte value comes back, in order",
    async run({ store }) {
      const all = Uint8Array.from({ length: 256 }, (_, i) => i);
      for (const bytes of [all, all.toReversed()]) {
        const record = userRecord("ada", { payload: bytes, credentials: bytes });
        await assertStored(store, await add(store, record));
        const next = revised(record, MINUTE, { payload: bytes.toReversed(), credentials: bytes });
        await store.save(next, record.version, at(MINUTE));
        await assertStored(store, next, MINUTE);
      }
    },
  },
  {
    name: "payload: an empty one comes back empty",
    async run({ store }) {
      const record = userRecord("ada", { payload: new Uint8Array(), credentials: new Uint8Array() });
      await assertStored(store, await add(store, record));
    },
  },
  {
    name: "payload: bytes inside a larger buffer are stored without their surroundings",
    async run({ store }) {
      const large = Uint8Array.from({ length: 64 }, (_, i) => i);
      const record = userRecord("ada", {
        payload: large.subarray(10, 20),
        credentials: Buffer.from(large.buffer, 30, 5),
      });
      await assertStored(store, await add(store, record));
    },
  },
  {
    name: "payload: the largest one is taken, one byte more is refused as too large and changes nothing",
    async run({ store }) {
      const { maxBytes } = store.guarantees;
      const largest = new Uint8Array(maxBytes).fill(0xa7);
      const tooLarge = new Uint8Array(maxBytes + 1);
      const record = await add(store, userRecord("ada", { payload: largest }));
      await assertStored(store, record);
      const next = revised(record, MINUTE, { payload: tooLarge });
      await rejectsWith("too-large", () => store.save(next, record.version, at(MINUTE)));
      await assertStored(store, record, MINUTE);
      const another = userRecord("ada", { payload: tooLarge });
      await rejectsWith("too-large", () => store.create(another, begunAt()));
      await assertAbsent(store, another.id);
    },
  },
  {
    name: "label: none, empty, 200 characters, emoji and control characters come back as they were",
    async run({ store }) {
      for (const label of LABELS) await assertStored(store, await add(store, userRecord("ada", { label })));
    },
  },
  {
    name: "about: none, empty, 2048 characters and hostile texts come back as they were, in loads and in listings",
    needs: ["userIndex"],
    async run({ store }) {
      for (const about of ABOUTS) {
        const record = await add(store, userRecord("ada", { about }));
        await assertStored(store, record);
        const listed = await listAll(store, "ada");
        assert.deepEqual(
          listed.find(({ id }) => id === record.id),
          headerOf(record),
        );
      }
    },
  },
  {
    name: "about: saves and touches leave it as it was created",
    async run({ store }) {
      for (const [about, other] of [
        ['{"level":2}', null],
        [null, '{"level":3}'],
      ] as const) {
        const record = await add(store, userRecord("ada", { about }));
        const next = revised(record, MINUTE, { about: other });
        await store.save(next, record.version, at(MINUTE));
        await store.touch(record.id, next.idleUntil, at(MINUTE));
        await assertStored(store, { ...next, about }, MINUTE);
      }
    },
  },
  {
    name: "about: nothing of it is answered once the session has ended",
    needs: ["userIndex"],
    async run({ store }) {
      const record = await add(store, userRecord("ada", { about: '{"purpose":"gone"}' }));
      await store.delete(record.id, "logged-out", at());
      const found = await store.load(record.id, at());
      if (found !== null) assert.deepEqual({ ...found }, { ended: "logged-out", at: START });
      assert.deepEqual(await listAll(store, "ada"), []);
    },
  },
  {
    name: "instants: come back to the millisecond from the epoch to the year 9999",
    needs: ["userIndex"],
    async run({ store }) {
      const old = userRecord("ada", { createdAt: 0, authenticatedAt: 1, seenAt: 2 });
      const late = userRecord("ada", {
        createdAt: END_OF_TIME - 3,
        authenticatedAt: END_OF_TIME - 3,
        seenAt: END_OF_TIME - 2,
        idleUntil: END_OF_TIME - 1,
        absoluteUntil: END_OF_TIME,
        idleFor: END_OF_TIME,
      });
      for (const record of [old, late]) {
        await add(store, record, begunAt());
        await assertStored(store, record);
      }
      assert.deepEqual(idsOf(await listAll(store, "ada")), [late.id, old.id]);
    },
  },
  {
    name: "isolation: what a caller does to its record afterwards does not reach the store",
    async run({ store }) {
      const bytes = Uint8Array.of(1, 2, 3);
      const hashes = Uint8Array.of(4, 5, 6);
      const record = userRecord("ada", { payload: bytes.slice(), credentials: hashes.slice() });
      await add(store, record);
      record.payload.fill(9);
      record.credentials.fill(9);
      await assertStored(store, { ...record, payload: bytes, credentials: hashes });
      const next = revised(record, MINUTE, { payload: bytes.slice(), credentials: hashes.slice() });
      await store.save(next, record.version, at(MINUTE));
      next.payload.fill(9);
      next.credentials.fill(9);
      await assertStored(store, { ...next, payload: bytes, credentials: hashes }, MINUTE);
    },
  },
  {
    name: "isolation: what a caller does to an answer does not reach the store or other answers",
    async run({ store }) {
      const record = await add(store, visitorRecord());
      const first = await liveAt(store, record.id);
      const second = await liveAt(store, record.id);
      first.payload.fill(0xee);
      first.credentials.fill(0xee);
      Object.assign(first, { idleUntil: START + 1, version: "forged" });
      assertSame(second, record);
      await assertStored(store, record);
      const result = await store.save(revised(record), "another", at());
      if (typeof result !== "string") result.conflict.payload.fill(0xee);
      if (result !== "saved") await assertStored(store, record);
    },
  },
  {
    name: "isolation: two stores opened at once know nothing of each other",
    needs: ["userIndex"],
    async run({ store, unrelated }) {
      const neighbour = await unrelated();
      const record = await add(store, userRecord());
      await assertAbsent(neighbour, record.id);
      assert.deepEqual(await listAll(neighbour, "ada"), []);
      await neighbour.deleteAll(at());
      await neighbour.deleteByUser("ada", at());
      await neighbour.close();
      await assertStored(store, record);
      assert.equal(await store.revocation("ada", at()), "");
    },
  },
];
