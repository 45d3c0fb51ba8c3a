/** An outage is an error, never a logout (promise 3). */
import assert from "node:assert/strict";
import { TEST_ORIGIN } from "../browser.ts";
import type { Route } from "./app.ts";
import { type Answer, headerOf } from "./client.ts";
import { type Case, cookiesOf, dataOf, reportsOf, USER, whoIs } from "./site.ts";

function isUnavailable(answer: Answer): void {
  assert.deepEqual([answer.status, headerOf(answer, "retry-after"), cookiesOf(answer)], [503, "1", []]);
  assert.equal(headerOf(answer, "cache-control"), "no-store");
  assert.equal(JSON.parse(answer.body).error.code, "STORE_UNAVAILABLE");
}

export const outages: readonly Case[] = [
  {
    name: "while the store is down who needs a session is told 503, everybody else is served, and nobody is signed out",
    options: { storeTimeout: "50ms" },
    async run({ serve, faults }) {
      const site = await serve();
      const browser = await site.signedIn();
      await browser.post("/set", { item: "tea" });
      const token = browser.jar.get(USER);
      await reportsOf(async () => {
        const restore = faults.outage();
        isUnavailable(await browser.visit("/who"));
        isUnavailable(await browser.post("/set", { item: "milk" }));
        isUnavailable(await browser.post("/logout"));
        isUnavailable(await site.browser().post("/login", { user: "ada" }));
        assert.equal((await browser.visit("/hello")).status, 200);
        assert.equal((await site.browser().visit("/who")).body, "null");
        restore();
      });
      assert.deepEqual([browser.jar.get(USER), await whoIs(browser)], [token, "ada"]);
      assert.deepEqual(await dataOf(browser), { item: "tea" });
    },
  },
  {
    name: "a write that cannot be stored replaces the handler's answer, of which nothing goes out",
    options: { storeTimeout: "50ms" },
    async run({ serve, faults }) {
      const paying: Route = ({ session }) => {
        session.set("paid", true);
        return {
          status: 302,
          headers: [
            ["location", "/receipt"],
            ["set-cookie", "own=1"],
            ["etag", '"1"'],
            ["content-type", "text/css"],
            ["x-paid", "1"],
          ],
          body: "paid in full",
        };
      };
      const site = await serve({ routes: { "/pay": paying } });
      const browser = await site.signedIn();
      await reportsOf(async () => {
        for (let call = 0; call < 10; call++) faults.next("save", "lost");
        const answer = await browser.visit("/pay", {
          method: "POST",
          headers: [["sec-fetch-site", "same-origin"]],
        });
        isUnavailable(answer);
        for (const name of ["location", "etag", "x-paid"])
          assert.equal(headerOf(answer, name), undefined, name);
        assert.ok(!answer.body.includes("paid"), "the handler's body went out");
        faults.clear();
      });
      assert.deepEqual(await dataOf(browser), {});
    },
  },
  {
    name: "a store that hangs is a 503 within the deadline",
    options: { storeTimeout: "50ms" },
    async run({ serve, faults }) {
      const browser = await (await serve()).signedIn();
      await reportsOf(async () => {
        const hanging = faults.next("load", "hang");
        isUnavailable(await browser.visit("/who"));
        await hanging.release();
      });
      assert.equal(await whoIs(browser), "ada");
    },
  },
  {
    name: "an unsafe request whose check needs the session is never passed while the session cannot be loaded",
    options: { storeTimeout: "50ms" },
    async run({ serve, faults }) {
      let runs = 0;
      const counting: Route = () => {
        runs += 1;
        return { body: "ran" };
      };
      const site = await serve({ routes: { "/act": counting } });
      const browser = await site.signedIn();
      await reportsOf(async () => {
        faults.next("load", "lost");
        const headers = [
          ["origin", TEST_ORIGIN],
          ["x-csrf-token", "A".repeat(86)],
        ] as const;
        isUnavailable(await browser.visit("/act", { method: "POST", headers }));
      });
      assert.equal(runs, 0);
    },
  },
  {
    name: "a store that is down is left alone: 503 at once, with the time to come back, until it answers again",
    options: { storeTimeout: "50ms", breaker: { failures: 1, pause: "8s" } },
    async run({ serve, faults, time, sessions }) {
      const browser = await (await serve()).signedIn();
      const asked: string[] = [];
      await reportsOf(async () => {
        faults.next("load", "hang");
        assert.equal((await browser.visit("/who")).status, 503);
        const silence = sessions.on("storeCall", ({ operation }) => asked.push(operation));
        const refused = await browser.visit("/who");
        const seconds = Number(headerOf(refused, "retry-after"));
        assert.deepEqual([refused.status, cookiesOf(refused)], [503, []]);
        assert.ok(seconds >= 4 && seconds <= 8, `Retry-After: ${seconds}`);
        assert.equal((await browser.visit("/hello")).status, 200);
        silence();
      });
      assert.deepEqual(asked, []);
      time.pass(8000);
      assert.equal(await whoIs(browser), "ada");
    },
  },
];
