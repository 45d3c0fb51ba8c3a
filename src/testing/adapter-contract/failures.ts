/** What clients are told when something fails: the right status, nothing of what is inside, no cookie touched. */
import assert from "node:assert/strict";
import type { Route } from "./app.ts";
import { type Answer, headerOf } from "./client.ts";
import { SAME_ORIGIN } from "./http-browser.ts";
import { type Case, cookiesOf, dataOf, parked, reportsOf, stop, USER, whoIs } from "./site.ts";

const PAGE_VIEW = { headers: [["accept", "text/html,*/*;q=0.8"]] } as const;

/** Everything of an answer that its client sees, but for the time of day. */
function wholeOf(answer: Answer): unknown {
  return [answer.status, answer.headers.filter(([name]) => name !== "date"), answer.body];
}

const throwing =
  (before: (session: Parameters<Route>[0]["session"]) => unknown): Route =>
  async ({ session }) => {
    await before(session);
    throw new Error("boom: secret-detail");
  };

export const failures: readonly Case[] = [
  {
    name: "nobody signed in is a 401, in JSON for API clients and as a page for browsers",
    async run({ serve }) {
      const browser = (await serve()).browser();
      const api = await browser.visit("/private");
      assert.equal(api.status, 401);
      assert.deepEqual(JSON.parse(api.body), {
        error: { code: "NOT_SIGNED_IN", message: "Sign in to continue." },
      });
      assert.deepEqual([headerOf(api, "cache-control"), cookiesOf(api)], ["no-store", []]);
      const page = await browser.visit("/private", PAGE_VIEW);
      assert.deepEqual([page.status, headerOf(page, "content-type")], [401, "text/html; charset=utf-8"]);
      assert.match(page.body, /^<!doctype html>/);
    },
  },
  {
    name: "unknown, expired, revoked and logged-out sessions get the same 401, byte for byte, also in the middle of a write",
    async run({ serve, sessions, clock }) {
      const at = stop();
      const writing = parked(at, ({ session }) => {
        session.set("item", "tea");
        return { body: "stored" };
      });
      const site = await serve({ routes: { "/write": writing } });
      const unknown = site.browser();
      unknown.jar.set(USER, "A".repeat(64));
      const revoked = await site.signedIn("bob");
      const inTheMiddle = revoked.visit("/write", { method: "POST", headers: SAME_ORIGIN });
      await at.reached;
      await sessions.revokeAll("bob");
      at.release();
      const signedOut = (await site.signedIn("eve")).copy();
      await signedOut.copy().post("/logout");
      const expired = await site.signedIn("ada");
      clock.advance(31 * 60_000);
      const visitors = [unknown, revoked, signedOut, expired];
      const answers = await Promise.all(visitors.map((visitor) => visitor.visit("/private")));
      const [first] = answers;
      assert.equal(first?.status, 401);
      for (const answer of [...answers, await inTheMiddle]) assert.deepEqual(wholeOf(answer), wholeOf(first));
    },
  },
  {
    name: "with signInPath a page view goes to sign in with the way back, and a form is shown the link",
    async run({ serve }) {
      const elsewhere: Route = ({ session }) => ({ body: session.requireUser() });
      const routes = { "//evil.example/private": elsewhere };
      const browser = (await serve({ options: { signInPath: "/login" }, routes })).browser();
      const view = await browser.visit("/private?x=1", PAGE_VIEW);
      assert.deepEqual([view.status, headerOf(view, "location")], [303, "/login?next=%2Fprivate%3Fx%3D1"]);
      const away = await browser.visit("//evil.example/private", PAGE_VIEW);
      assert.deepEqual(
        [away.status, headerOf(away, "location")],
        [303, "/login"],
        "no way back to another host",
      );
      const form = await browser.visit("/private", { method: "POST", ...PAGE_VIEW });
      assert.deepEqual([form.status, form.body.includes('href="/login"')], [401, true]);
    },
  },
  {
    name: "a login that is too weak is a 401 with the level in it, and a page view goes to sign in with both",
    async run({ serve }) {
      const paying: Route = ({ session }) => {
        session.requireFresh("5m", { level: 2 });
        return { body: "paid" };
      };
      const proving: Route = async ({ session }) => {
        await session.login(session.requireUser(), { level: 2, methods: ["pwd", "otp"] });
        return { body: "proven" };
      };
      const site = await serve({
        options: { signInPath: "/login" },
        routes: { "/pay": paying, "/prove": proving },
      });
      const browser = await site.signedIn("ada");
      const api = await browser.visit("/pay");
      assert.deepEqual([api.status, cookiesOf(api)], [401, []]);
      assert.deepEqual(JSON.parse(api.body), {
        error: { code: "LEVEL_TOO_LOW", message: "Sign in to continue.", level: 2 },
      });
      const view = await browser.visit("/pay", PAGE_VIEW);
      assert.deepEqual([view.status, headerOf(view, "location")], [303, "/login?next=%2Fpay&level=2"]);
      await browser.post("/prove");
      assert.equal((await browser.visit("/pay")).body, "paid");
    },
  },
  {
    name: "onFailure makes the answer, and the headers a failure needs are added",
    async run({ serve }) {
      const site = await serve({
        options: { failure: ({ code }) => ({ status: 418, body: `<p>${code}</p>` }) },
      });
      const browser = await site.signedIn();
      const refused = await browser.visit("/set", {
        method: "POST",
        headers: [["sec-fetch-site", "cross-site"]],
      });
      assert.deepEqual([refused.status, refused.body], [418, "<p>CSRF_DENIED</p>"]);
      assert.equal(headerOf(refused, "cache-control"), "no-store");
      const unsigned = await site.browser().visit("/private");
      assert.deepEqual([unsigned.status, unsigned.body], [418, "<p>NOT_SIGNED_IN</p>"]);
    },
  },
  {
    name: "a handler that throws is a 500 that stores nothing and tells nothing, reported once",
    async run({ serve }) {
      const site = await serve({ routes: { "/boom": throwing((session) => session.set("item", "tea")) } });
      const browser = await site.signedIn();
      const reports = await reportsOf(async () => {
        const answer = await browser.visit("/boom", { method: "POST" });
        assert.deepEqual([answer.status, cookiesOf(answer)], [500, []]);
        assert.ok(!answer.body.includes("secret-detail"), "the error's message reached the client");
      });
      assert.equal(reports.filter((report) => report.includes("boom: secret-detail")).length, 1);
      assert.deepEqual(await dataOf(browser), {});
    },
  },
  {
    name: "a handler that throws after a login is a 500 with the sign-in cookie",
    async run({ serve }) {
      const site = await serve({ routes: { "/boom": throwing((session) => session.login("ada")) } });
      const browser = site.browser();
      const reports = await reportsOf(async () => {
        assert.equal((await browser.visit("/boom", { method: "POST" })).status, 500);
      });
      assert.equal(reports.filter((report) => report.includes("boom: secret-detail")).length, 1);
      assert.equal(await whoIs(browser), "ada");
    },
  },
  {
    name: "a handler that throws after a logout is a 500 that takes the cookie away",
    async run({ serve }) {
      const site = await serve({ routes: { "/boom": throwing((session) => session.logout()) } });
      const browser = await site.signedIn();
      await reportsOf(async () => {
        assert.equal((await browser.visit("/boom", { method: "POST" })).status, 500);
      });
      assert.equal(browser.jar.size, 0);
    },
  },
  {
    name: "an answer of less than 500 to a thrown error stores what was written, as any answer of its status does",
    async run({ serve }) {
      const hinting: Route = ({ session }) => {
        session.flash("notice", "Please sign in");
        return { body: session.requireUser() };
      };
      const reading: Route = ({ session }) => ({
        body: session
          .flashes()
          .map(({ message }) => message)
          .join(),
      });
      const site = await serve({ routes: { "/hinting": hinting, "/flashes": reading } });
      const browser = site.browser();
      assert.equal((await browser.visit("/hinting")).status, 401);
      assert.equal((await browser.visit("/flashes")).body, "Please sign in");
    },
  },
  {
    name: "production tells nothing of a refusal but its rule",
    async run({ serve }) {
      const browser = await (await serve()).signedIn();
      const answer = await browser.visit("/set", {
        method: "POST",
        headers: [
          ["sec-fetch-site", "cross-site"],
          ["origin", "https://evil.example"],
        ],
      });
      assert.deepEqual(JSON.parse(answer.body), {
        error: { code: "CSRF_DENIED", message: "This request was refused.", reason: "cross_origin" },
      });
    },
  },
];
