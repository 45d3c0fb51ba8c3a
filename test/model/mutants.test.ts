/** A model that cannot fail proves nothing: every rule taken back is noticed, by each scenario that is there for it. */
import { describe, expect, test } from "vitest";
import { explore } from "./explorer.ts";
import type { Mutant } from "./mutant.ts";
import { MUTANTS } from "./mutants.ts";
import type { Scenario } from "./scenario.ts";
import { SCENARIOS } from "./scenarios/index.ts";

async function isNoticed(scenario: Scenario, mutant: Mutant): Promise<boolean> {
  for (const layout of scenario.layouts.toReversed()) {
    const exploration = { layout, cap: 2000, samples: 500, mutant, stopsAtFirst: true };
    const { violations } = await explore(scenario, exploration);
    if (violations.size > 0) return true;
  }
  return false;
}

for (const mutant of MUTANTS) {
  describe(`noticed: ${mutant.name}`, () => {
    test.each(mutant.caughtBy)("by %s", { timeout: 60_000 }, async (name) => {
      const scenario = SCENARIOS.find((known) => known.name === name);
      expect(scenario && (await isNoticed(scenario, mutant))).toBe(true);
    });
  });
}
