import fc from "fast-check";
import { expect, test } from "vitest";
import type { SessionRecord } from "../../core/record.ts";
import { START, userRecord, visitorRecord } from "../../testing/store-contract/records.ts";
import { NONE } from "./column.ts";
import { pack } from "./packed.ts";
import { Rings } from "./rings.ts";

/** Rows are the places in a list, and all users fall together but for their names. */
function ringsOver(records: readonly SessionRecord[]): Rings {
  const rows = records.map(pack);
  return new Rings({ packedAt: (row) => rows[row] ?? "", hashOf: () => 7 });
}

test("a user's rows stand newest first, then by id, in whatever order they come and go", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.boolean()), { maxLength: 30 }),
      (plan) => {
        const records = plan.map(([offset]) => userRecord("ada", { createdAt: START + offset }));
        const rings = ringsOver(records);
        for (const [row, [, staysIn]] of plan.entries()) {
          rings.add(row, "ada");
          if (!staysIn) rings.remove(row, "ada");
        }
        const left = records.filter((_, row) => plan[row]?.[1]);
        const expected = left.toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
        expect(rings.of("ada").map((row) => records[row]?.id)).toEqual(expected.map(({ id }) => id));
      },
    ),
  );
});

test("users do not see each other's rows, and visitors have a ring of their own", () => {
  const users = ["ada", "bob", "null", ""];
  const rings = ringsOver([...users.map((userId) => userRecord(userId)), visitorRecord()]);
  for (const [row, userId] of users.entries()) rings.add(row, userId);
  expect(rings.leastUsedVisitor()).toBe(NONE);
  rings.add(4, null);
  for (const [row, userId] of users.entries()) expect(rings.of(userId)).toEqual([row]);
  expect(rings.of("carol")).toEqual([]);
  expect(rings.leastUsedVisitor()).toBe(4);
});

test("the visitor used longest ago is the first to go", () => {
  const rings = ringsOver([visitorRecord(), visitorRecord(), visitorRecord()]);
  for (const row of [0, 1, 2]) rings.add(row, null);
  const order: number[] = [];
  rings.used(0);
  rings.used(0);
  for (let row = rings.leastUsedVisitor(); row !== NONE; row = rings.leastUsedVisitor()) {
    order.push(row);
    rings.remove(row, null);
  }
  expect(order).toEqual([1, 2, 0]);
});
