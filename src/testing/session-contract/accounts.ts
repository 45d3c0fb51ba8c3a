/** Several accounts in one browser: each a session of its own, and the list of them worth no more than their secrets. */
import assert from "node:assert/strict";
import type { Session } from "../../core/types.ts";
import type { Handler } from "../browser.ts";
import {
  accounts,
  act,
  idOf,
  KEPT,
  LIST,
  OPTIONS,
  SID,
  seen,
  switching,
  withAccounts,
} from "./account-acts.ts";
import type { Case } from "./case.ts";
import { MINUTE, type Values } from "./world.ts";

export const severalAccounts: readonly Case[] = [
  {
    name: "accounts: adding one keeps the others, each with its own data, and switching goes back and forth",
    needs: ["userIndex"],
    options: OPTIONS,
    async run(world) {
      const tab = await withAccounts(world, "ada", "bob", "cy");
      assert.equal(await seen(tab), "cy:cy");
      assert.deepEqual(await accounts(tab), ["ada", "bob", "(cy)"]);
      for (const user of ["ada", "cy", "bob", "ada"]) {
        assert.equal((await act(tab, switching(user))).value, true);
        assert.equal(await seen(tab), `${user}:${user}`);
      }
      assert.deepEqual(await accounts(tab), ["(ada)", "bob", "cy"]);
      for (const user of ["ada", "bob", "cy"]) assert.equal((await world.sessions.list(user)).length, 1);
    },
  },
  {
    name: "accounts: who never asks pays one read and gets no cookie; who asks pays one for each, and nothing else",
    options: OPTIONS,
    async run(world) {
      const tab = await withAccounts(world, "ada", "bob", "cy");
      world.counts.reset();
      const plain = await tab.visit((session) => session.get("name"));
      assert.deepEqual([plain.setCookies, world.counts.calls], [[], { load: 1 }]);
      const asked = await tab.visit(async (session) => session.accounts());
      assert.deepEqual([asked.setCookies, world.counts.calls], [[], { load: 4 }]);
      assert.deepEqual(
        asked.value?.map(({ label, id }) => [label, id.length]),
        [
          ["ada's", 22],
          ["bob's", 22],
          ["cy's", 22],
        ],
      );
      assert.deepEqual(await accounts(world.browser()), []);
      const single = await withAccounts(world, "dan");
      assert.deepEqual([[...single.jar.keys()], await accounts(single)], [[SID], ["(dan)"]]);
    },
  },
  {
    name: "accounts: logout ends the current one, logout(id) another, logoutAll all of this browser and no others",
    needs: ["noRevival", "userIndex"],
    options: OPTIONS,
    async run(world) {
      const elsewhere = await withAccounts(world, "ada");
      const tab = await withAccounts(world, "ada", "bob", "cy", "dan");
      await act(tab, (session) => session.logout());
      assert.deepEqual([await seen(tab), await accounts(tab)], ["null:undefined", ["ada", "bob", "cy"]]);
      await act(tab, switching("bob"));
      await act(tab, async (session) => session.logout(await idOf(session, "cy")));
      assert.deepEqual([await seen(tab), await accounts(tab)], ["bob:bob", ["ada", "(bob)"]]);
      assert.deepEqual([await world.sessions.list("cy"), await world.sessions.list("dan")], [[], []]);
      const thief = tab.copy();
      await act(tab, (session) => session.logoutAll());
      assert.deepEqual([[...tab.jar.keys()], await accounts(tab)], [[], []]);
      assert.deepEqual([await accounts(thief), await world.sessions.list("bob")], [[], []]);
      assert.equal((await world.sessions.list("ada")).length, 1);
      assert.equal(await seen(elsewhere), "ada:ada");
    },
  },
  {
    name: "accounts: one request may sign out of one account and go on with another",
    options: OPTIONS,
    async run(world) {
      const tab = await withAccounts(world, "ada", "bob");
      const out = await act(tab, async (session) => {
        await session.logout();
        const [next] = await session.accounts();
        return next ? session.switchTo(next.id) : false;
      });
      assert.deepEqual([out.status, out.value], [200, true]);
      assert.deepEqual([await seen(tab), await accounts(tab)], ["ada:ada", ["(ada)"]]);
    },
  },
  {
    name: "accounts: what was written before a switch is the old account's, what comes after it the new one's",
    options: OPTIONS,
    async run(world) {
      const tab = await withAccounts(world, "ada", "bob");
      await act(tab, async (session) => {
        session.set("draft", "of bob");
        session.flash("notice", "for bob");
        await session.switchTo(await idOf(session, "ada"));
        session.set("draft", "of ada");
      });
      const drafts = () => tab.visit((session) => [session.get("draft"), session.flashes().length]);
      assert.deepEqual((await drafts()).value, ["of ada", 0]);
      await act(tab, async (session) => {
        session.set("seen", true);
        await session.login("cy", { add: true, keep: ["draft"] });
      });
      assert.deepEqual((await tab.visit((session) => [session.get("draft"), session.has("seen")])).value, [
        "of ada",
        false,
      ]);
      await act(tab, switching("bob"));
      assert.deepEqual((await drafts()).value, ["of bob", 1]);
      await act(tab, switching("ada"));
      assert.equal((await tab.visit((session) => session.get("seen"))).value, true);
    },
  },
  {
    name: "accounts: a visitor's cart goes over to an account that is added, and one account's keys to no other",
    options: { ...OPTIONS, keepOnLogin: ["cart"] },
    async run(world) {
      const tab = world.browser();
      await tab.visit((session) => session.set("cart", ["tea"]), { method: "POST" });
      await act(tab, (session) => session.login("ada", { add: true }));
      assert.deepEqual((await tab.visit((session) => session.get("cart"))).value, ["tea"]);
      await act(tab, (session) => session.login("bob", { add: true }));
      assert.equal((await tab.visit((session) => session.has("cart"))).value, false);
      assert.deepEqual([...tab.jar.keys()].sort(), [SID, LIST]);
    },
  },
  {
    name: "accounts: signing in as somebody who waits in the list takes that account up again, data and all",
    needs: ["noRevival", "revokeUser", "userIndex"],
    options: { ...OPTIONS, keepOnLogin: ["cart"] },
    async run(world) {
      for (const add of [true, false]) {
        const tab = await withAccounts(world, "ada", "bob");
        const old = tab.copy();
        world.clock.advance(1000);
        await act(tab, (session) => session.login("ada", { add }));
        assert.equal(await seen(tab), "ada:ada");
        assert.deepEqual(await accounts(tab), add ? ["bob", "(ada)"] : ["(ada)"]);
        assert.equal((await world.sessions.list("ada")).length, 1);
        assert.equal((await world.sessions.list("bob")).length, add ? 1 : 0);
        assert.deepEqual(await accounts(old), add ? ["(bob)"] : []);
        await world.sessions.revokeAll("bob");
        await act(tab, (session) => session.logout());
      }
      const tab = await withAccounts(world, "ada", "bob");
      await act(tab, (session) => session.logout());
      await tab.visit((session) => session.set("cart", ["tea"]), { method: "POST" });
      await act(tab, (session) => session.login("ada"));
      assert.deepEqual((await tab.visit((session) => [session.get("name"), session.get("cart")])).value, [
        "ada",
        ["tea"],
      ]);
      assert.deepEqual([await accounts(tab), (await world.sessions.list("ada")).length], [["(ada)"], 1]);
    },
  },
  {
    name: "accounts: a plain login takes the current one's place and leaves the others",
    needs: ["noRevival", "userIndex"],
    options: OPTIONS,
    async run(world) {
      const tab = await withAccounts(world, "ada", "bob");
      await act(tab, (session) => session.login("cy"));
      assert.deepEqual([await accounts(tab), await world.sessions.list("bob")], [["ada", "(cy)"], []]);
    },
  },
  {
    name: "accounts: at most so many; those that ended do not count, and sessionsPerUser counts as ever",
    needs: ["userIndex"],
    options: { ...OPTIONS, accounts: { max: 2 }, sessionsPerUser: { max: 1, over: "evict-oldest" } },
    async run(world) {
      const tab = await withAccounts(world, "ada", "bob");
      const full = await act(tab, (session) => session.login("cy", { add: true }));
      assert.deepEqual([full.status, full.error?.code, full.setCookies], [403, "ACCOUNT_LIMIT", []]);
      assert.deepEqual(await world.sessions.list("cy"), []);
      await withAccounts(world, "ada"); // from elsewhere: the one in this browser makes way
      assert.deepEqual(await accounts(tab), ["(bob)"]);
      assert.equal((await act(tab, (session) => session.login("cy", { add: true }))).status, 200);
      assert.deepEqual(await accounts(tab), ["bob", "(cy)"]);
      await act(tab, (session) => session.logout());
      await act(tab, (session) => session.login("dan"));
      assert.equal((await act(tab, (session) => session.login("eve", { add: true }))).status, 403);
    },
  },
  {
    name: "accounts: each has its own expiry and its own revocation, and only remembered ones outlive the browser",
    needs: ["revokeUser"],
    options: { ...OPTIONS, remember: { idleTimeout: "14d", absoluteTimeout: "90d" } },
    async run(world) {
      const tab = await withAccounts(world, "ada", "bob");
      world.clock.advance(1000);
      const added = await act(tab, (session) => session.login("cy", { add: true, remember: true }));
      const lines = added.setCookies.map((line) => `${line.split("=")[0]} ${/Max-Age=\d+/.exec(line)?.[0]}`);
      const lasting = `Max-Age=${90 * 24 * 60 * 60}`;
      assert.deepEqual(lines.sort(), [`${SID} ${lasting}`, `${LIST} undefined`, `${KEPT} ${lasting}`].sort());
      world.clock.advance(20 * MINUTE);
      await act(tab, switching("bob"));
      world.clock.advance(15 * MINUTE);
      assert.deepEqual(await accounts(tab), ["(bob)", "cy"]);
      await world.sessions.revokeAll("bob");
      assert.deepEqual([await seen(tab), await accounts(tab)], ["null:undefined", ["cy"]]);
      tab.jar.delete(LIST);
      tab.jar.delete(SID); // the browser was closed
      world.clock.advance(24 * 60 * MINUTE);
      assert.equal((await act(tab, switching("cy"))).value, true);
      assert.equal((await tab.visit((session) => session.userId)).value, "cy");
    },
  },
  {
    name: "accounts: without the option nothing of it works, and a list that comes along is not looked at",
    async run(world) {
      const tab = world.browser();
      const misuses: readonly Handler<unknown>[] = [
        (session: Session<Values>) => session.login("ada", { add: true }),
        (session: Session<Values>) => session.accounts(),
        (session: Session<Values>) => session.switchTo("x"),
        (session: Session<Values>) => session.logoutAll(),
        (session: Session<Values>) => session.logout("x"),
      ];
      for (const misuse of misuses) {
        assert.equal((await tab.visit(misuse, { method: "POST" })).error?.code, "INVALID_ARGUMENT");
      }
      tab.jar.set(LIST, "A".repeat(64));
      assert.equal((await tab.visit((session) => session.set("x", 1), { method: "POST" })).status, 200);
    },
  },
];
