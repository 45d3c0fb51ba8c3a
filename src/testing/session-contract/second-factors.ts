/** A login that waits for its second factor is nobody's session yet: seen only by who asks for it, and soon over. */
import assert from "node:assert/strict";
import { gate, type TestBrowser } from "../browser.ts";
import type { Case } from "./case.ts";
import { MINUTE } from "./world.ts";

const POST = { method: "POST" } as const;
const pendingUser = async (tab: TestBrowser): Promise<unknown> =>
  (await tab.visit(async (session) => (await session.pendingLogin())?.userId ?? null)).value;

export const secondFactors: readonly Case[] = [
  {
    name: "after the first factor nobody is signed in; the login that completes it goes by what it began with",
    needs: ["userIndex"],
    options: { keepOnLogin: ["cart"] },
    async run({ browser, sessions }) {
      const tab = browser();
      await tab.visit((session) => session.set("cart", ["tea"]), POST);
      const begun = await tab.visit(
        (session) => session.beginSecondFactor("ada", { remember: true, label: "Laptop" }),
        POST,
      );
      assert.match(
        begun.setCookies.join(),
        /^__Host-Http-sid-pending=.*Max-Age=600; Secure; HttpOnly; SameSite=Lax/,
      );
      const guarded = await tab.visit((session) => session.requireUser());
      assert.equal(guarded.error?.code, "NOT_SIGNED_IN");
      assert.deepEqual(await sessions.list("ada"), []);
      assert.equal(await pendingUser(tab), "ada");
      const done = await tab.visit((session) => session.login("ada"), POST);
      assert.match(done.setCookies.join("\n"), /^__Host-Http-sid=.*Max-Age=[1-9]/m);
      assert.deepEqual((await tab.visit((session) => [session.userId, session.get("cart")])).value, [
        "ada",
        ["tea"],
      ]);
      assert.deepEqual([...tab.jar.keys()], ["__Host-Http-sid"]);
      assert.deepEqual(
        (await sessions.list("ada")).map(({ label }) => label),
        ["Laptop"],
      );
    },
  },
  {
    name: "what a first factor was given is in the session of the login that completes it, under what that was given",
    async run({ browser }) {
      const tab = browser();
      const prefs = { theme: "dark", size: 1, since: new Date(0) };
      await tab.visit(async (session) => {
        const beginning = session.beginSecondFactor("ada", { data: prefs });
        prefs.size = 9; // too late
        await beginning;
      }, POST);
      assert.deepEqual((await tab.visit((session) => session.keys())).value, []);
      await tab.visit(async (session) => {
        const own = { theme: "light" };
        const completing = session.login("ada", { data: own });
        own.theme = "too late";
        await completing;
      }, POST);
      const after = await tab.visit((session) => Object.fromEntries(session.entries()));
      assert.deepEqual(after.value, { theme: "light", size: 1, since: new Date(0) });
    },
  },
  {
    name: "a first factor holds ten minutes, in the browser that proved it, and never opens a session",
    async run({ browser, clock }) {
      const tab = browser();
      const planted = tab.copy();
      await tab.visit((session) => session.set("cart", 1), POST);
      await tab.visit((session) => session.beginSecondFactor("ada"), POST);
      const anonymous = new Map([...tab.jar].filter(([name]) => name.endsWith("-anon")));
      for (const [name, value] of anonymous) planted.jar.set(name, value);
      assert.equal(await pendingUser(planted), null);
      const thief = tab.copy();
      thief.jar.set("__Host-Http-sid", tab.jar.get("__Host-Http-sid-pending") ?? "");
      assert.equal((await thief.visit((session) => session.userId)).value, null);
      clock.advance(10 * MINUTE - 1);
      assert.equal(await pendingUser(tab), "ada");
      clock.advance(1);
      assert.equal(await pendingUser(tab), null);
    },
  },
  {
    name: "who knows the id of a login that waits and not its secret completes nothing",
    async run({ browser }) {
      const tab = browser();
      await tab.visit((session) => session.beginSecondFactor("ada"), POST);
      const name = "__Host-Http-sid-pending";
      const forged = Buffer.from(tab.jar.get(name) ?? "", "base64url").fill(0, 16);
      const thief = browser();
      thief.jar.set(name, forged.toString("base64url"));
      assert.deepEqual([await pendingUser(thief), await pendingUser(tab)], [null, "ada"]);
    },
  },
  {
    name: "a revocation of all of a user ends logins that wait, and refuses one being completed",
    needs: ["revokeUser", "userIndex"],
    async run({ browser, sessions }) {
      const tab = browser();
      await tab.visit((session) => session.beginSecondFactor("ada"), POST);
      const parked = gate();
      const entered = gate();
      const completing = tab.copy().visit(async (session) => {
        assert.equal((await session.pendingLogin())?.userId, "ada");
        entered.open();
        await parked.passed;
        await session.login("ada");
      }, POST);
      await entered.passed;
      await sessions.revokeAll("ada");
      parked.open();
      assert.equal((await completing).error?.code, "SESSION_ENDED");
      assert.equal(await pendingUser(tab), null);
      const late = tab.copy();
      assert.deepEqual(await sessions.list("ada"), []);
      assert.equal(await pendingUser(late), null);
    },
  },
  {
    name: "another login, or another first factor, ends the one that waited; a stranger's pending is not completed by it",
    needs: ["noRevival"],
    async run({ browser }) {
      const tab = browser();
      await tab.visit((session) => session.beginSecondFactor("ada", { label: "hers" }), POST);
      const first = tab.copy();
      await tab.visit((session) => session.beginSecondFactor("bob"), POST);
      assert.deepEqual([await pendingUser(first), await pendingUser(tab)], [null, "bob"]);
      await tab.visit((session) => session.login("ada"), POST);
      assert.equal(await pendingUser(tab), null);
      assert.equal(tab.jar.has("__Host-Http-sid-pending"), false);
    },
  },
  {
    name: "at most five first factors of one user wait at once",
    needs: ["userIndex"],
    async run({ browser }) {
      const tabs = Array.from({ length: 6 }, browser);
      for (const tab of tabs) await tab.visit((session) => session.beginSecondFactor("ada"), POST);
      const waiting = await Promise.all(tabs.map(pendingUser));
      assert.equal(waiting.filter((user) => user === "ada").length, 5);
    },
  },
  {
    name: "who asks for no pending login pays no store call for its cookie",
    async run({ browser, counts }) {
      const tab = browser();
      await tab.visit((session) => session.beginSecondFactor("ada"), POST);
      counts.reset();
      await tab.visit((session) => session.userId);
      assert.deepEqual(counts.calls, {});
    },
  },
  {
    name: "a first factor from another site is refused like a login, and one without a store is 503",
    options: { storeTimeout: "50ms" },
    async run({ browser, faults }) {
      const tab = browser();
      const headers = { "sec-fetch-site": "cross-site", origin: "https://evil.example" };
      const forged = await tab.visit((session) => session.beginSecondFactor("ada"), { ...POST, headers });
      assert.equal(forged.error?.code, "CSRF_DENIED");
      const mend = faults.outage();
      const down = await tab.visit((session) => session.beginSecondFactor("ada"), POST);
      assert.deepEqual([down.status, down.setCookies], [503, []]);
      mend();
    },
  },
];
