// The pictures in docs/images. `UPDATE_SCREENSHOTS=1 npm test -- test/browser/screenshots.test.ts` takes them anew.
import { mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { BrowserContextOptions, Page } from "playwright-core";
import { expect, test } from "vitest";
import { add, signIn, signOut, signUp, somebody } from "./support/people.ts";
import { PHONE } from "./support/tour.ts";
import { describeInChromium, useWorld } from "./support/world.ts";

const folder = fileURLToPath(new URL("../../docs/images/", import.meta.url));

const DESK = { viewport: { width: 1280, height: 860 }, deviceScaleFactor: 1.5 };
const POCKET = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 };
const NIGHT = { ...DESK, colorScheme: "dark" } as const;

const PICTURES: readonly (readonly [name: string, options: BrowserContextOptions, path: string])[] = [
  ["shop", DESK, "/"],
  ["shop-dark", NIGHT, "/"],
  ["cart", DESK, "/cart"],
  ["devices", DESK, "/devices"],
  ["session-dark", NIGHT, "/session"],
  ["what-to-try", DESK, "/try"],
  ["phone", POCKET, "/"],
];

describeInChromium("the pictures in the documentation", (chromium) => {
  const world = useWorld(chromium);

  test("show the shop as it is found in docs/images", async () => {
    if (process.env.UPDATE_SCREENSHOTS) await takeThem();
    for (const [name, { viewport, deviceScaleFactor = 1 }] of PICTURES) {
      const picture = readFileSync(`${folder}${name}.png`);
      expect(picture.toString("latin1", 1, 4), name).toBe("PNG");
      expect(picture.readUInt32BE(16), name).toBe((viewport?.width ?? 0) * deviceScaleFactor);
    }
  }, 240_000);

  async function takeThem(): Promise<void> {
    mkdirSync(folder, { recursive: true });
    const person = somebody();
    const first = await world.visitor();
    await signUp(first, person);
    await signOut(first);
    await signIn(await world.visitor({ userAgent: PHONE }), person, true);
    for (const [name, options, path] of PICTURES) {
      const page = await world.visitor(options);
      await signIn(page, person);
      await fillCart(page);
      await page.goto(path);
      await page.screenshot({ path: `${folder}${name}.png` });
      await page.goto("/");
      await signOut(page);
    }
  }

  async function fillCart(page: Page): Promise<void> {
    for (const packet of ["Borage", "Broad bean", "Borage", "Rainbow chard"]) await add(page, packet);
  }
});
