// The codec contract finds broken codecs: each rule is taken back once, and a case must notice. A case that no broken
// codec fails would prove nothing, so every case is named at least once.
import { AssertionError } from "node:assert";
import { afterEach, describe, expect, test } from "vitest";
import { SojournError } from "../../../src/errors.ts";
import { codecContract, register } from "../../../src/testing/index.ts";
import { bases, harnessOf, type Mutant } from "./mutants/mutant.ts";
import { readingMutants } from "./mutants/reading.ts";
import { valueMutants } from "./mutants/values.ts";

const mutants: readonly Mutant[] = [...valueMutants, ...readingMutants];

afterEach(() => {
  Reflect.deleteProperty(Object.prototype, "polluted");
});

describe.each(Object.entries(bases))("the contract holds on sound %s", (_, harness) => {
  register(codecContract({ ...harness, runs: 30 }), test);
});

describe.each(mutants)("a codec where $name", (mutant) => {
  const cases = new Map(codecContract(harnessOf(mutant)).map((each) => [each.name, each]));
  test.each(mutant.caughtBy)("fails: %s", async (name) => {
    const outcome = await cases
      .get(name)
      ?.run()
      .catch((error: unknown) => error);
    expect(outcome instanceof AssertionError || outcome instanceof SojournError, String(outcome)).toBe(true);
  });
});

test("every case fails on some broken codec", () => {
  const caught = new Set(mutants.flatMap(({ caughtBy }) => caughtBy));
  const cases = Object.values(bases).flatMap((harness) => codecContract(harness));
  const missed = cases.filter(({ name, skip }) => !skip && !caught.has(name)).map(({ name }) => name);
  expect([...new Set(missed)]).toEqual([]);
});

test("a failure says which seed repeats it", async () => {
  const [mutant] = valueMutants;
  const name = "round trip: random values come back as they were, to the last bit";
  const run = async (seed: number, runs: number): Promise<string> => {
    const cases = codecContract({ ...harnessOf(mutant as Mutant), seed, runs });
    const outcome: unknown = await cases
      .find((each) => each.name === name)
      ?.run()
      .catch((error: unknown) => error);
    return outcome instanceof Error ? outcome.message : "none";
  };
  const [, seed] = /^with \{ seed: (\d+), runs: 1 \}: /.exec(await run(1000, 200)) ?? [];
  expect(await run(Number(seed), 1)).toContain(`seed: ${seed},`);
});
