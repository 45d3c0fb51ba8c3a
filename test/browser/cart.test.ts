// "Two tabs lose nothing", and the cart's way through signing in and out.
import { expect, test } from "vitest";
import {
  add,
  addAmongTabs,
  addAtOnce,
  addSlowly,
  packetsIn,
  signOut,
  signUp,
  somebody,
} from "./support/people.ts";
import { describeInChromium, useWorld } from "./support/world.ts";

describeInChromium("the cart", (chromium) => {
  const world = useWorld(chromium);

  test("two tabs that add at the same time lose nothing", async () => {
    const left = await world.visitor();
    await add(left, "Dill"); // both tabs share the session this starts
    const right = await left.context().newPage();
    await right.goto("/");
    await Promise.all([addAmongTabs(left, "Dill"), addAmongTabs(right, "Borage")]);
    await Promise.all([addAtOnce(left, "dill", 12), addAtOnce(right, "borage", 12)]); // more than fingers can
    expect(await packetsIn(left)).toBe(27);
    expect(await packetsIn(right)).toBe(27);
  });

  test("a slow request does not undo what another tab did meanwhile", async () => {
    const slow = await world.visitor();
    await add(slow, "Dill");
    const fast = await slow.context().newPage();
    await fast.goto("/");
    const { done } = await addSlowly(slow, "Borage");
    let isDone = false;
    const finished = done.then(() => {
      isDone = true;
    });
    await add(fast, "Cornflower");
    await add(fast, "Dill");
    expect(isDone).toBe(false); // they really overlapped
    await finished;
    expect(await packetsIn(fast)).toBe(4);
  });

  test("a slow request does not bring back a session that was signed out meanwhile", async () => {
    world.expectComplaints(401);
    const slow = await world.visitor();
    await signUp(slow, somebody());
    const other = await slow.context().newPage();
    await other.goto("/");
    const { done } = await addSlowly(slow, "Borage");
    await signOut(other);
    await done;
    await slow.getByRole("heading", { name: "You are signed out" }).waitFor();
    expect(await packetsIn(slow)).toBe(0);
    await slow.getByText("You are a visitor.").waitFor();
  });

  test("what a visitor put into it is there after signing up and gone after signing out", async () => {
    const page = await world.visitor();
    await add(page, "Dill");
    await add(page, "Nasturtium");
    await signUp(page, somebody());
    expect(await packetsIn(page)).toBe(2);
    await page.getByRole("button", { name: "One more Dill" }).click();
    await page.getByRole("button", { name: "One Nasturtium less" }).click();
    expect(await packetsIn(page)).toBe(2);
    await signOut(page);
    expect(await packetsIn(page)).toBe(0);
  });

  test("an order asks a visitor to sign in first and comes back to the full cart", async () => {
    const page = await world.visitor();
    await add(page, "Field poppy");
    await page.goto("/cart");
    await page.getByRole("button", { name: "Place the order" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.getByRole("main").getByRole("link", { name: "Sign up" }).click();
    const person = somebody();
    await page.getByLabel("Name").fill(person.name);
    await page.getByLabel("E-mail address").fill(person.email);
    await page.getByLabel("Password", { exact: true }).fill(person.password);
    await page.getByRole("main").getByRole("button", { name: "Sign up" }).click();
    await page.getByRole("heading", { name: "Your cart" }).waitFor();
    await page.getByRole("button", { name: "Place the order" }).click();
    await page.getByText("Thank you!").waitFor();
    expect(await packetsIn(page)).toBe(0);
  });

  test("a visitor who only looks around is given no session", async () => {
    const page = await world.visitor();
    for (const path of ["/cart", "/try", "/session", "/sign-in"]) await page.goto(path);
    const names = (await page.context().cookies()).map(({ name }) => name);
    expect(names.filter((name) => !name.startsWith("csrf-"))).toEqual([]);
  });
});
