/** Opening, closing, health, and calls whose caller has given up. */
import assert from "node:assert/strict";
import type { CallOptions, SessionStore } from "../../stores/contract.ts";
import { add, assertStored, idsOf, listAll, rejectsWith } from "./checks.ts";
import type { Definition } from "./harness.ts";
import { at, begunAt, MINUTE, revised, userRecord } from "./records.ts";

/** Every operation the store guarantees, on one stored record; none of them started yet. */
function operations(
  store: SessionStore,
  call: CallOptions,
  record = userRecord(),
): readonly (() => Promise<unknown>)[] {
  const { userIndex, revokeUser } = store.guarantees;
  return [
    () => store.load(record.id, call),
    () => store.create(userRecord(), { ...begunAt(MINUTE), ...call }),
    () => store.save(revised(record), record.version, call),
    () => store.touch(record.id, record.idleUntil + 1000, call),
    () => store.delete(record.id, "revoked", call),
    () => store.deleteAll(call),
    () => store.sweep({ ...call, limit: 10 }),
    ...(userIndex ? [() => store.listByUser("ada", { ...call, limit: 10 })] : []),
    ...(revokeUser
      ? [
          () => store.deleteByUser("ada", call),
          () => store.erase("ada", call),
          () => store.revocation("ada", call),
        ]
      : []),
  ];
}

export const lifecycleCases: readonly Definition[] = [
  {
    name: "open: answers a list of warnings, and repeated it is harmless",
    async run({ store }) {
      const record = await add(store, userRecord());
      for (const warnings of [await store.open(), await store.open(at())]) {
        assert.ok(Array.isArray(warnings) && warnings.every((warning) => typeof warning === "string"));
      }
      await assertStored(store, record);
    },
  },
  {
    name: "health: says that an open store answers",
    async run({ store }) {
      assert.equal((await store.health(at())).ok, true);
    },
  },
  {
    name: "signal: a call whose caller gave up before it began is a timeout, and nothing is applied",
    needs: ["userIndex", "revokeUser"],
    async run({ store }) {
      const record = await add(store, userRecord());
      const call = { ...at(MINUTE), signal: AbortSignal.abort() };
      for (const operation of operations(store, call, record)) {
        await rejectsWith("timeout", operation);
      }
      await assertStored(store, record);
      assert.deepEqual(idsOf(await listAll(store, "ada")), [record.id]);
      assert.equal(await store.revocation("ada", at()), "");
    },
  },
  {
    name: "signal: one that aborts after the answer changes nothing",
    async run({ store }) {
      const controller = new AbortController();
      const call = { ...begunAt(), signal: controller.signal };
      const record = await add(store, userRecord(), call);
      controller.abort();
      await assertStored(store, record);
    },
  },
  {
    name: "close: every later call is a fault of kind closed, and health is not ok",
    async run({ store }) {
      const record = await add(store, userRecord());
      await store.close();
      for (const operation of operations(store, at(), record)) await rejectsWith("closed", operation);
      await rejectsWith("closed", () => store.open());
      assert.equal((await store.health(at())).ok, false);
    },
  },
  {
    name: "close: repeated it is harmless, and `await using` does the same",
    async run({ store, unrelated }) {
      await Promise.all([store.close(), store.close()]);
      await store.close();
      const disposed = await unrelated();
      await disposed[Symbol.asyncDispose]();
      await rejectsWith("closed", () => disposed.load(userRecord().id, at()));
    },
  },
  {
    name: "close: calls under way end well or as closed, never with another fault",
    async run({ store }) {
      const record = await add(store, userRecord());
      const underWay = operations(store, at(), record).map((operation) => operation());
      const closing = store.close();
      for (const call of underWay)
        await call.catch((error: unknown) => rejectsWith("closed", () => Promise.reject(error)));
      await closing;
    },
  },
];
