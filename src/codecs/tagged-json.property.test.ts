import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyText } from "../../test/support/any-text.ts";
import { spell } from "../../test/support/spell-value.ts";
import { DataTooLargeError, UndecodableError } from "../errors.ts";
import type { CodecLimits } from "./contract.ts";
import { taggedJson } from "./tagged-json.ts";

const limits: CodecLimits = { maxBytes: 1e6, maxDepth: 64 };
const encode = (value: unknown, within = limits): Uint8Array =>
  taggedJson.encode(value, { id: "s", limits: within });
const decode = (bytes: Uint8Array, within = limits): unknown =>
  taggedJson.decode(bytes, { id: "s", limits: within });
const copy = (value: unknown, within = limits): unknown => taggedJson.copy(value, "cart", within);

const key = fc
  .oneof(
    anyText(),
    fc.constantFrom("$", "constructor", "prototype", "toString", "0", "-1", "", "toJSON", "length"),
  )
  .filter((text) => text !== "__proto__");
const leaf = fc.oneof(
  anyText(),
  fc.constantFrom("$", '"$"', "__proto__", '{"$":["Date",1]}', null, undefined, true, false),
  fc.double(),
  fc.integer(),
  fc.bigInt(),
  fc.date({ noInvalidDate: true }),
  fc.webUrl({ withQueryParameters: true, withFragments: true }).map((text) => new URL(text)),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => new Uint8Array(bytes)),
);
const { value: supported } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(key, tie("value"), { maxKeys: 5 }),
    fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 4 }).map((entries) => new Map(entries)),
    fc.array(tie("value"), { maxLength: 4 }).map((members) => new Set(members)),
  ),
}));

/** Text that is nearly right: the pieces a hostile or damaged row would be made of. */
const nearlyJson = fc
  .array(
    fc.constantFrom(
      '{"$":["',
      '"$"',
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"',
      "\\u0024",
      "\\",
      "__proto__",
      '"__proto__":',
      '"a":',
      "1e999",
      "-0",
      '"Date"',
      '"Map"',
      '"Set"',
      '"object"',
      '"bigint"',
      '"bytes"',
      '"URL"',
      '"number"',
      '"undefined"',
      "1",
      '"AA=="',
      " ",
      "null",
    ),
    { maxLength: 24 },
  )
  .map((pieces) => new TextEncoder().encode(pieces.join("")));

const damaged = fc
  .tuple(
    supported,
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
    fc.nat(),
  )
  .map(([value, changes, cut]) => {
    const bytes = encode(value);
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
    return cut % 3 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes;
  });

const KINDS: readonly unknown[] = [Object, Array, Map, Set, Date, URL, Uint8Array].map(
  (kind) => kind.prototype,
);

function expectDataOnly(value: unknown): void {
  expect(typeof value).not.toMatch(/function|symbol/);
  if (typeof value !== "object" || value === null) return;
  const kind: unknown = Object.getPrototypeOf(value);
  expect(KINDS.indexOf(kind)).not.toBe(-1);
  expect(Object.hasOwn(value, "__proto__")).toBe(false);
  const isIterable = kind === Map.prototype || kind === Set.prototype;
  for (const inner of isIterable ? (value as Iterable<unknown>) : Object.values(value)) expectDataOnly(inner);
}

describe("tagged JSON, whatever the value", () => {
  it("decodes what it encoded, to the last bit", () => {
    fc.assert(
      fc.property(supported, (value) => {
        expect(spell(decode(encode(value)))).toEqual(spell(value));
      }),
      { numRuns: 300 },
    );
  });

  it("copies to what encoding and decoding would give", () => {
    fc.assert(
      fc.property(supported, (value) => {
        expect(spell(copy(value))).toEqual(spell(decode(encode(value))));
      }),
      { numRuns: 300 },
    );
  });

  it("encodes a decoded value to the same bytes", () => {
    fc.assert(
      fc.property(supported, (value) => {
        const bytes = encode(value);
        expect(encode(decode(bytes))).toEqual(bytes);
      }),
    );
  });

  it("leaves the value as it was", () => {
    fc.assert(
      fc.property(supported, (value) => {
        const before = spell(value);
        copy(value);
        encode(value);
        expect(spell(value)).toEqual(before);
      }),
    );
  });

  it("writes exactly up to the limit, and never refuses a copy that fits", () => {
    fc.assert(
      fc.property(supported, (value) => {
        const size = encode(value).byteLength;
        const exact = { ...limits, maxBytes: size };
        expect(spell(copy(value, exact))).toEqual(spell(value));
        expect(encode(value, exact).byteLength).toBe(size);
        expect(spell(decode(encode(value, exact), exact))).toEqual(spell(value));
        expect(() => encode(value, { ...limits, maxBytes: size - 1 })).toThrow(DataTooLargeError);
        expect(() => decode(encode(value), { ...limits, maxBytes: size - 1 })).toThrow(UndecodableError);
      }),
    );
  });
});

describe("tagged JSON, whatever the bytes", () => {
  const sources: readonly (readonly [string, fc.Arbitrary<Uint8Array>])[] = [
    ["any bytes", fc.uint8Array({ maxLength: 40 })],
    ["pieces of its own format", nearlyJson],
    ["damaged rows", damaged],
    ["any JSON", fc.json().map((text) => new TextEncoder().encode(text))],
  ];

  it.each(sources)("%s decode to data only, or are undecodable", (_, bytes) => {
    fc.assert(
      fc.property(bytes, (given) => {
        let value: unknown;
        try {
          value = decode(given);
        } catch (error) {
          expect(error).toBeInstanceOf(UndecodableError);
          return;
        }
        expectDataOnly(value);
        expect(spell(copy(value))).toEqual(spell(value)); // what was read can be written
      }),
      { numRuns: 400 },
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});
