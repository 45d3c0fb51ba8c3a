/** What a handler writes before, while and after its own save, login or renewal is stored once, or told as not stored. */
import assert from "node:assert/strict";
import type { TestBrowser } from "../browser.ts";
import { gate } from "../browser.ts";
import type { Case } from "./case.ts";

const POST = { method: "POST" } as const;
const plusOne = (value: unknown): unknown => Number(value ?? 0) + 1;

async function signedIn(browser: () => TestBrowser): Promise<TestBrowser> {
  const tab = browser();
  await tab.visit((session) => session.login("ada"), POST);
  return tab;
}

export const around: readonly Case[] = [
  {
    name: "what another request stored between a read and a renewal is still there after a write",
    needs: ["cas"],
    async run({ browser }) {
      const tab = await signedIn(browser);
      const [loaded, parked] = [gate(), gate()];
      const slow = tab.visit(async (session) => {
        session.get("count");
        loaded.open();
        await parked.passed;
        await session.renew();
        session.update("count", plusOne);
      }, POST);
      await loaded.passed;
      const theirs = await tab.copy().visit((session) => {
        session.update("count", plusOne);
        session.set("theirs", true);
      }, POST);
      parked.open();
      assert.deepEqual([theirs.status, (await slow).status], [200, 200]);
      assert.deepEqual((await tab.visit((session) => [session.get("count"), session.get("theirs")])).value, [
        2,
        true,
      ]);
    },
  },
  {
    name: "what is written while save() is under way is stored with the answer, and what was saved is not stored twice",
    async run({ browser }) {
      const tab = await signedIn(browser);
      const visited = await tab.visit(async (session) => {
        session.update("count", plusOne);
        const saving = session.save();
        session.set("meanwhile", true);
        session.update("count", plusOne);
        await saving;
        assert.deepEqual([session.get("meanwhile"), session.get("count")], [true, 2]);
      }, POST);
      assert.equal(visited.status, 200);
      assert.deepEqual(
        (await tab.visit((session) => [session.get("meanwhile"), session.get("count")])).value,
        [true, 2],
      );
    },
  },
  {
    name: "what is written while a visitor's first save is under way is stored too",
    async run({ browser }) {
      const tab = browser();
      await tab.visit(async (session) => {
        session.set("first", 1);
        const saving = session.save();
        session.set("second", 2);
        await saving;
      }, POST);
      assert.deepEqual((await tab.visit((session) => session.keys())).value?.toSorted(), ["first", "second"]);
    },
  },
  {
    name: "what is written while a login is under way goes into the new session",
    async run({ browser }) {
      const tab = browser();
      await tab.visit(async (session) => {
        const signingIn = session.login("ada");
        session.set("meanwhile", true);
        await signingIn;
      }, POST);
      assert.deepEqual((await tab.visit((session) => [session.userId, session.get("meanwhile")])).value, [
        "ada",
        true,
      ]);
    },
  },
  {
    name: "what is written while a logout is under way is the fresh visitor's; what was written before goes with the session",
    async run({ browser }) {
      const tab = await signedIn(browser);
      await tab.visit(async (session) => {
        session.set("secret", "ada's");
        const signingOut = session.logout();
        session.flash("notice", "goodbye");
        await signingOut;
      }, POST);
      const { value } = await tab.visit((session) => [
        session.userId,
        session.keys(),
        session.flashes().length,
      ]);
      assert.deepEqual(value, [null, [], 1]);
    },
  },
  {
    name: "a logout that fails leaves what was written to be stored with the answer",
    options: { storeTimeout: "50ms" },
    async run({ browser, faults }) {
      const tab = await signedIn(browser);
      const lost = Array.from({ length: 40 }, () => faults.next("delete", "lost"));
      const visited = await tab.visit(async (session) => {
        session.set("kept", true);
        await assert.rejects(session.logout(), { code: "STORE_UNAVAILABLE" });
      }, POST);
      faults.clear();
      assert.equal(lost.length, 40);
      assert.equal(visited.status, 200);
      assert.deepEqual((await tab.visit((session) => [session.userId, session.get("kept")])).value, [
        "ada",
        true,
      ]);
    },
  },
  {
    name: "a save whose outcome nobody knows makes the request fail, even if the handler goes on: it never counts twice",
    options: { storeTimeout: "50ms" },
    async run({ browser, faults }) {
      const tab = await signedIn(browser);
      const first = faults.next("save", "ambiguous");
      const later = Array.from({ length: 20 }, () => faults.next("save", "lost"));
      const visited = await tab.visit(async (session) => {
        session.update("count", plusOne);
        await assert.rejects(session.save(), { code: "STORE_UNAVAILABLE" });
        faults.clear();
        await assert.rejects(session.save(), { code: "STORE_UNAVAILABLE" });
      }, POST);
      await Promise.all([first, ...later].map((fault) => fault.release()));
      assert.equal(visited.status, 503);
      assert.equal((await tab.visit((session) => session.get("count"))).value, 1);
    },
  },
  {
    name: "a value that the request set itself can be consumed once, with and without a stored session",
    async run({ browser }) {
      for (const tab of [browser(), await signedIn(browser)]) {
        const visited = await tab.visit(async (session) => {
          session.set("state", "once");
          return [await session.consume("state"), await session.consume("state"), session.has("state")];
        }, POST);
        assert.deepEqual([visited.status, visited.value], [200, ["once", undefined, false]]);
        assert.equal((await tab.visit((session) => session.has("state"))).value, false);
      }
    },
  },
  {
    name: "nothing is consumed from a session that ended while the request ran",
    needs: ["noRevival", "revokeUser"],
    async run({ browser, sessions }) {
      const tab = await signedIn(browser);
      await tab.visit((session) => {
        session.set("one", 1);
        session.set("two", 2);
      }, POST);
      const visited = await tab.visit(async (session) => {
        await sessions.revokeAll("ada");
        await assert.rejects(session.consume("one"), { code: "SESSION_ENDED" });
        await assert.rejects(session.consume("two"), { code: "SESSION_ENDED" });
      }, POST);
      assert.equal(visited.status, 401);
    },
  },
  {
    name: "a value set, taken and set again survives a conflict with another request",
    needs: ["cas"],
    async run({ browser }) {
      const tab = await signedIn(browser);
      const [loaded, parked] = [gate(), gate()];
      const slow = tab.visit(async (session) => {
        loaded.open();
        await parked.passed;
        session.set("state", "first");
        session.take("state");
        session.set("state", "second");
      }, POST);
      await loaded.passed;
      await tab.copy().visit((session) => session.set("theirs", 1), POST);
      parked.open();
      assert.equal((await slow).status, 200);
      assert.deepEqual((await tab.visit((session) => [session.get("state"), session.get("theirs")])).value, [
        "second",
        1,
      ]);
    },
  },
  {
    name: "a late write with the visitor's cookie of before the login is told 409, not kept where nobody will see it",
    needs: ["noRevival"],
    async run({ browser }) {
      const tab = browser();
      await tab.visit((session) => session.set("cart", 1), POST);
      const late = tab.copy();
      await tab.visit((session) => session.login("ada"), POST);
      const written = await late.visit((session) => session.set("cart", 2), POST);
      assert.deepEqual([written.status, written.setCookies], [409, []]);
      assert.equal((await late.visit((session) => session.login("ada"), POST)).status, 200);
    },
  },
  {
    name: "messages for one user are not shown to the next one who signs in on the same browser",
    async run({ browser }) {
      const tab = await signedIn(browser);
      await tab.visit((session) => session.flash("notice", "for ada"), POST);
      await tab.visit((session) => session.login("bob"), POST);
      assert.deepEqual((await tab.visit((session) => session.flashes())).value, []);
    },
  },
  {
    name: "signing the same user in again keeps the session remembered, and forgets it only when told so",
    async run({ browser }) {
      const tab = browser();
      await tab.visit((session) => session.login("ada", { remember: true }), POST);
      const again = await tab.visit((session) => session.login("ada"), POST);
      assert.match(again.setCookies.join(), /Max-Age=[1-9]/);
      const plain = await tab.visit((session) => session.login("ada", { remember: false }), POST);
      assert.doesNotMatch(plain.setCookies.join(), /Max-Age=[1-9]/);
    },
  },
  {
    name: "a preflight request cannot write",
    async run({ browser, counts }) {
      const tab = browser();
      const visited = await tab.visit((session) => session.set("x", 1), { method: "OPTIONS" });
      assert.deepEqual([visited.status, visited.setCookies, counts.calls], [500, [], {}]);
    },
  },
  {
    name: "a token that was refused stays refused, however the session is asked for afterwards",
    options: { csrf: { token: "always" } },
    async run({ browser, sessions }) {
      const tab = await tabWithToken(browser);
      const asked = await tab.visit(
        async (_, request) => {
          await assert.rejects(sessions.open(request), { code: "CSRF_DENIED" });
          assert.equal((await sessions.peek(request))?.userId, "ada");
          sessions.of(request).set("forged", true);
        },
        { ...POST, lazy: true },
      );
      const peeked = await tab.visit(
        async (_, request) => {
          await sessions.peek(request);
          sessions.of(request).set("forged", true);
        },
        { ...POST, lazy: true },
      );
      assert.deepEqual([asked.error?.code, peeked.error?.code], ["CSRF_DENIED", "NO_SESSION"]);
      assert.equal((await tab.visit((session) => session.has("forged"))).value, false);
    },
  },
];

async function tabWithToken(browser: () => TestBrowser): Promise<TestBrowser> {
  const tab = browser();
  const token = (await tab.visit((session) => session.csrfToken())).value ?? "";
  await tab.visit((session) => session.login("ada"), { ...POST, headers: { "x-csrf-token": token } });
  return tab;
}
