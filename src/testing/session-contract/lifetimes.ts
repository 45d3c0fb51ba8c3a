/** Idle and absolute expiry, for the three kinds of sessions; events; explanations. */
import assert from "node:assert/strict";
import type { Case } from "./case.ts";
import { DAY, HOUR, MINUTE } from "./world.ts";

export const lifetimes: readonly Case[] = [
  {
    name: "a signed-in session ends after 30 minutes without use, to the millisecond",
    async run({ browser, clock }) {
      const tab = browser();
      await tab.visit((session) => session.login("ada"), { method: "POST" });
      clock.advance(30 * MINUTE - 1);
      const copy = tab.copy();
      assert.equal((await tab.visit((session) => session.userId)).value, "ada");
      clock.advance(30 * MINUTE);
      assert.equal((await copy.visit((session) => session.userId)).value, null);
    },
  },
  {
    name: "a signed-in session ends 12 hours after the login, however much it is used",
    options: { rotation: false },
    async run({ browser, clock }) {
      const tab = browser();
      await tab.visit((session) => session.login("ada"), { method: "POST" });
      const start = clock.now();
      for (let time = 0; time < 36; time++) {
        clock.set(start + time * 20 * MINUTE);
        const act = time % 2 ? "POST" : "GET";
        assert.equal(
          (
            await tab.visit((session) => (act === "POST" ? session.set("n", time) : session.get("n")), {
              method: act,
            })
          ).status,
          200,
        );
      }
      clock.set(start + 12 * HOUR - 1);
      assert.equal((await tab.visit((session) => session.userId)).value, "ada");
      clock.set(start + 12 * HOUR);
      assert.equal((await tab.visit((session) => session.userId)).value, null);
    },
  },
  {
    name: "remember keeps a session 14 days without use and 90 at most, in a cookie that outlives the browser",
    options: { rotation: false },
    async run({ browser, clock }) {
      const tab = browser();
      const login = await tab.visit((session) => session.login("ada", { remember: true }), {
        method: "POST",
      });
      assert.match(login.setCookies.join("\n"), new RegExp(`Max-Age=${(90 * DAY) / 1000};?`));
      for (let week = 0; week < 12; week++) {
        clock.advance(7 * DAY);
        assert.equal((await tab.visit((session) => session.userId)).value, "ada");
      }
      clock.advance(6 * DAY);
      assert.equal((await tab.visit((session) => session.userId)).value, null);
    },
  },
  {
    name: "a plain sign-in's cookie ends with the browser, a visitor's lasts as long as the session",
    async run({ browser }) {
      const login = await browser().visit((session) => session.login("ada"), { method: "POST" });
      assert.doesNotMatch(login.setCookies[0] ?? "", /Max-Age/);
      const write = await browser().visit((session) => session.set("x", 1), { method: "POST" });
      assert.match(write.setCookies[0] ?? "", new RegExp(`Max-Age=${(30 * DAY) / 1000}`));
    },
  },
  {
    name: "a login may shorten its session, never lengthen it",
    async run({ browser, clock }) {
      const tab = browser();
      await tab.visit((session) => session.login("ada", { idleTimeout: "5m" }), { method: "POST" });
      clock.advance(5 * MINUTE);
      assert.equal((await tab.visit((session) => session.userId)).value, null);
      const longer = browser().visit((session) => session.login("ada", { idleTimeout: "31m" }), {
        method: "POST",
      });
      assert.equal((await longer).error?.code, "INVALID_ARGUMENT");
    },
  },
  {
    name: "each end is reported once, by its reason, with who it was and no secret",
    needs: ["noRevival", "revokeUser"],
    async run({ browser, clock, sessions }) {
      const told: string[] = [];
      sessions.on("created", (detail) => told.push(`created ${detail.userId ?? "visitor"}`));
      sessions.on("ended", (detail) => told.push(`${detail.reason} ${detail.userId ?? "visitor"}`));
      const [first, second, third] = [browser(), browser(), browser()];
      await first.visit((session) => session.set("x", 1), { method: "POST" });
      await first.visit((session) => session.login("ada"), { method: "POST" });
      await first.visit((session) => session.logout(), { method: "POST" });
      await second.visit((session) => session.login("bob"), { method: "POST" });
      await sessions.revokeAll("bob");
      await sessions.revokeAll("bob");
      clock.advance(1);
      await third.visit((session) => session.login("eve"), { method: "POST" });
      clock.advance(HOUR);
      await third.visit((session) => session.userId);
      await third.visit((session) => session.userId);
      await sessions.sweep();
      assert.deepEqual(told, [
        "created visitor",
        "replaced visitor",
        "created ada",
        "logged-out ada",
        "created bob",
        "revoked bob",
        "created eve",
        "idle eve",
      ]);
    },
  },
  {
    name: "a sweep ends all that expired, and nothing else",
    needs: ["sweep"],
    async run({ browser, clock, sessions }) {
      for (let count = 0; count < 200; count++)
        await browser().visit((session) => session.set("n", count), { method: "POST" });
      const tab = browser();
      clock.advance(6 * DAY);
      await tab.visit((session) => session.set("mine", 1), { method: "POST" });
      clock.advance(DAY);
      assert.equal((await sessions.sweep()).removed, 200);
      assert.equal((await sessions.sweep()).removed, 0);
      assert.equal((await tab.visit((session) => session.get("mine"))).value, 1);
    },
  },
  {
    name: "explain says why a request has no session",
    needs: ["noRevival"],
    async run({ browser, clock, sessions }) {
      const why = async (tab: ReturnType<typeof browser>): Promise<string | undefined> =>
        (await tab.visit(async (_, request) => (await sessions.explain(request)).code)).value;
      assert.equal(await why(browser()), "no-cookie");
      const tab = browser();
      await tab.visit((session) => session.login("ada"), { method: "POST" });
      assert.equal(await why(tab), "ok");
      const [name = ""] = tab.jar.keys();
      const bad = tab.copy();
      bad.jar.set(name, "x");
      assert.equal(await why(bad), "malformed");
      bad.jar.set(name, "A".repeat(64));
      assert.equal(await why(bad), "unknown");
      const copy = tab.copy();
      await tab.visit((session) => session.logout(), { method: "POST" });
      assert.equal(await why(copy), "logged-out");
      const idle = browser();
      await idle.visit((session) => session.login("ada"), { method: "POST" });
      clock.advance(31 * MINUTE);
      assert.equal(await why(idle), "idle");
      clock.advance(11 * MINUTE);
      assert.match((await why(idle)) ?? "", /^(idle|unknown)$/);
    },
  },
];
