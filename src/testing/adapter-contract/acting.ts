/** Acting on behalf of somebody, over HTTP: its cookie beside the own one, and what a late form is told. */
import assert from "node:assert/strict";
import type { Route } from "./app.ts";
import { headerOf } from "./client.ts";
import { parseSetCookie } from "./http-browser.ts";
import { type Case, cookiesOf, USER, whoIs } from "./site.ts";

const ACTING = `${USER}-acting`;

const act: Route = async ({ session }) => {
  await session.actAs("bob", { for: "10m" });
  return { body: "acting" };
};
const stop: Route = async ({ session }) => {
  await session.stopActing();
  return { body: "stopped" };
};
const close: Route = ({ session }) => ({ body: `closed the account of ${session.requireUser()}` });
const ROUTES = { "/act": act, "/stop": stop, "/close": close };

export const acting: readonly Case[] = [
  {
    name: "who acts for somebody gets a cookie beside the own one, and it is taken away as it was set",
    async run({ serve }) {
      const site = await serve({ routes: ROUTES });
      const browser = await site.signedIn("ada");
      const own = browser.jar.get(USER);
      const [set = "", ...others] = cookiesOf(await browser.post("/act"));
      assert.deepEqual(others, []);
      const made = parseSetCookie(set);
      assert.deepEqual(
        [made.name, [...made.attributes.keys()].sort(), made.attributes.get("samesite")],
        [ACTING, ["httponly", "path", "samesite", "secure"], "Lax"],
      );
      assert.equal(await whoIs(browser), "bob");
      const taken = parseSetCookie(cookiesOf(await browser.post("/stop"))[0] ?? "");
      const { attributes } = taken;
      assert.deepEqual([taken.name, taken.value, attributes.get("max-age")], [ACTING, "", "0"]);
      for (const [name, value] of made.attributes) assert.equal(attributes.get(name), value, name);
      assert.deepEqual([await whoIs(browser), [...browser.jar]], ["ada", [[USER, own]]]);
      await browser.post("/act");
      await browser.post("/logout");
      assert.deepEqual([...browser.jar.keys()], []);
    },
  },
  {
    name: "a form sent for somebody when that is over is a 403 that does nothing and clears the cookie; the next one is the user's own",
    async run({ serve, clock }) {
      const site = await serve({ options: { signInPath: "/login" }, routes: ROUTES });
      const browser = await site.signedIn("ada");
      await browser.post("/act");
      assert.equal((await browser.post("/close")).body, "closed the account of bob");
      clock.advance(10 * 60_000);
      assert.equal(await whoIs(browser), "ada");
      const late = await browser.post("/close");
      assert.deepEqual([late.status, headerOf(late, "cache-control")], [403, "no-store"]);
      assert.deepEqual(JSON.parse(late.body), {
        error: { code: "ACTING_OVER", message: "This request was refused." },
      });
      assert.deepEqual([...browser.jar.keys()], [USER]);
      assert.equal((await browser.post("/close")).body, "closed the account of ada");
    },
  },
];
