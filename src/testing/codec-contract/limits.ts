/** Size and depth: exact at the edge, when written and when read. */
import assert from "node:assert";
import { DataTooLargeError, UndecodableError, UnsupportedValueError } from "../../errors.ts";
import { assertSame, forAllValues, nameOf, thrownBy } from "./checks.ts";
import { type Definition, LIMITS } from "./harness.ts";
import type { CodecKind } from "./kinds.ts";

export const limitCases: readonly Definition[] = [
  {
    name: "id and name: a whole number from 1 to 255, taken by no other codec, and a text",
    run({ codec, beside }) {
      assert.ok(Number.isInteger(codec.id) && codec.id >= 1 && codec.id <= 255, `the id is ${codec.id}`);
      assert.ok(typeof codec.name === "string" && codec.name.length > 0, "the name is a text");
      for (const other of beside) {
        assert.notStrictEqual(codec.id, other.id, `${codec.name} and ${other.name} have the same id`);
      }
    },
  },
  {
    name: "isCurrent: holds of what it has just written",
    run(scene) {
      forAllValues(scene, (value) => {
        assert.notStrictEqual(scene.codec.isCurrent?.(scene.encode([value])), false);
      });
    },
  },
  {
    name: "size: written exactly up to the limit, refused one byte above it",
    run(scene) {
      forAllValues(scene, (value) => {
        const maxBytes = scene.encode([value]).byteLength;
        assert.strictEqual(scene.encode([value], { ...LIMITS, maxBytes }).byteLength, maxBytes);
        const error = thrownBy(() => scene.encode([value], { ...LIMITS, maxBytes: maxBytes - 1 }));
        assert.ok(error instanceof DataTooLargeError, `expected a DataTooLargeError, got ${nameOf(error)}`);
      });
    },
  },
  {
    name: "size: read exactly up to the limit, undecodable one byte above it",
    run(scene) {
      forAllValues(scene, (value) => {
        const bytes = scene.encode([value]);
        assertSame(scene.decode(bytes, { ...LIMITS, maxBytes: bytes.byteLength }), [value]);
        const error = thrownBy(() => scene.decode(bytes, { ...LIMITS, maxBytes: bytes.byteLength - 1 }));
        assert.ok(error instanceof UndecodableError, `expected an UndecodableError, got ${nameOf(error)}`);
      });
    },
  },
  {
    name: "size: copy never refuses what fits",
    run(scene) {
      const many = (value: unknown): unknown[] => Array.from({ length: 500 }, () => value);
      const full = {
        text: "x".repeat(1000),
        ones: many(1),
        texts: many("a"),
        flags: many(true),
        empty: many([]),
      };
      const check = (value: unknown): void => {
        const maxBytes = scene.encode([value]).byteLength;
        assertSame(scene.copy(value, { ...LIMITS, maxBytes }), value);
      };
      check(full);
      forAllValues(scene, check);
    },
  },
  {
    name: "depth: what is as deep as the limit is carried, one level deeper is refused, with the path",
    run({ copy, encode, decode, carries }) {
      for (const make of nestings(carries)) {
        for (const [levels, depth] of [
          [64, 1],
          [62, 3],
        ] as const) {
          assertSame(copy(make(levels), LIMITS, depth), make(levels));
          const error = thrownBy(() => copy(make(levels + 1), LIMITS, depth));
          assert.ok(
            error instanceof UnsupportedValueError,
            `expected an UnsupportedValueError, got ${nameOf(error)}`,
          );
          assert.ok(error.path.startsWith("cart"), `the path is "${error.path}"`);
        }
        assertSame(decode(encode(make(64))), make(64));
      }
    },
  },
  {
    name: "depth: bytes one level deeper than the limit are undecodable",
    run({ encode, decode, carries }) {
      for (const make of nestings(carries)) {
        const bytes = encode(make(64));
        assertSame(decode(bytes, { ...LIMITS, maxDepth: 64 }), make(64));
        const error = thrownBy(() => decode(bytes, { ...LIMITS, maxDepth: 63 }));
        assert.ok(error instanceof UndecodableError, `expected an UndecodableError, got ${nameOf(error)}`);
      }
    },
  },
];

/** Makes values of so many levels: of lists, of objects, and of what else can hold values. */
function nestings(carries: readonly CodecKind[]): readonly ((levels: number) => unknown)[] {
  return [
    nested((inner) => (inner === undefined ? [] : [inner])),
    nested((inner) => (inner === undefined ? {} : { a: inner })),
    ...(carries.includes("map") ? [nested((inner) => new Map([["a", inner ?? 1]]))] : []),
    ...(carries.includes("map") ? [nested((inner) => new Map([[inner ?? 1, "a"]]))] : []),
    ...(carries.includes("set") ? [nested((inner) => new Set([inner ?? 1]))] : []),
  ];
}

function nested(around: (inner: unknown) => unknown): (levels: number) => unknown {
  return (levels) => {
    let value: unknown;
    for (let level = 0; level < levels; level++) value = around(value);
    return value;
  };
}
