// The store contract finds broken stores: each rule is taken back once, and a case must notice. A case that no broken
// store fails would prove nothing, so every case is named at least once.
import { AssertionError } from "node:assert";
import { describe, expect, test } from "vitest";
import { StoreFault } from "../../src/errors.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { type ContractCase, storeContract } from "../../src/testing/index.ts";
import { creatingMutants } from "./mutants/creating.ts";
import { endingMutants } from "./mutants/ending.ts";
import { erasingMutants } from "./mutants/erasing.ts";
import { limitMutants } from "./mutants/limits.ts";
import { listingMutants } from "./mutants/listing.ts";
import { markMutants } from "./mutants/marks.ts";
import { brokenStore, type Mutant } from "./mutants/mutant.ts";
import { savingMutants } from "./mutants/saving.ts";
import { scanningMutants } from "./mutants/scanning.ts";
import { userMutants } from "./mutants/users.ts";
import { valueMutants } from "./mutants/values.ts";

const { guarantees } = memoryStore();
const mutants: readonly Mutant[] = [
  ...savingMutants,
  ...creatingMutants,
  ...endingMutants,
  ...limitMutants,
  ...markMutants,
  ...userMutants,
  ...erasingMutants,
  ...listingMutants,
  ...scanningMutants,
  ...valueMutants,
];

function casesOn(mutant: Mutant): ReadonlyMap<string, ContractCase> {
  const cases = storeContract({ guarantees, scan: true, many: 2000, open: async () => brokenStore(mutant) });
  return new Map(cases.map((each) => [each.name, each]));
}

describe.each(mutants)("a store where $name", (mutant) => {
  test.each(mutant.caughtBy)("fails: %s", async (name) => {
    const outcome = await casesOn(mutant)
      .get(name)
      ?.run()
      .catch((error: unknown) => error);
    expect(outcome instanceof AssertionError || outcome instanceof StoreFault, String(outcome)).toBe(true);
  });
});

test("every case fails on some broken store, and every broken store fails some case", () => {
  const caught = new Set(mutants.flatMap(({ caughtBy }) => caughtBy));
  const cases = storeContract({ guarantees, scan: true, open: async () => memoryStore() });
  expect(cases.filter(({ name, skip }) => !skip && !caught.has(name)).map(({ name }) => name)).toEqual([]);
  expect(mutants.filter(({ caughtBy }) => caughtBy.length === 0).map(({ name }) => name)).toEqual([]);
});
