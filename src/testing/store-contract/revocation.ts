/** The mark that `deleteByUser` sets: no login gets in that began before it (flaw F10). */
import assert from "node:assert/strict";
import { REVOCATION_MS } from "../../stores/contract.ts";
import { add, addAll, assertAbsent, assertStored, listen } from "./checks.ts";
import type { Definition } from "./harness.ts";
import { at, begunAt, MINUTE, newVersion, START, userRecord, visitorRecord } from "./records.ts";

const REVOKED = { ok: false, reason: "revoked" } as const;
const started = (offset: number): { since: { startedAt: number } } => ({
  since: { startedAt: START + offset },
});

export const revocationCases: readonly Definition[] = [
  {
    name: "mark: a login that began before a deleteByUser, or in its very millisecond, is refused as revoked",
    needs: ["revokeUser"],
    async run({ store }) {
      await store.deleteByUser("ada", at(1000));
      for (const offset of [-MINUTE, 0, 999, 1000]) {
        const record = userRecord();
        assert.deepEqual(await store.create(record, { ...at(2000), ...started(offset) }), REVOKED);
        await assertAbsent(store, record.id, 2000);
      }
    },
  },
  {
    name: "mark: a login that began after it gets in",
    needs: ["revokeUser"],
    async run({ store }) {
      await store.deleteByUser("ada", at(1000));
      await add(store, userRecord(), { ...at(2000), ...started(1001) });
    },
  },
  {
    name: "mark: keeps out its own user only, and no visitor",
    needs: ["revokeUser"],
    async run({ store }) {
      await store.deleteByUser("ada", at(1000));
      const welcome = [userRecord("bob"), userRecord("Ada"), userRecord("ada "), visitorRecord()];
      for (const record of welcome) await add(store, record, { ...at(2000), ...started(0) });
    },
  },
  {
    name: "mark: is looked at before the replaced session and the limit, and a refusal ends nobody",
    needs: ["revokeUser"],
    async run({ store }) {
      const kept = await add(store, userRecord());
      await store.deleteByUser("ada", { ...at(1000), except: kept.id });
      const ends = listen();
      for (const replaces of [kept, { id: kept.id, version: newVersion() }]) {
        for (const over of ["refuse", "evict-oldest"] as const) {
          const call = { ...at(2000), ...started(0), replaces, limit: { max: 1, over }, ...ends };
          assert.deepEqual(await store.create(userRecord(), call), REVOKED);
        }
      }
      ends.are([]);
      await assertStored(store, kept, 2000);
    },
  },
  {
    name: "mark: a retry of a create that was applied is answered ok, since its own id comes first",
    needs: ["revokeUser"],
    async run({ store }) {
      const record = await add(store, userRecord());
      await store.deleteByUser("ada", { ...at(1000), except: record.id });
      await add(store, record, begunAt(0));
      await assertStored(store, record, 1000);
    },
  },
  {
    name: "mark: is set also when the user has no sessions",
    needs: ["revokeUser"],
    async run({ store }) {
      assert.equal(await store.deleteByUser("ada", at(1000)), 0);
      assert.notEqual(await store.revocation("ada", at(1000)), "");
    },
  },
  {
    name: "mark: keeps out for fifteen minutes, to the millisecond",
    needs: ["revokeUser"],
    async run({ store }) {
      await store.deleteByUser("ada", at());
      const before = { ...at(REVOCATION_MS - 1), ...started(0) };
      assert.deepEqual(await store.create(userRecord(), before), REVOKED);
      await add(store, userRecord(), { ...at(REVOCATION_MS), ...started(0) });
    },
  },
  {
    name: "mark: a deleteByUser from a clock that is behind does not move it back",
    races: true,
    needs: ["revokeUser"],
    async run({ store, other }) {
      await store.deleteByUser("ada", at(2000));
      await other.deleteByUser("ada", at(1000));
      assert.deepEqual(await store.create(userRecord(), { ...at(3000), ...started(1500) }), REVOKED);
    },
  },
  {
    name: "revocation: empty for a user who never had sessions revoked, and for others than the one who had",
    needs: ["revokeUser"],
    async run({ store }) {
      await addAll(store, [userRecord("ada"), userRecord("bob")]);
      await store.deleteByUser("ada", at());
      assert.equal(await store.revocation("bob", at()), "");
      assert.equal(await store.revocation("", at()), "");
    },
  },
  {
    name: "revocation: a new token with each deleteByUser, the same until then, and for fifteen minutes",
    races: true,
    needs: ["revokeUser"],
    async run({ store, other }) {
      const tokens = new Set<string>();
      for (let i = 0; i < 5; i++) {
        await store.deleteByUser("ada", at(0));
        const token = await other.revocation("ada", at(1000));
        assert.equal(await store.revocation("ada", at(REVOCATION_MS - 1)), token);
        tokens.add(token);
      }
      assert.equal(tokens.size, 5);
      assert.ok(!tokens.has(""));
      assert.equal(await store.revocation("ada", at(REVOCATION_MS)), "");
    },
  },
  {
    name: "revocation: a login with a token from before a deleteByUser is refused, whatever the clocks say",
    needs: ["revokeUser"],
    async run({ store }) {
      const none = await store.revocation("ada", at());
      await store.deleteByUser("ada", at(-MINUTE));
      const first = await store.revocation("ada", at());
      await store.deleteByUser("ada", at(-2 * MINUTE));
      for (const revocation of [none, first, "made-up"]) {
        const call = { ...at(MINUTE), since: { revocation } };
        assert.deepEqual(await store.create(userRecord(), call), REVOKED);
      }
    },
  },
  {
    name: "revocation: a login with the token as it stands gets in, also in the very millisecond",
    needs: ["revokeUser"],
    async run({ store }) {
      const none = await store.revocation("ada", at());
      await add(store, userRecord(), { ...at(), since: { revocation: none } });
      await store.deleteByUser("ada", at());
      const revocation = await store.revocation("ada", at());
      await add(store, userRecord(), { ...at(), since: { revocation } });
    },
  },
  {
    name: "revocation: a token whose mark was forgotten since then still lets its login in",
    needs: ["revokeUser"],
    async run({ store }) {
      await store.deleteByUser("ada", at());
      const revocation = await store.revocation("ada", at(REVOCATION_MS - MINUTE));
      await add(store, userRecord(), { ...at(REVOCATION_MS + MINUTE), since: { revocation } });
    },
  },
];
