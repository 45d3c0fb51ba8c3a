/** What is no data is refused when it is set, with the path that leads to it. */
import assert from "node:assert";
import { DataTooLargeError, UnsupportedValueError } from "../../errors.ts";
import { assertSame, nameOf, thrownBy } from "./checks.ts";
import { type Definition, ROOT, type Scene } from "./harness.ts";
import { type CodecKind, examplesOf } from "./kinds.ts";

const LABELS: Readonly<Record<CodecKind, string>> = {
  undefined: "undefined",
  "odd-numbers": "NaN and the infinities",
  "minus-zero": "minus zero",
  bigint: "bigints",
  date: "Dates",
  url: "URLs",
  bytes: "bytes",
  map: "Maps",
  set: "Sets",
  "lone-surrogates": "lone surrogates",
};

/** One case for each kind: carried, or refused. */
export function kindCases(carries: readonly CodecKind[]): readonly Definition[] {
  return (Object.keys(examplesOf) as CodecKind[]).map((kind) =>
    carries.includes(kind)
      ? { name: `${LABELS[kind]}: come back as they were`, run: (scene) => comeBack(scene, kind) }
      : { name: `${LABELS[kind]}: are refused, with the path`, run: (scene) => areRefused(scene, kind) },
  );
}

function comeBack({ encode, decode, copy }: Scene, kind: CodecKind): void {
  for (const value of examplesOf[kind]()) {
    for (const around of [[value], { a: { b: value } }, [[value, value], value]]) {
      assertSame(decode(encode([around])), [around]);
      assertSame(copy(around), around);
    }
  }
}

function areRefused(scene: Scene, kind: CodecKind): void {
  for (const value of examplesOf[kind]()) assertRefused(scene, value);
}

export const refusalCases: readonly Definition[] = [
  {
    name: "refusal: functions, symbols, class instances, promises and the like, with the path",
    run(scene) {
      class Cart {}
      const values = [
        () => 1,
        Symbol("s"),
        new Cart(),
        { [Symbol("s")]: 1 },
        Object.create({ inherited: 1 }) as unknown,
        Promise.resolve(),
        new WeakMap(),
      ];
      for (const value of values) assertRefused(scene, value);
    },
  },
  {
    name: "refusal: a key named __proto__, with the path",
    run(scene) {
      assertRefused(scene, JSON.parse('{"__proto__":{"polluted":1}}'));
      assertRefused(scene, JSON.parse('{"a":{"__proto__":null}}'));
    },
  },
  {
    name: "refusal: what contains itself, with the path",
    run(scene) {
      const object: Record<string, unknown> = {};
      object.a = { b: object };
      const list: unknown[] = [];
      list.push([list]);
      const map = new Map<string, unknown>();
      map.set("me", map);
      const set = new Set<unknown>();
      set.add([set]);
      for (const value of [object, list, map, set]) assertRefused(scene, value);
    },
  },
  {
    name: "refusal: a web of shared references, which would be endless when written out",
    run({ copy }) {
      let web: unknown = ["x"];
      for (let level = 0; level < 40; level++) web = [web, web];
      const error = thrownBy(() => copy(web));
      assert.ok(error instanceof DataTooLargeError, `expected a DataTooLargeError, got ${nameOf(error)}`);
    },
  },
];

/** Refused by `copy` where it stands alone, in a list and in a field, and the error names the place. */
function assertRefused({ copy }: Scene, value: unknown): void {
  const places: readonly (readonly [value: unknown, steps: readonly string[]])[] = [
    [value, [ROOT]],
    [{ first: 1, items: [0, { when: value }] }, [ROOT, "items", "1", "when"]],
    [
      [[], value],
      [ROOT, "1"],
    ],
  ];
  for (const [around, steps] of places) {
    const error = thrownBy(() => copy(around));
    assert.ok(
      error instanceof UnsupportedValueError,
      `expected an UnsupportedValueError, got ${nameOf(error)}`,
    );
    let at = 0;
    for (const step of steps) {
      const found = error.path.indexOf(step, at);
      assert.ok(
        found >= 0 && (at > 0 || found === 0),
        `the path "${error.path}" does not lead over ${steps.join()}`,
      );
      at = found + step.length;
    }
  }
}
