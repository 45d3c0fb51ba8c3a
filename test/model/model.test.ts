/** Every scenario in every layout: in all orders where there are few enough, else the first thousands and a sample. */
import { describe, expect, test } from "vitest";
import { explore } from "./explorer.ts";
import { SCENARIOS } from "./scenarios/index.ts";

const CAP = 3000;
const SAMPLES = 300;

for (const scenario of SCENARIOS) {
  describe(`${scenario.name}: ${scenario.promise}`, () => {
    test.each(scenario.layouts)("%s", { timeout: 120_000 }, async (layout) => {
      const { runs, violations } = await explore(scenario, { layout, cap: CAP, samples: SAMPLES });
      expect(Object.fromEntries(violations)).toEqual({});
      expect(runs).toBeGreaterThan(0);
    });
  });
}
