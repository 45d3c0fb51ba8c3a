/** Several accounts in one browser, over a real socket: cookies, two tabs, forged lists. */
import assert from "node:assert/strict";
import { signedIn } from "../signed-in.ts";
import type { Route } from "./app.ts";
import { type HeaderLine, headerOf } from "./client.ts";
import { type HttpBrowser, parseSetCookie, SAME_ORIGIN } from "./http-browser.ts";
import { type Case, cookiesOf, reportsOf, type Scene, type Site, USER } from "./site.ts";

const LIST = `${USER}-accounts`;
const KEPT = `${USER}-accounts-kept`;

const ROUTES: Readonly<Record<string, Route>> = {
  "/token": ({ session }) => ({ body: session.csrfToken() }),
  "/seen": ({ session }) => ({ body: `${session.userId}:${String(session.get("note"))}` }),
  "/accounts": async ({ session }) => ({
    body: (await session.accounts()).map(({ userId, current }) => (current ? `(${userId})` : userId)).join(),
  }),
  "/add": async ({ session, form }) => {
    const { user = "", remember } = await form();
    await session.login(user, { add: true, remember: remember === "on" });
    return { body: "added" };
  },
  "/note": async ({ session, form }) => {
    session.set("note", (await form()).note);
    return { body: "noted" };
  },
  "/switch": async ({ session, form }) => {
    const { user } = await form();
    const found = (await session.accounts()).find(({ userId }) => userId === user);
    return { body: String(found ? await session.switchTo(found.id) : false) };
  },
  "/logout-all": async ({ session }) => {
    await session.logoutAll();
    return { body: "signed out" };
  },
};

async function serve({ serve: start }: Scene): Promise<Site> {
  return start({ routes: ROUTES });
}

/** A form of a page that was rendered now. */
async function send(browser: HttpBrowser, path: string, fields: Readonly<Record<string, string>> = {}) {
  const { body: _csrf } = await browser.visit("/token");
  return browser.visit(path, { form: { ...fields, _csrf } });
}

async function withAccounts(site: Site, ...users: readonly string[]): Promise<HttpBrowser> {
  const browser = site.browser();
  for (const user of users) assert.equal((await send(browser, "/add", { user })).status, 200);
  return browser;
}

const textOf = async (browser: HttpBrowser, path: string): Promise<string> =>
  (await browser.visit(path)).body;

