/** Promise 7 and the rules of login: who is in, with what data, and how many of them. */
import assert from "node:assert/strict";
import { gate } from "../browser.ts";
import type { Case } from "./case.ts";
import { MINUTE, type Values } from "./world.ts";

const POST = { method: "POST" } as const;

export const logins: readonly Case[] = [
  {
    name: "a login gives a new id and secret, and the visitor's cookie opens nothing any more",
    needs: ["noRevival"],
    options: { keepOnLogin: ["cart"] },
    async run({ browser }) {
      const tab = browser();
      const before = await tab.visit(
        (session) => {
          session.set("cart", ["tea"]);
          session.set("role", "admin");
          return session.id;
        },
        { method: "POST" },
      );
      const planted = tab.copy();
      await tab.visit((session) => session.login("ada"), { method: "POST" });
      const after = await tab.visit((session) => [session.userId, session.get("cart"), session.get("role")]);
      assert.deepEqual(after.value, ["ada", ["tea"], undefined]);
      assert.notEqual((await tab.visit((session) => session.id)).value, before.value);
      assert.equal(tab.jar.size, 1);
      assert.deepEqual((await planted.visit((session) => [session.userId, session.keys()])).value, [
        null,
        [],
      ]);
    },
  },
  {
    name: "signing the same user in again keeps the data; another user gets only what is named",
    async run({ browser }) {
      const tab = browser();
      await tab.visit((session) => session.login("ada"), { method: "POST" });
      await tab.visit((session) => session.set("draft", "text"), { method: "POST" });
      await tab.visit((session) => session.login("ada"), { method: "POST" });
      assert.equal((await tab.visit((session) => session.get("draft"))).value, "text");
      await tab.visit((session) => session.login("bob"), { method: "POST" });
      assert.deepEqual((await tab.visit((session) => [session.userId, session.get("draft")])).value, [
        "bob",
        undefined,
      ]);
    },
  },
  {
    name: "what a login is given is stored with it, over all that goes over from another session",
    options: { keepOnLogin: ["cart", "theme"] },
    async run({ browser, counts }) {
      const tab = browser();
      const seen = async () => (await tab.visit((session) => Object.fromEntries(session.entries()))).value;
      const login = (data: Values) => tab.visit((session) => session.login("ada", { data }), POST);
      await tab.visit((session) => session.set("cart", ["tea"]), POST);
      await tab.visit((session) => session.set("theme", "visitor's"), POST);
      counts.reset();
      const { status } = await login({ theme: "dark", since: new Date(0) });
      assert.equal(status, 200);
      assert.equal(counts.calls.save, undefined);
      assert.deepEqual(await seen(), { cart: ["tea"], theme: "dark", since: new Date(0) });
      await login({ size: 2, theme: undefined });
      assert.deepEqual(await seen(), { cart: ["tea"], theme: "dark", size: 2, since: new Date(0) });
    },
  },
  {
    name: "a login whose data cannot be stored is refused, with nothing changed",
    async run({ browser, sessions, store }) {
      const tab = browser();
      await tab.visit((session) => session.set("cart", ["tea"]), POST);
      for (const [data, code] of [
        [{ open: () => {} }, "UNSUPPORTED_VALUE"],
        [JSON.parse('{ "__proto__": 1 }'), "UNSUPPORTED_VALUE"],
        [["dark"], "INVALID_ARGUMENT"],
        [{ long: "x".repeat(70_000) }, "DATA_TOO_LARGE"],
      ] as const) {
        const { error } = await tab.visit((session) => session.login("ada", { data: data as Values }), POST);
        assert.equal(error?.code, code);
      }
      const after = await tab.visit((session) => [session.userId, session.get("cart")]);
      assert.deepEqual(after.value, [null, ["tea"]]);
      if (store.guarantees.userIndex) assert.deepEqual(await sessions.list("ada"), []);
    },
  },
  {
    name: "what a parallel request writes while a login runs does not undo what the login was given",
    needs: ["cas", "noRevival"],
    options: { keepOnLogin: ["cart", "theme"] },
    async run({ browser, faults }) {
      const tab = browser();
      await tab.visit((session) => session.set("theme", "light"), POST);
      const other = tab.copy();
      const creating = faults.park("create", "after");
      const login = tab.visit((session) => session.login("ada", { data: { theme: "dark" } }), POST);
      await creating.reached;
      await other.visit((session) => {
        session.set("cart", ["tea"]);
        session.set("theme", "blue");
      }, POST);
      await creating.release();
      assert.equal((await login).status, 200);
      const after = await tab.visit((session) => [session.get("cart"), session.get("theme")]);
      assert.deepEqual(after.value, [["tea"], "dark"]);
    },
  },
  {
    name: "a parallel write that does not fit beside what the login was given refuses the login, and leaves no session behind",
    needs: ["cas", "noRevival", "userIndex"],
    options: { keepOnLogin: ["cart"] },
    async run({ browser, faults, sessions }) {
      const tab = browser();
      await tab.visit((session) => session.set("cart", "tea"), POST);
      const other = tab.copy();
      const creating = faults.park("create", "after");
      const half = "x".repeat(40_000);
      const login = tab.visit((session) => session.login("ada", { data: { notes: half } }), POST);
      await creating.reached;
      await other.visit((session) => session.set("cart", half), POST);
      await creating.release();
      assert.equal((await login).error?.code, "DATA_TOO_LARGE");
      assert.deepEqual(await sessions.list("ada"), []);
      const { value } = await tab.visit((session) => [session.userId, session.get("cart")]);
      assert.deepEqual(value, [null, half]);
    },
  },
  {
    name: "what a parallel request put in the cart while the login ran is kept",
    needs: ["cas", "noRevival"],
    options: { keepOnLogin: ["cart"] },
    async run({ browser, faults }) {
      const tab = browser();
      await tab.visit((session) => session.set("cart", ["tea"]), { method: "POST" });
      const other = tab.copy();
      const creating = faults.park("create", "after");
      const login = tab.visit((session) => session.login("ada"), { method: "POST" });
      await creating.reached;
      const add = (cart: unknown): unknown => [...(Array.isArray(cart) ? cart : []), "cake"];
      assert.equal(
        (await other.visit((session) => session.update("cart", add), { method: "POST" })).status,
        200,
      );
      await creating.release();
      assert.equal((await login).status, 200);
      assert.deepEqual((await tab.visit((session) => session.get("cart"))).value, ["tea", "cake"]);
    },
  },
  {
    name: "a login whose password was checked before revoke-all does not outlive it",
    needs: ["revokeUser", "userIndex"],
    async run({ browser, sessions, clock }) {
      const parked = gate();
      const loaded = gate();
      const tab = browser();
      const login = tab.visit(
        async (session) => {
          loaded.open();
          await parked.passed;
          await session.login("ada");
        },
        { method: "POST" },
      );
      await loaded.passed;
      clock.advance(1);
      await sessions.revokeAll("ada");
      parked.open();
      const { status, error } = await login;
      assert.equal(status, 401);
      assert.equal(error && "reason" in error ? error.reason : null, "revoked");
      assert.deepEqual(await sessions.list("ada"), []);
    },
  },
  {
    name: "with a ticket that holds whatever the clocks say, and a ticket taken afterwards is good",
    needs: ["revokeUser"],
    async run({ browser, sessions }) {
      const ticket = await sessions.beginLogin("ada");
      await sessions.revokeAll("ada");
      const early = await browser().visit((session) => session.login("ada", { ticket }), { method: "POST" });
      assert.equal(early.status, 401);
      const fresh = await sessions.beginLogin("ada");
      const late = await browser().visit((session) => session.login("ada", { ticket: fresh }), {
        method: "POST",
      });
      assert.equal(late.status, 200);
    },
  },
  {
    name: "a password reset signs everybody else out and keeps the one who did it",
    needs: ["revokeUser"],
    async run({ browser, sessions, clock }) {
      const [thief, owner] = [browser(), browser()];
      await thief.visit((session) => session.login("ada"), { method: "POST" });
      clock.advance(1);
      await owner.visit(
        async (session) => {
          await session.login("ada");
          await sessions.revokeAll("ada", { except: session.id });
        },
        { method: "POST" },
      );
      assert.equal((await thief.visit((session) => session.userId)).value, null);
      assert.equal((await owner.visit((session) => session.userId)).value, "ada");
    },
  },
  {
    name: "50 logins at once leave exactly as many sessions as sessionsPerUser allows",
    needs: ["userIndex"],
    options: { sessionsPerUser: { max: 3, over: "evict-oldest" } },
    async run({ browser, sessions, another }) {
      const managers = [sessions, another(), another(), another()];
      const logins = Array.from({ length: 50 }, (_, index) =>
        browser()
          .copy(managers[index % 4])
          .visit((session) => session.login("ada"), { method: "POST" }),
      );
      for (const login of await Promise.all(logins)) assert.equal(login.status, 200);
      assert.equal((await sessions.list("ada")).length, 3);
    },
  },
  {
    name: "with the policy refuse, 50 logins at once let exactly that many in, and a lost answer blocks for 5 minutes only",
    needs: ["userIndex"],
    options: { sessionsPerUser: { max: 2, over: "refuse" } },
    async run({ browser, sessions, clock }) {
      const logins = Array.from({ length: 50 }, () =>
        browser().visit((session) => session.login("ada"), { method: "POST", lose: true }),
      );
      const statuses = (await Promise.all(logins)).map((login) => login.status);
      assert.equal(statuses.filter((status) => status === 200).length, 2);
      assert.equal(statuses.filter((status) => status === 403).length, 48);
      clock.advance(5 * MINUTE);
      assert.equal(
        (await browser().visit((session) => session.login("ada"), { method: "POST" })).status,
        200,
      );
      assert.equal((await sessions.list("ada")).length, 1);
    },
  },
  {
    name: "your devices: newest first, the current one marked, paged, and only the owner's can be revoked",
    needs: ["noRevival", "revokeUser", "userIndex"],
    async run({ browser, sessions, clock }) {
      const ids: string[] = [];
      const tab = browser();
      for (let device = 0; device < 5; device++) {
        clock.advance(1000);
        const each = device === 4 ? tab : browser();
        await each.visit((session) => session.login("ada", { label: `device ${device}` }), {
          method: "POST",
        });
        ids.unshift((await each.visit((session) => session.id)).value ?? "");
      }
      const all = await sessions.list("ada", { current: ids[0] ?? "" });
      assert.deepEqual(
        all.map((info) => [info.id, info.current, info.label]),
        ids.map((id, index) => [id, index === 0, `device ${4 - index}`]),
      );
      const first = await sessions.list("ada", { limit: 2 });
      const next = await sessions.list("ada", { limit: 2, after: first[1]?.id ?? "" });
      assert.deepEqual(
        [...first, ...next].map((info) => info.id),
        ids.slice(0, 4),
      );
      assert.equal(await sessions.revoke("bob", ids[0] ?? ""), false);
      assert.equal((await tab.visit((session) => session.userId)).value, "ada");
      assert.equal(await sessions.revoke("ada", ids[0] ?? ""), true);
      assert.equal(await sessions.revoke("ada", ids[0] ?? ""), false);
      assert.equal((await tab.visit((session) => session.userId)).value, null);
      assert.equal(await sessions.revokeAll("ada", { except: ids[3] ?? "" }), 3);
      assert.deepEqual(
        (await sessions.list("ada")).map((info) => info.id),
        [ids[3]],
      );
    },
  },
  {
    name: "requireFresh passes for 5 minutes after a login, however much the session is used, and again after the next one",
    needs: ["noRevival"],
    async run({ browser, clock }) {
      const tab = browser();
      const guarded = () => tab.visit((session) => session.requireFresh());
      assert.deepEqual([(await guarded()).status, (await guarded()).error?.code], [401, "NOT_SIGNED_IN"]);
      await tab.visit((session) => session.login("ada"), { method: "POST" });
      const old = tab.copy();
      clock.advance(5 * MINUTE);
      assert.equal((await guarded()).status, 200);
      clock.advance(1);
      await tab.visit((session) => session.set("used", true), { method: "POST" });
      assert.deepEqual([(await guarded()).status, (await guarded()).error?.code], [401, "STALE_LOGIN"]);
      assert.equal((await tab.visit((session) => session.requireFresh("6m"))).status, 200);
      await tab.visit((session) => session.login("ada"), { method: "POST" });
      assert.equal((await guarded()).status, 200);
      assert.equal((await old.visit((session) => session.userId)).value, null);
    },
  },
];
