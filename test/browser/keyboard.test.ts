// The keyboard alone: where it leads, and that one sees where one is.
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { isSignedInAs, signIn, signUp, somebody } from "./support/people.ts";
import { describeInChromium, useWorld } from "./support/world.ts";

describeInChromium("the keyboard alone", (chromium) => {
  const world = useWorld(chromium);

  test("skips to the content", async () => {
    const page = await world.visitor();
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("Skip to the content");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("What to try, step by step");
  });

  test("adds a packet and goes on from where it was", async () => {
    const page = await world.visitor();
    await tabTo(page, "Add to cart: Field poppy");
    await page.keyboard.press("Enter");
    await page.getByText("Field poppy is in your cart.").waitFor();
    await page.waitForFunction("document.readyState === 'complete' && scrollY > 0"); // it has gone to the packet
    await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("Add to cart: Field poppy");
  });

  test("signs in, with a box ticked", async () => {
    const person = somebody();
    await signUp(await world.visitor(), person);
    const page = await world.visitor();
    await tabTo(page, "Sign in");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await tabTo(page, "E-mail address");
    await page.keyboard.type(person.email);
    await tabTo(page, "Password");
    await page.keyboard.type(person.password);
    await tabTo(page, "Stay signed in on this device");
    await page.keyboard.press("Space");
    await tabTo(page, "Sign in");
    await page.keyboard.press("Enter");
    await page.getByText("Welcome back").waitFor();
    expect(await isSignedInAs(page, person)).toBe(true);
  });

  test("signs another device out, and itself", async () => {
    const page = await world.visitor();
    const person = somebody();
    await signUp(page, person);
    await signIn(await world.visitor(), person);
    await tabTo(page, "Your devices");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Your devices" }).waitFor();
    await tabTo(page, /^Sign out Chrome on /);
    await page.keyboard.press("Enter");
    await page.getByText("That device is signed out.").waitFor();
    await tabTo(page, "Sign out");
    await page.keyboard.press("Enter");
    await page.getByText("You are signed out.").waitFor();
  });

  /** Presses Tab until the focus is there, and sees at every step that it can be seen. */
  async function tabTo(page: Page, name: string | RegExp): Promise<void> {
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press("Tab");
      const outline: string = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
      expect(outline).not.toBe("none");
      const text = await focused(page);
      if (typeof name === "string" ? text === name : name.test(text)) return;
    }
    expect.fail(`Tab never came to ${name}`);
  }

  /** The name of what has the focus: its aria-label, its label, or its text. */
  function focused(page: Page): Promise<string> {
    return page.evaluate(`(() => {
      const element = document.activeElement;
      const label = element.labels?.[0]?.textContent;
      return (element.getAttribute("aria-label") ?? label ?? element.textContent).trim();
    })()`);
  }
});
