/** What goes in comes out, and nothing is shared. */
import assert from "node:assert";
import { assertSame, forAllValues } from "./checks.ts";
import type { Definition, Scene } from "./harness.ts";
import { examplesOf } from "./kinds.ts";
import { spell } from "./spell.ts";

const JSON_VALUES: readonly (readonly [string, unknown])[] = [
  ["null", null],
  ["booleans", [true, false]],
  ["whole numbers", [0, 1, -1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53)]],
  ["other numbers", [0.1, -1.5, 5e-324, 1.7976931348623157e308, 1e21, 1e-7]],
  [
    "text",
    ["", " ", "a\r\n\tb ", '"\\\u0000\u001b\u007f', "\u2028\ufeff\uffff", "漢字 \u{1f600}", "x".repeat(5000)],
  ],
  ["text that looks like something else", ["null", "1", "true", "<a/>", "&lt;", "]]>", '{"$":["Date",1]}']],
  ["lists", [[], [[]], [null], [[1, [2]], {}]]],
  ["objects", [{}, { a: {} }, { "a b": 1, "": 2, é: 3, "<&>\"'\r\n\t": 4, 漢: 5 }]],
];

export const roundTripCases: readonly Definition[] = [
  {
    name: "round trip: what JSON has comes back as it was",
    run({ encode, decode, copy }) {
      for (const [what, value] of JSON_VALUES) {
        assertSame(decode(encode([value])), [value], what);
        assertSame(copy(value), value, what);
      }
    },
  },
  {
    name: "round trip: keys that mean something elsewhere are plain data",
    run({ encode, decode, copy }) {
      const value = {
        constructor: { prototype: { polluted: 1 } },
        prototype: 2,
        toString: 3,
        hasOwnProperty: 4,
        toJSON: 5,
        length: 6,
        "0": 7,
        $: 8,
        "#text": 9,
        name: 10,
      };
      assertSame(copy(value), value);
      const [read] = decode(encode([value])) as [object];
      assertSame(read, value);
      assert.strictEqual(Object.getPrototypeOf(read), Object.prototype);
    },
  },
  {
    name: "round trip: keys are not taken for others that begin alike when written with escapes",
    run({ encode, decode }) {
      const keys = ["\\", "\n", '"', "\u0000", "\\u006", "\u0001dmin", "\\u000", "\u0002\u0003bc"];
      for (const key of [...keys, ...keys.toReversed()]) {
        const value = [{ first: 1, [key]: { [key]: [] } }, { [key]: [{}, { second: 2, [key]: "a:{}" }] }];
        assertSame(decode(encode(value)), value);
      }
      assertSame(
        decode(encode(keys.map((key) => ({ key: 1, [key]: 2 })))),
        keys.map((key) => ({ key: 1, [key]: 2 })),
      );
    },
  },
  {
    name: "round trip: random values come back as they were, to the last bit",
    run(scene) {
      forAllValues(scene, (value) => assertSame(scene.decode(scene.encode([value])), [value]));
    },
  },
  {
    name: "round trip: what was read can be written and read again",
    run(scene) {
      forAllValues(scene, (value) => {
        const read = scene.decode(scene.encode([value]));
        assertSame(scene.decode(scene.encode(read)), [value]);
      });
    },
  },
  {
    name: "copy: is what encoding and decoding would give",
    run(scene) {
      forAllValues(scene, (value) => {
        assertSame(scene.copy(value), value);
        assertSame([scene.copy(value)], scene.decode(scene.encode([value])));
      });
    },
  },
  {
    name: "copy: an object without prototype becomes a plain one",
    run({ copy, encode, decode }) {
      const bare: unknown = Object.assign(Object.create(null), { a: 1 });
      for (const value of [copy(bare), (decode(encode([copy(bare)])) as [unknown])[0]]) {
        assert.strictEqual(Object.getPrototypeOf(value), Object.prototype);
        assertSame(value, { a: 1 });
      }
    },
  },
  {
    name: "copy: shares nothing with its source",
    run(scene) {
      const source = changeable(scene);
      const expected = changeable(scene);
      const copied = scene.copy(source);
      change(source);
      assertSame(copied, expected);
    },
  },
  {
    name: "copy, encode: leave the value as it was",
    run(scene) {
      forAllValues(scene, (value) => {
        const before = spell(value);
        scene.copy(value);
        scene.encode([value]);
        assert.deepStrictEqual(spell(value), before);
      });
    },
  },
  {
    name: "encode: its bytes are the caller's, whatever is encoded next",
    run(scene) {
      const first = scene.encode(["first", changeable(scene)]);
      const before = first.slice();
      const second = scene.encode(["second", "x".repeat(first.byteLength)]);
      assert.deepStrictEqual(first, before);
      second.fill(0);
      assertSame(scene.decode(first), ["first", changeable(scene)]);
    },
  },
  {
    name: "decode: reads bytes inside a larger buffer, and Buffers",
    run(scene) {
      const value = [changeable(scene)];
      const bytes = scene.encode(value);
      const large = new Uint8Array(bytes.byteLength + 20).fill(0x5b);
      large.set(bytes, 7);
      assertSame(scene.decode(large.subarray(7, 7 + bytes.byteLength)), value);
      assertSame(scene.decode(Buffer.from(bytes)), value);
    },
  },
  {
    name: "decode: the value outlives its bytes, and the bytes stay as they are",
    run(scene) {
      const bytes = scene.encode([changeable(scene)]);
      const before = bytes.slice();
      const value = scene.decode(bytes);
      assert.deepStrictEqual(bytes, before);
      bytes.fill(0xff);
      assertSame(value, [changeable(scene)]);
      change((value as [object])[0]);
      assertSame(scene.decode(before), [changeable(scene)]);
    },
  },
];

/** One of everything that can be changed from outside. */
function changeable({ carries }: Scene): object {
  return {
    list: [1, [2]],
    object: { inner: { a: 1 } },
    others: carries.flatMap((kind) => examplesOf[kind]()),
  };
}

function change(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  if (value instanceof Date) value.setTime(5);
  else if (value instanceof URL) value.hash = "changed";
  else if (value instanceof Uint8Array) value.fill(7);
  else if (value instanceof Map) {
    for (const inner of value.values()) change(inner);
    value.set("changed", 1);
  } else if (value instanceof Set) {
    for (const inner of value) change(inner);
    value.add("changed");
  } else {
    for (const inner of Object.values(value)) change(inner);
    if (Array.isArray(value)) value.push("changed");
    else Object.assign(value, { changed: 1 });
  }
}
