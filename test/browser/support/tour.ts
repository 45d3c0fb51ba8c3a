// Every page of the shop, in the state people meet it in.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Page } from "playwright-core";
import { add, fillSignIn, signIn, signOut, signUp, somebody } from "./people.ts";
import type { World } from "./world.ts";

export const PHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";

export type Look = (name: string, page: Page) => Promise<void>;

export async function visitorPages(world: World, look: Look): Promise<void> {
  const page = await world.visitor();
  await look("shop", page);
  await page.goto("/cart");
  await look("cart-empty", page);
  await page.goto("/try");
  await look("what-to-try", page);
  await page.goto("/session");
  await look("session-visitor", page);
  await page.goto("/sign-in");
  await look("sign-in", page);
  await fillSignIn(page, somebody());
  await page.getByRole("alert").waitFor();
  await look("sign-in-refused", page);
  await page.goto("/sign-up");
  await look("sign-up", page);
  await page.getByLabel("Name").fill("Ada Lovelace");
  await page.getByLabel("E-mail address").fill("ada@example");
  await page.getByLabel("Password", { exact: true }).fill("short");
  await page.getByRole("main").getByRole("button", { name: "Sign up" }).click();
  await page.getByText("Please take at least 10 characters.").waitFor();
  await look("sign-up-refused", page);
}

export async function accountPages(world: World, look: Look): Promise<void> {
  const page = await world.visitor();
  const person = somebody();
  await add(page, "Rainbow chard");
  await add(page, "Borage");
  await signUp(page, person);
  await look("signed-up", page);
  await add(page, "Borage");
  await look("added", page);
  await page.goto("/cart");
  await look("cart", page);
  const phone = await world.visitor({ userAgent: PHONE });
  await signIn(phone, person, true);
  await page.goto("/devices");
  await look("devices", page);
  await page.goto("/activity");
  await look("activity", page);
  await page.goto("/password");
  await look("password", page);
  await page.goto("/session");
  await look("session", page);
  await page.goto("/sign-in");
  await look("sign-in-again", page);
}

export async function failurePages(world: World, look: Look): Promise<void> {
  const page = await world.visitor();
  await page.goto("/no-such-page");
  await look("not-found", page);
  await signUp(page, somebody());
  const database = new DatabaseSync(join(world.demo.dataFolder, "sessions.db"));
  database.exec("BEGIN IMMEDIATE");
  await page.getByRole("button", { name: "Add to cart: Dill" }).click();
  await page.getByRole("heading", { name: "Back in a moment" }).waitFor();
  await look("unavailable", page);
  database.exec("ROLLBACK");
  database.close();
  await page.goto("/password");
  const other = await page.context().newPage();
  await other.goto("/");
  await signOut(other);
  await other.close();
  await page.getByLabel("New password").fill("a long new password");
  await page.getByRole("button", { name: "Change the password" }).click();
  await page.getByRole("heading", { name: "You are signed out" }).waitFor();
  await look("signed-out", page);
  await page.goto("about:blank");
  await page.setContent(
    `<form method="post" action="${world.demo.url}/cart/add"><input name="seed" value="dill"><button>Win</button></form>`,
  );
  await page.getByRole("button", { name: "Win" }).click();
  await page.getByRole("heading", { name: "Refused" }).waitFor();
  await look("refused", page);
}
