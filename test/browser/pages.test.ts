// Every page, in every state: nothing for axe-core to find, no sideways scroll, nothing loaded from elsewhere.
import { expect, test } from "vitest";
import { axeViolations, sidewaysScroll } from "./support/checks.ts";
import { accountPages, failurePages, visitorPages } from "./support/tour.ts";
import { describeInChromium, useWorld } from "./support/world.ts";

describeInChromium("every page", (chromium) => {
  const world = useWorld(chromium);

  test.each([
    ["a visitor", visitorPages],
    ["somebody signed in", accountPages],
    ["somebody who meets a failure", failurePages],
  ])("for %s passes axe-core, fits a phone and loads nothing from elsewhere", async (_title, tour) => {
    world.expectComplaints(401, 403, 404, 422, 503);
    const problems: string[] = [];
    await tour(world, async (name, page) => {
      for (const violation of await axeViolations(page)) problems.push(`${name}: ${violation}`);
      for (const width of [390, 320]) {
        const excess = await sidewaysScroll(page, width);
        if (excess > 0) problems.push(`${name} is ${excess} px too wide at ${width} px`);
      }
      const loaded: string[] = await page.evaluate(
        "performance.getEntriesByType('resource').map((one) => one.name)",
      );
      const foreign = loaded.filter((url) => !url.startsWith(`${world.demo.url}/`));
      problems.push(...foreign.map((url) => `${name} asks for ${url}`));
    });
    expect(problems).toEqual([]);
  });
});
