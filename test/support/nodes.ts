/** What tests about several nodes with caches share. */
import { setTimeout as delay } from "node:timers/promises";
import type { TestBrowser } from "../../src/testing/browser.ts";

export async function whose(tab: TestBrowser): Promise<string | null | undefined> {
  return (await tab.visit((session) => session.userId)).value;
}

/** Asks up to 500 times, with time in between for a message under way. Whether it came to be so. */
export async function tries(isSo: () => Promise<boolean>): Promise<boolean> {
  for (let left = 500; left > 0; left--) {
    if (await isSo()) return true;
    await delay(10);
  }
  return false;
}
