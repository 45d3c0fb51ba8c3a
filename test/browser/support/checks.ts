// What every page must pass: axe-core in light and dark, no sideways scroll on a phone, nothing from elsewhere.
import axe from "axe-core";
import type { Page } from "playwright-core";

/** Violations in both colour schemes, as `scheme rule: element`. */
export async function axeViolations(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(axe.source);
    const results: { violations: { id: string; nodes: { html: string }[] }[] } =
      await page.evaluate("axe.run(document)");
    for (const { id, nodes } of results.violations) {
      for (const { html } of nodes) found.push(`${colorScheme} ${id}: ${html}`);
    }
  }
  return found;
}

/** By how many pixels the page is wider than a phone's window. */
export async function sidewaysScroll(page: Page, width: number): Promise<number> {
  const before = page.viewportSize();
  await page.setViewportSize({ width, height: 844 });
  const excess: number = await page.evaluate(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
  if (before) await page.setViewportSize(before);
  return excess;
}
