// Accounts: signing up, in and out, staying signed in, and what happens when the time is over.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium as engine } from "playwright-core";
import { expect, test } from "vitest";
import { fillSignIn, isSignedInAs, signIn, signOut, signUp, somebody } from "./support/people.ts";
import { CHROMIUM_ARGS, describeInChromium, useWorld } from "./support/world.ts";

const MINUTE = 60_000;

describeInChromium("signing in", (chromium) => {
  const world = useWorld(chromium);

  test("an account signs up, out and in again, and its name is never taken for HTML", async () => {
    const page = await world.visitor();
    const person = somebody('<img src=x onerror="alert(1)"> & Söhne');
    await signUp(page, person);
    expect(await isSignedInAs(page, person)).toBe(true);
    await signOut(page);
    expect(await isSignedInAs(page, person)).toBe(false);
    await signIn(page, person);
    expect(await isSignedInAs(page, person)).toBe(true);
  });

  test("a wrong password and an unknown address get the same answer", async () => {
    world.expectComplaints(422);
    const page = await world.visitor();
    const person = somebody();
    await signUp(page, person);
    await signOut(page);
    for (const email of [person.email, "nobody@example.com"]) {
      await page.goto("/sign-in");
      await fillSignIn(page, { ...person, email, password: "not this one" });
      await page.getByRole("alert").getByText("do not belong together").waitFor();
    }
    await page.goto("/");
    await page.getByText("You are a visitor.").waitFor();
  });

  test("a refused sign-up says what is wrong, keeps what was typed and leads to the field", async () => {
    world.expectComplaints(422);
    const page = await world.visitor();
    const person = somebody();
    await page.goto("/sign-up");
    await page.getByLabel("Name").fill(person.name);
    await page.getByLabel("E-mail address").fill(person.email);
    await page.getByLabel("Password", { exact: true }).fill("short");
    await page.getByRole("main").getByRole("button", { name: "Sign up" }).click();
    await page.getByText("Please take at least 10 characters.").waitFor();
    expect(await page.getByLabel("Name").inputValue()).toBe(person.name);
    expect(
      await page.getByLabel("Password", { exact: true }).evaluate((field) => field.matches(":focus")),
    ).toBe(true);
  });

  test("after signing out the back button shows nothing private", async () => {
    const page = await world.visitor();
    const person = somebody();
    await signUp(page, person);
    await page.goto("/devices");
    await page.getByText("this device").waitFor();
    await signOut(page);
    await page.goBack();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await page.content()).not.toContain("Signed in as");
    expect(await page.content()).not.toContain(person.name);
  });

  test("a session that is over leads to the sign-in page and back to where one wanted to go", async () => {
    const page = await world.visitor();
    const person = somebody();
    await signUp(page, person);
    await world.demo.pass(31 * MINUTE);
    await page.getByRole("link", { name: "Your devices" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await fillSignIn(page, person);
    await page.getByRole("heading", { name: "Your devices" }).waitFor();
  });

  test("the time left is counted down, asked for without extending it, and announced before it ends", async () => {
    const page = await world.visitor();
    await signUp(page, somebody());
    await page.clock.install();
    await page.goto("/cart");
    await page.getByText(/· (30:00|29:\d\d) left/).waitFor();
    await world.demo.pass(28.5 * MINUTE);
    await page.clock.runFor(21_000);
    const status = page.getByRole("status");
    await status.getByText("You will be signed out soon.").waitFor();
    await world.demo.pass(1.6 * MINUTE); // had asking extended it, there would be plenty of time now
    await page.clock.runFor(21_000);
    await status.getByText("Your session has ended.").waitFor();
  });

  test("who is about to be signed out can stay, without leaving the page", async () => {
    const page = await world.visitor();
    await signUp(page, somebody());
    await page.clock.install();
    await page.goto("/cart");
    await world.demo.pass(28.5 * MINUTE);
    await page.clock.runFor(21_000);
    await page.getByRole("button", { name: "Stay signed in" }).click();
    await page.getByText(/· (30:00|29:\d\d) left/).waitFor();
    expect(await page.getByText("You will be signed out soon.").isVisible()).toBe(false);
    expect(new URL(page.url()).pathname).toBe("/cart");
  });

  test("changing the password asks for a recent sign-in and signs every other device out", async () => {
    world.expectComplaints(422);
    const page = await world.visitor();
    const person = somebody();
    await signUp(page, person);
    const elsewhere = await world.visitor();
    await signIn(elsewhere, person);
    await world.demo.pass(6 * MINUTE);
    await page.getByRole("link", { name: "Password" }).click();
    await page.getByRole("heading", { name: "Is it still you?" }).waitFor();
    await fillSignIn(page, person);
    await page.getByLabel("New password").fill("another long password");
    await page.getByRole("button", { name: "Change the password" }).click();
    await page.getByText("Your password is changed.").waitFor();
    await page.getByText("This is the only one.").waitFor();
    await elsewhere.getByRole("link", { name: "Your devices" }).click();
    await elsewhere.getByRole("heading", { name: "Sign in" }).waitFor();
    await fillSignIn(elsewhere, person);
    await elsewhere.getByRole("alert").getByText("do not belong together").waitFor();
    await fillSignIn(elsewhere, { ...person, password: "another long password" });
    await elsewhere.getByRole("heading", { name: "Your devices" }).waitFor();
  });

  test("only 'stay signed in' survives the end of the browser", async () => {
    const page = await world.visitor();
    const person = somebody();
    await signUp(page, person);
    for (const remember of [true, false]) {
      const profile = mkdtempSync(join(tmpdir(), "sojourn-profile-"));
      await inProfile(profile, async (context) => {
        const first = await context.newPage();
        await signIn(first, person, remember);
        const cookie = (await context.cookies()).find(({ name }) => name.startsWith("sid-"));
        const days = ((cookie?.expires ?? 0) - Date.now() / 1000) / 86_400;
        if (remember) expect(days).toBeCloseTo(90, 0);
        else expect(cookie?.expires).toBe(-1);
      });
      await inProfile(profile, async (context) => {
        const later = await context.newPage();
        await later.goto("/");
        expect(await isSignedInAs(later, person)).toBe(remember);
      });
      rmSync(profile, { recursive: true, force: true });
    }
  });

  async function inProfile(folder: string, visit: (context: BrowserContext) => Promise<void>): Promise<void> {
    const context = await engine.launchPersistentContext(folder, {
      executablePath: chromium,
      args: CHROMIUM_ARGS,
      baseURL: world.demo.url,
    });
    try {
      await visit(context);
    } finally {
      await context.close();
    }
  }
});
