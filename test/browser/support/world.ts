// One demo and one Chromium for a suite; browsers of people in it; and an eye on their consoles.
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { executable, requireOrExplain } from "../../support/requires.ts";
import { type Demo, startDemo } from "./demo.ts";

export const describeInChromium = requireOrExplain("Chromium", () =>
  executable("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"),
);

export const CHROMIUM_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface World {
  readonly demo: Demo;
  /** Somebody opens the shop in a browser of their own. */
  visitor(options?: BrowserContextOptions): Promise<Page>;
  /** What this test brings about, by status or by words; any other message on a console fails it. */
  expectComplaints(...expected: readonly (number | string)[]): void;
}

export function useWorld(executablePath: string): World {
  let demo: Demo;
  let browser: Browser;
  const contexts: BrowserContext[] = [];
  let complaints: string[] = [];
  let expected: readonly (number | string)[] = [];

  beforeAll(async () => {
    const launched = chromium.launch({
      executablePath,
      args: CHROMIUM_ARGS,
      ignoreDefaultArgs: ["--disable-back-forward-cache"], // the back button as people have it
    });
    [demo, browser] = await Promise.all([startDemo(), launched]);
  });

  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    const words = expected.map((one) => (typeof one === "number" ? `status of ${one} ` : one));
    const unexpected = complaints.filter((text) => !words.some((word) => text.includes(word)));
    complaints = [];
    expected = [];
    expect(unexpected).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    await demo?.dispose();
  });

  return {
    get demo() {
      return demo;
    },
    async visitor(options = {}) {
      const context = await browser.newContext({ reducedMotion: "reduce", baseURL: demo.url, ...options });
      context.setDefaultTimeout(30_000);
      contexts.push(context);
      context.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
      });
      context.on("weberror", (error) => complaints.push(String(error.error())));
      const page = await context.newPage();
      await page.goto("/");
      return page;
    },
    expectComplaints(...given) {
      expected = given;
    },
  };
}
