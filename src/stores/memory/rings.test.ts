import fc from "fast-check";
import { expect, test } from "vitest";
import { idsOf } from "../../testing/store-contract/checks.ts";
import { START, userRecord, visitorRecord } from "../../testing/store-contract/records.ts";
import { Rings } from "./rings.ts";
import { createdAtOf, Row } from "./row.ts";

test("a user's rows stand newest first, then by id, in whatever order they come and go", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.boolean()), { maxLength: 30 }),
      (plan) => {
        const rings = new Rings();
        const left: Row[] = [];
        for (const [offset, staysIn] of plan) {
          const row = new Row(userRecord("ada", { createdAt: START + offset }));
          rings.add(row);
          if (staysIn) left.push(row);
          else rings.remove(row);
        }
        const expected = left.toSorted((a, b) => createdAtOf(b) - createdAtOf(a) || (a.id < b.id ? -1 : 1));
        expect(idsOf(rings.of("ada"))).toEqual(idsOf(expected));
      },
    ),
  );
});

test("users do not see each other's rows, and visitors have a ring of their own", () => {
  const rings = new Rings();
  const rows = ["ada", "bob", "null", ""].map((userId) => new Row(userRecord(userId)));
  for (const row of rows) rings.add(row);
  expect(rings.leastUsedVisitor()).toBeUndefined();
  const visitor = new Row(visitorRecord());
  rings.add(visitor);
  for (const row of rows) expect(rings.of(row.userId ?? "?")).toEqual([row]);
  expect(rings.leastUsedVisitor()).toBe(visitor);
});

test("the visitor used longest ago is the first to go", () => {
  const rings = new Rings();
  const [a, b, c] = [new Row(visitorRecord()), new Row(visitorRecord()), new Row(visitorRecord())];
  for (const row of [a, b, c]) rings.add(row);
  const order: Row[] = [];
  rings.used(a);
  rings.used(a);
  for (let row = rings.leastUsedVisitor(); row; row = rings.leastUsedVisitor()) {
    order.push(row);
    rings.remove(row);
  }
  expect(order).toEqual([b, c, a]);
});
