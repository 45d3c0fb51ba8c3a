import fc from "fast-check";
import { expect, test } from "vitest";
import type { SessionRecord } from "../../core/record.ts";
import { newId, newVersion } from "../../testing/store-contract/records.ts";
import { createdAtIn, idIn, isOfId, pack, unpack, userIn } from "./packed.ts";

const instant = fc.oneof(
  fc.integer({ min: 0, max: 8.64e15 }),
  fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 + 1, 2 ** 48, 8.64e15, 1.5),
);
const bytes = (maxLength: number) => fc.uint8Array({ maxLength });

const record: fc.Arbitrary<SessionRecord> = fc.record({
  id: fc.constant(null).map(newId),
  userId: fc.option(
    fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("", "\0", "\xff", "é", "\u0100", "\ud800")),
  ),
  version: fc.constant(null).map(newVersion),
  createdAt: instant,
  authenticatedAt: fc.option(instant),
  seenAt: instant,
  idleUntil: instant,
  absoluteUntil: instant,
  idleFor: instant,
  persistent: fc.boolean(),
  label: fc.option(fc.string({ unit: "grapheme", maxLength: 200 })),
  about: fc.option(fc.json()),
  credentials: bytes(300),
  payload: bytes(2000),
});

test("a row gives back every record it was made of", () => {
  fc.assert(
    fc.property(record, (given) => {
      const found = unpack(pack(given));
      const { credentials, payload, ...header } = found;
      expect({
        ...header,
        credentials: Uint8Array.from(credentials),
        payload: Uint8Array.from(payload),
      }).toEqual(given);
    }),
  );
});

test("a login that is authenticated when it is created takes no room for saying so", () => {
  const [given] = fc.sample(record, 1);
  if (!given) throw new Error("no sample");
  const same = pack({ ...given, authenticatedAt: given.createdAt });
  expect(same.length).toBe(pack({ ...given, authenticatedAt: null }).length);
  expect(same.length).toBe(pack({ ...given, authenticatedAt: given.createdAt + 1 }).length - 8);
});

test("id, user and createdAt are read without the rest", () => {
  fc.assert(
    fc.property(record, (given) => {
      const packed = pack(given);
      expect([idIn(packed), userIn(packed), createdAtIn(packed)]).toEqual([
        given.id,
        given.userId,
        given.createdAt,
      ]);
      expect(isOfId(packed, given.id)).toBe(true);
      for (const other of ["", given.id.slice(1), packed.slice(0, 30), newId()])
        expect(isOfId(packed, other)).toBe(false);
    }),
  );
});
