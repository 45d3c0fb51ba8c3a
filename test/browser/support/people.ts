// What people do in the shop.
import type { Page } from "playwright-core";

export interface Person {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

let count = 0;

export function somebody(name = "Ada Lovelace"): Person {
  count += 1;
  return { name, email: `person-${count}@example.com`, password: `a long password ${count}` };
}

export async function signUp(page: Page, person: Person): Promise<void> {
  await page.goto("/sign-up");
  await page.getByLabel("Name").fill(person.name);
  await page.getByLabel("E-mail address").fill(person.email);
  await page.getByLabel("Password", { exact: true }).fill(person.password);
  await page.getByRole("main").getByRole("button", { name: "Sign up" }).click();
  await page.getByText(`Welcome, ${person.name}.`).waitFor();
}

export async function signIn(page: Page, person: Person, remember = false): Promise<void> {
  await page.goto("/sign-in");
  await fillSignIn(page, person, remember);
  await page.getByText(`Welcome back, ${person.name}.`).waitFor();
}

export async function fillSignIn(page: Page, person: Person, remember = false): Promise<void> {
  await page.getByLabel("E-mail address").fill(person.email);
  await page.getByLabel("Password", { exact: true }).fill(person.password);
  if (remember) await page.getByLabel("Stay signed in on this device").check();
  await page
    .getByRole("main")
    .getByRole("button", { name: /Sign in|Confirm/ })
    .click();
}

export async function signOut(page: Page): Promise<void> {
  await page.getByRole("navigation", { name: "Account" }).getByRole("button", { name: "Sign out" }).click();
  await page.getByText("You are signed out.").waitFor();
}

export async function add(page: Page, packet: string): Promise<void> {
  await page.getByRole("button", { name: `Add to cart: ${packet}` }).click();
  await page.getByText(`${packet} is in your cart.`).waitFor();
}

/** The same without looking at the message: with two tabs either may show it. */
export async function addAmongTabs(page: Page, packet: string): Promise<void> {
  const loaded = page.waitForEvent("load");
  await page.getByRole("button", { name: `Add to cart: ${packet}` }).click();
  await loaded;
}

/** Sends a form many times without waiting in between. On the way that pauses between reading and writing, so they overlap. */
export async function addAtOnce(page: Page, seed: string, times: number): Promise<void> {
  const statuses: number[] = await page.evaluate(`(() => {
    const body = new URLSearchParams(new FormData(document.querySelector("#${seed} form")));
    body.set("seconds", "0");
    const send = async () => (await fetch("/cart/add-slowly", { method: "POST", body })).status;
    return Promise.all(Array.from({ length: ${times} }, send));
  })()`);
  if (statuses.some((status) => status !== 200)) throw new Error(`Some were refused: ${statuses.join(" ")}`);
}

/** Chooses a packet on "What to try" that takes three seconds, and comes back when the server has the request. */
export async function addSlowly(page: Page, packet: string): Promise<{ done: Promise<void> }> {
  await page.goto("/try");
  await page.getByLabel("Packet").selectOption(packet);
  await page.getByLabel("takes").selectOption("3 seconds");
  const sent = page.waitForRequest("**/cart/add-slowly");
  const answered = page.waitForResponse("**/cart/add-slowly");
  const clicked = page.getByRole("button", { name: "Add slowly" }).click(); // waits for the answer as well
  await sent;
  return { done: Promise.all([clicked, answered]).then(() => page.waitForLoadState("load")) };
}

/** How many packets the cart holds, as a fresh look at it shows. */
export async function packetsIn(page: Page): Promise<number> {
  await page.goto("/cart");
  const amounts = await page
    .locator(".amount")
    .evaluateAll((list) => list.map((item) => Number(item.lastChild?.textContent)));
  return amounts.reduce((sum, amount) => sum + amount, 0);
}

export function isSignedInAs(page: Page, person: Person): Promise<boolean> {
  return page.getByText(`Signed in as ${person.name}`).isVisible();
}
