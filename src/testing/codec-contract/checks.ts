/** What cases of the codec contract assert again and again. */
import assert, { AssertionError } from "node:assert";
import { UndecodableError } from "../../errors.ts";
import { Chance } from "./chance.ts";
import type { Scene } from "./harness.ts";
import { spell } from "./spell.ts";

export function assertSame(actual: unknown, expected: unknown, message?: string): void {
  assert.deepStrictEqual(spell(actual), spell(expected), message);
}

/** Runs a check on so many seeds. A failure says which seed repeats it. */
export function withSeeds(scene: Scene, check: (chance: Chance) => void): void {
  for (let run = 0; run < scene.runs; run++) {
    const seed = scene.seed + run;
    try {
      check(new Chance(seed));
    } catch (error) {
      const { message } = error instanceof Error ? error : new Error(String(error));
      throw new AssertionError({ message: `with { seed: ${seed}, runs: 1 }: ${message}` });
    }
  }
}

/** Runs a check on random values of the kinds the codec carries. */
export function forAllValues(scene: Scene, check: (value: unknown, chance: Chance) => void): void {
  withSeeds(scene, (chance) => check(chance.value(scene.carries), chance));
}

/** That the bytes are refused, as undecodable and as nothing else. */
export function assertUndecodable(scene: Scene, bytes: Uint8Array, what: string): void {
  let value: unknown;
  try {
    value = scene.decode(bytes);
  } catch (error) {
    assert.ok(
      error instanceof UndecodableError,
      `${what}: expected an UndecodableError, got ${nameOf(error)}`,
    );
    return;
  }
  assert.fail(`${what}: expected an UndecodableError, got ${describe(value)}`);
}

/** That the bytes are refused as undecodable, or are data of the kinds it carries, which can be stored again. */
export function assertHarmless(scene: Scene, bytes: Uint8Array, what: string): void {
  let value: unknown;
  try {
    value = scene.decode(bytes);
  } catch (error) {
    assert.ok(
      error instanceof UndecodableError,
      `${what}: expected an UndecodableError, got ${nameOf(error)}`,
    );
    return;
  }
  assertDataOnly(value, what);
  let copied: unknown;
  try {
    copied = scene.copy(value);
  } catch (error) {
    assert.fail(`${what}: what was read cannot be stored again, ${nameOf(error)}`);
  }
  assertSame(copied, value, `${what}: what was read is not what a copy of it holds`);
}

const KINDS: ReadonlySet<unknown> = new Set(
  [Object, Array, Map, Set, Date, URL, Uint8Array].map((kind): unknown => kind.prototype),
);

function assertDataOnly(value: unknown, what: string): void {
  assert.ok(
    typeof value !== "function" && typeof value !== "symbol",
    `${what}: a ${typeof value} is no data`,
  );
  if (typeof value !== "object" || value === null) return;
  const kind: unknown = Object.getPrototypeOf(value);
  assert.ok(KINDS.has(kind), `${what}: an object with a foreign prototype is no data`);
  assert.ok(!Object.hasOwn(value, "__proto__"), `${what}: a key is named __proto__`);
  if (value instanceof Uint8Array) return;
  for (const inner of value instanceof Set ? value : Object.values(value)) assertDataOnly(inner, what);
  if (value instanceof Map) for (const entry of value) for (const inner of entry) assertDataOnly(inner, what);
}

const GLOBALS = {
  Object,
  Array,
  Map,
  Set,
  Date,
  URL,
  Uint8Array,
  String,
  Number,
  Boolean,
  Function,
  Promise,
};

/** That `act` leaves every prototype as it was. */
export function assertNothingReached(act: () => void): void {
  const before = prototypes();
  act();
  assert.deepStrictEqual(prototypes(), before, "a prototype was changed");
}

function prototypes(): readonly string[] {
  return Object.entries(GLOBALS).map(([name, { prototype }]) =>
    [
      name,
      ...Reflect.ownKeys(prototype).map(String),
      Object.getPrototypeOf(prototype) === Object.prototype,
    ].join(),
  );
}

export function nameOf(error: unknown): string {
  return error instanceof Error
    ? `${error.name}: ${error.message.slice(0, 200)}`
    : `a thrown ${typeof error}`;
}

export function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === "object" && value !== null ? "an object" : `a ${typeof value}`;
}
