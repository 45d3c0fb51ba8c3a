/** What the cases about several accounts do in a browser, as its pages would. */
import assert from "node:assert/strict";
import type { Session } from "../../core/types.ts";
import type { Handler, TestBrowser, Visited, VisitOptions } from "../browser.ts";
import type { Values, World } from "./world.ts";

export const SID = "__Host-Http-sid";
export const LIST = "__Host-Http-sid-accounts";
export const KEPT = "__Host-Http-sid-accounts-kept";
export const OPTIONS = { accounts: { max: 4 }, storeTimeout: 200 } as const;

/** What a form has that is rendered now: it may be sent later. */
export async function formOf(tab: TestBrowser): Promise<VisitOptions> {
  const { value = "" } = await tab.visit((session) => session.csrfToken());
  return { method: "POST", headers: { "x-csrf-token": value } };
}

/** A form of the page as it is now, sent at once. */
export async function act<T>(
  tab: TestBrowser,
  handler: Handler<T>,
  more: VisitOptions = {},
): Promise<Visited<T>> {
  return tab.visit(handler, { ...(await formOf(tab)), ...more });
}

/** A browser with these accounts, the last one current. Each has its name under `name`. */
export async function withAccounts(world: World, ...users: readonly string[]): Promise<TestBrowser> {
  const tab = world.browser();
  for (const user of users) {
    world.clock.advance(1000);
    const added = await act(tab, async (session) => {
      await session.login(user, { add: true, label: `${user}'s` });
      session.set("name", user);
    });
    assert.equal(added.status, 200);
  }
  return tab;
}

export const seen = async (tab: TestBrowser): Promise<string> =>
  String((await tab.visit((session) => `${session.userId}:${String(session.get("name"))}`)).value);

export async function accounts(tab: TestBrowser): Promise<readonly string[]> {
  const { value = [] } = await tab.visit(async (session) => session.accounts());
  return value.map(({ userId, current }) => (current ? `(${userId})` : userId));
}

export const idOf = async (session: Session<Values>, user: string): Promise<string> =>
  (await session.accounts()).find(({ userId }) => userId === user)?.id ?? "";

export const switching =
  (user: string): Handler<boolean> =>
  async (session) =>
    session.switchTo(await idOf(session, user));
