/** What has to hold of everything that ends all sessions of a user, whatever races with it. */
import assert from "node:assert/strict";
import { addAll, assertEnded, listAll, listen } from "./checks.ts";
import type { Definition } from "./harness.ts";
import { at, revised, START, userRecord } from "./records.ts";

/** `rounds`: how often logins are let race with it. */
export function endingRaces(operation: "deleteByUser" | "erase", rounds: number): readonly Definition[] {
  return [
    {
      name: `${operation}: no login begun before it survives it, however they race`,
      races: true,
      needs: ["revokeUser", "userIndex"],
      async run({ store, other }) {
        for (let round = 0; round < rounds; round++) {
          const records = Array.from({ length: 20 }, () => userRecord());
          const creating = records.map((record, i) =>
            (i % 2 ? other : store).create(record, { ...at(round), since: { startedAt: START + round } }),
          );
          await Promise.all([...creating, store[operation]("ada", at(round))]);
          assert.deepEqual(await listAll(other, "ada", { offset: round }), []);
        }
      },
    },
    {
      name: `${operation}: wins over saves and touches racing with it, and each end is told once`,
      races: true,
      needs: ["revokeUser", "noRevival"],
      async run({ store, other }) {
        const records = Array.from({ length: 30 }, () => userRecord());
        await addAll(store, records);
        const ends = listen();
        const counts = await Promise.all([
          ...records.map((record) => other.save(revised(record), record.version, at())),
          store[operation]("ada", { ...at(), ...ends }),
          other[operation]("ada", { ...at(), ...ends }),
          ...records.map((record) => other.touch(record.id, record.idleUntil + 1000, at())),
        ]);
        const sum = counts.reduce<number>((all, count) => all + (typeof count === "number" ? count : 0), 0);
        assert.equal(sum, records.length);
        assert.equal(ends.count, records.length);
        for (const { id } of records) await assertEnded(other, id, "revoked");
      },
    },
  ];
}