export const accounts: readonly Case[] = [
  {
    name: "several accounts: added, listed, switched and signed out of, with a cookie like that of the session",
    options: { accounts: { max: 3 } },
    async run(scene) {
      const site = await serve(scene);
      const browser = await withAccounts(site, "ada");
      assert.deepEqual([...browser.jar.keys()], [USER]);
      scene.clock.advance(1000);
      const added = await send(browser, "/add", { user: "bob" });
      scene.clock.advance(1000);
      const kept = await send(browser, "/add", { user: "cy", remember: "on" });
      for (const [answer, name, lasts] of [
        [added, LIST, false],
        [kept, KEPT, true],
      ] as const) {
        const cookie = cookiesOf(answer)
          .map(parseSetCookie)
          .find((line) => line.name === name);
        const { attributes } = cookie ?? parseSetCookie("");
        assert.deepEqual(
          ["path", "secure", "httponly", "samesite", "domain"].map((key) => attributes.get(key)),
          ["/", "", "", "Lax", undefined],
        );
        assert.equal(attributes.has("max-age"), lasts);
      }
      assert.equal((await send(browser, "/add", { user: "dan" })).status, 403);
      assert.equal(await textOf(browser, "/accounts"), "ada,bob,(cy)");
      await send(browser, "/note", { note: "cy's" });
      assert.equal((await send(browser, "/switch", { user: "ada" })).body, "true");
      assert.equal(await textOf(browser, "/seen"), "ada:undefined");
      assert.equal((await send(browser, "/switch", { user: "cy" })).body, "true");
      assert.equal(await textOf(browser, "/seen"), "cy:cy's");
      await send(browser, "/logout");
      assert.equal(await textOf(browser, "/accounts"), "ada,bob");
      const out = await send(browser, "/logout-all");
      assert.deepEqual([out.status, [...browser.jar.keys()]], [200, []]);
      assert.deepEqual(await scene.sessions.list("ada"), []);
      const headers = Object.entries(await signedIn(scene.sessions, "eve"));
      const made = await site.browser().visit("/note", { form: { note: "by a test" }, headers });
      assert.equal(made.status, 200);
    },
  },
  {
    name: "several accounts: a form rendered for one and sent after another tab switched acts on neither",
    options: { accounts: { max: 3 } },
    async run(scene) {
      const site = await serve(scene);
      const browser = await withAccounts(site, "ada", "bob");
      const { body: _csrf } = await browser.visit("/token"); // a page for bob, left open in one tab
      await send(browser, "/switch", { user: "ada" }); // in another one
      const header: HeaderLine = ["x-csrf-token", _csrf];
      for (const stale of [
        { form: { note: "for bob", _csrf } },
        { form: { note: "for bob" } },
        { form: { note: "for bob" }, headers: [...SAME_ORIGIN, header] },
      ]) {
        const answer = await browser.visit("/note", stale);
        assert.deepEqual([answer.status, cookiesOf(answer)], [403, []]);
        assert.equal(
          headerOf(answer, "x-csrf-token"),
          undefined,
          "a script would send it once more, for ada",
        );
      }
      assert.equal(await textOf(browser, "/seen"), "ada:undefined");
      await send(browser, "/switch", { user: "bob" });
      assert.equal((await browser.visit("/note", { form: { note: "for bob", _csrf } })).status, 200);
      assert.equal(await textOf(browser, "/seen"), "bob:for bob");
    },
  },
  {
    name: "several accounts: a list alone makes a request one that another page could forge",
    options: { accounts: { max: 3 } },
    async run(scene) {
      const site = await serve(scene);
      const browser = await withAccounts(site, "ada", "bob");
      await send(browser, "/logout");
      assert.deepEqual([...browser.jar.keys()], [LIST]);
      for (const headers of [
        [],
        [["sec-fetch-site", "cross-site"]],
        [["sec-fetch-site", "none"]],
        [["origin", "https://app.example"]],
      ] as readonly HeaderLine[][]) {
        const forged = await browser.visit("/switch", { form: { user: "ada" }, headers });
        assert.deepEqual([forged.status, cookiesOf(forged)], [403, []]);
      }
      assert.equal(await textOf(browser, "/seen"), "null:undefined");
    },
  },
  {
    name: "several accounts: a forged list shows nobody, switches to nobody and signs nobody out",
    options: { accounts: { max: 3 } },
    async run(scene) {
      const site = await serve(scene);
      const victim = await withAccounts(site, "vic");
      const [vic] = await scene.sessions.list("vic");
      const browser = await withAccounts(site, "eve");
      browser.jar.set(LIST, `${vic?.id}${"A".repeat(42)}.${"A".repeat(64)}`).set(KEPT, "x".repeat(3000));
      assert.equal(await textOf(browser, "/accounts"), "(eve)");
      assert.equal((await send(browser, "/switch", { user: "vic" })).body, "false");
      assert.equal((await send(browser, "/logout-all")).status, 200);
      assert.equal(await textOf(victim, "/seen"), "vic:undefined");
    },
  },
  {
    name: "several accounts: a store that is down answers 503, touches no cookie and loses none of them",
    options: { accounts: { max: 3 }, storeTimeout: "50ms" },
    async run(scene) {
      let restore = (): void => {};
      const listing: Route = async ({ session }) => {
        restore = scene.faults.outage();
        return { body: String((await session.accounts()).length) };
      };
      const site = await scene.serve({ routes: { ...ROUTES, "/broken": listing } });
      const browser = await withAccounts(site, "ada", "bob");
      await reportsOf(async () => {
        const answer = await browser.visit("/broken");
        restore();
        assert.deepEqual([answer.status, cookiesOf(answer)], [503, []]);
      });
      assert.equal((await send(browser, "/switch", { user: "ada" })).body, "true");
    },
  },
];
