// "Your devices": two browsers of one person, and one of somebody else.
import { expect, test } from "vitest";
import { add, packetsIn, signIn, signUp, somebody } from "./support/people.ts";
import { describeInChromium, useWorld } from "./support/world.ts";

const PHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";

describeInChromium("your devices", (chromium) => {
  const world = useWorld(chromium);

  test("signing another device out ends it at its next click, and only it", async () => {
    const desk = await world.visitor();
    const person = somebody();
    await signUp(desk, person);
    await add(desk, "Dill");
    const phone = await world.visitor({ userAgent: PHONE });
    await signIn(phone, person);
    await desk.getByRole("link", { name: "Your devices" }).click();
    expect(await desk.getByRole("main").getByRole("listitem").count()).toBe(2);
    await desk.getByText("Phone, last seen just now.").waitFor();
    await desk.getByText("Computer, last seen just now.").waitFor();
    await desk.getByRole("button", { name: "Sign out Safari on iPhone" }).click();
    await desk.getByText("That device is signed out.").waitFor();
    expect(await desk.getByRole("main").getByRole("listitem").count()).toBe(1);
    await phone.getByRole("link", { name: "Your devices" }).click();
    await phone.getByRole("heading", { name: "Sign in" }).waitFor();
    await phone.getByText("You are a visitor.").waitFor();
    expect(await packetsIn(desk)).toBe(1);
  });

  test("what happened to the account is told to its owner, and to nobody else", async () => {
    const desk = await world.visitor();
    const person = somebody();
    await signUp(desk, person);
    const phone = await world.visitor({ userAgent: PHONE });
    await signIn(phone, person);
    await desk.getByRole("link", { name: "Your devices" }).click();
    await desk.getByRole("button", { name: "Sign out Safari on iPhone" }).click();
    await desk.getByText("That device is signed out.").waitFor();
    await desk.getByRole("link", { name: "Activity", exact: true }).click();
    const entries = await desk.getByRole("main").getByRole("listitem").allTextContents();
    expect(entries).toHaveLength(3);
    expect(entries[0]).toContain("Signed out from another device Safari on iPhone");
    expect(entries[1]).toContain("Signed in Safari on iPhone");
    const stranger = await world.visitor();
    await signUp(stranger, somebody("Grace Hopper"));
    await stranger.goto("/activity");
    expect(await stranger.getByRole("main").getByRole("listitem").count()).toBe(1);
  });

  test("signing out everywhere else leaves this device alone", async () => {
    const here = await world.visitor();
    const person = somebody();
    await signUp(here, person);
    const others = await Promise.all([world.visitor(), world.visitor({ userAgent: PHONE })]);
    for (const other of others) await signIn(other, person);
    await here.getByRole("link", { name: "Your devices" }).click();
    await here.getByRole("button", { name: "Sign out everywhere else" }).click();
    await here.getByText("2 devices are signed out.").waitFor();
    await here.getByText("This is the only one.").waitFor();
    for (const other of others) {
      await other.goto("/devices");
      await other.getByRole("heading", { name: "Sign in" }).waitFor();
    }
  });

  test("a form sent from a device that was signed out changes nothing and says so", async () => {
    world.expectComplaints(401);
    const here = await world.visitor();
    const person = somebody();
    await signUp(here, person);
    const other = await world.visitor();
    await signIn(other, person);
    await other.goto("/devices");
    await here.getByRole("link", { name: "Your devices" }).click();
    await here.getByRole("button", { name: "Sign out everywhere else" }).click();
    await here.getByText("One device is signed out.").waitFor();
    await other.getByRole("button", { name: "Sign out everywhere else" }).click();
    await other.getByRole("heading", { name: "You are signed out" }).waitFor();
    await here.reload();
    await here.getByText("this device").waitFor();
  });

  test("a session used from another device than it began on is told of among the activity, once", async () => {
    const desk = await world.visitor();
    await signUp(desk, somebody());
    const copy = await world.visitor({ userAgent: PHONE });
    await copy.context().addCookies(await desk.context().cookies());
    for (let visits = 0; visits < 2; visits++) {
      await copy.goto("/devices");
      await copy.getByText("this device").waitFor();
    }
    await desk.goto("/activity");
    const told = desk.getByRole("listitem").filter({ hasText: "Used as Safari on iPhone: was it you?" });
    expect(await told.count()).toBe(1);
    expect(await told.innerText()).toContain("Chrome on Linux");
  });

  test("nobody can sign out the device of somebody else", async () => {
    const victim = await world.visitor();
    await signUp(victim, somebody("Grace Hopper"));
    await victim.goto("/session");
    const id = await victim.locator("dt:has-text('Public id') + dd code").innerText();
    const attacker = await world.visitor();
    const person = somebody("Mallory");
    await signUp(attacker, person);
    const second = await world.visitor();
    await signIn(second, person);
    await attacker.goto("/devices");
    await attacker
      .locator("input[name=id]")
      .evaluate((field, value) => field.setAttribute("value", value), id);
    await attacker.getByRole("button", { name: /^Sign out Chrome/ }).click();
    await attacker.getByText("That device was signed out already.").waitFor();
    await victim.goto("/devices");
    await victim.getByText("this device").waitFor();
  });
});
