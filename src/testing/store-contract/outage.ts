/** An outage is an error, never an absent session; and it costs nothing that was there. */
import assert from "node:assert/strict";
import { StoreFault } from "../../errors.ts";
import { add, assertStored } from "./checks.ts";
import type { Definition } from "./harness.ts";
import { at, begunAt, MINUTE, revised, userRecord } from "./records.ts";

export const outageCases: readonly Definition[] = [
  {
    name: "outage: every operation throws a StoreFault, health says so, and afterwards all is as it was",
    needs: ["outage"],
    async run({ store, outage }) {
      const record = await add(store, userRecord());
      const mend = await outage();
      try {
        const call = { ...at(MINUTE), signal: AbortSignal.timeout(2000) };
        const attempts: readonly Promise<unknown>[] = [
          store.load(record.id, call),
          store.create(userRecord("bob"), { ...begunAt(MINUTE), ...call }),
          store.save(revised(record), record.version, call),
          store.touch(record.id, record.idleUntil + MINUTE, call),
          store.delete(record.id, "revoked", call),
          store.listByUser("ada", { ...call, limit: 1 }),
          store.deleteByUser("ada", call),
          store.erase("ada", call),
          store.revocation("ada", call),
          store.deleteAll(call),
        ];
        for (const result of await Promise.allSettled(attempts)) {
          assert.ok(result.status === "rejected", "an operation was answered during the outage");
          assert.ok(result.reason instanceof StoreFault, `a StoreFault, not ${String(result.reason)}`);
        }
        assert.equal((await store.health(call)).ok, false);
      } finally {
        await mend();
      }
      await assertStored(store, record);
    },
  },
];
