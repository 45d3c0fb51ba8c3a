/** Several accounts beside what else a session can be part of: second factors, acting, theft, other transports. */
import assert from "node:assert/strict";
import { header } from "../../transports/header.ts";
import type { Handler } from "../browser.ts";
import { accounts, act, idOf, LIST, OPTIONS, SID, seen, switching, withAccounts } from "./account-acts.ts";
import type { Case } from "./case.ts";
import { MINUTE } from "./world.ts";

export const accountCompany: readonly Case[] = [
  {
    name: "accounts: a login that waited for its second factor is added, as it began",
    options: OPTIONS,
    async run(world) {
      const tab = await withAccounts(world, "ada");
      await act(tab, (session) => session.beginSecondFactor("bob", { add: true, label: "work" }));
      assert.deepEqual(await accounts(tab), ["(ada)"]);
      world.clock.advance(1000);
      await act(tab, (session) => session.login("bob", { level: 2 }));
      assert.deepEqual(await accounts(tab), ["ada", "(bob)"]);
      assert.equal((await act(tab, switching("ada"))).value, true);
      assert.equal((await tab.visit((session) => session.level)).value, 1);
    },
  },
  {
    name: "accounts: who acts for somebody is still the own account, and switches only afterwards",
    needs: ["noRevival", "userIndex"],
    options: OPTIONS,
    async run(world) {
      const tab = await withAccounts(world, "ada", "bob");
      await act(tab, (session) => session.actAs("cy"));
      assert.deepEqual([await seen(tab), await accounts(tab)], ["cy:undefined", ["ada", "(bob)"]]);
      const [id = ""] = (await world.sessions.list("ada")).map((info) => info.id);
      const changes: readonly Handler<unknown>[] = [
        (session) => session.switchTo(id),
        (session) => session.login("dan", { add: true }),
      ];
      for (const change of changes) {
        const refused = await act(tab, change);
        assert.deepEqual([refused.error?.code, refused.setCookies], ["ACTING", []]);
      }
      await act(tab, (session) => session.stopActing());
      assert.equal((await act(tab, switching("ada"))).value, true);
      await act(tab, (session) => session.actAs("cy"));
      const own = tab.copy();
      await act(tab, (session) => session.logout());
      assert.deepEqual([[...tab.jar.keys()], await accounts(tab)], [[LIST], ["bob"]]);
      assert.deepEqual([await seen(own), await accounts(own)], ["null:undefined", ["bob"]]);
    },
  },
  {
    name: "accounts: what is left of acting for somebody goes with a switch",
    needs: ["userIndex"],
    options: OPTIONS,
    async run(world) {
      const tab = await withAccounts(world, "ada", "bob");
      await act(tab, (session) => session.actAs("cy", { for: "1m" }));
      world.clock.advance(2 * MINUTE);
      const [id = ""] = (await world.sessions.list("ada")).map((info) => info.id);
      const switched = await tab.visit((session) => session.switchTo(id)); // a GET: nothing was meant for cy
      assert.deepEqual([switched.value, tab.jar.has(`${SID}-acting`)], [true, false]);
      assert.equal((await act(tab, (session) => session.set("name", "late"))).status, 200);
      assert.equal(await seen(tab), "ada:late");
    },
  },
  {
    name: "accounts: a thief who uses one that waits rotates it away, and its owner's switch says so",
    needs: ["userIndex"],
    options: { ...OPTIONS, idleTimeout: "4h" },
    async run(world) {
      const thefts: string[] = [];
      world.sessions.on("theft", ({ userId }) => thefts.push(userId ?? ""));
      const tab = await withAccounts(world, "ada", "bob");
      const thief = tab.copy();
      await act(thief, switching("ada"));
      world.clock.advance(20 * MINUTE);
      for (let use = 0; use < 2; use++) assert.equal(await seen(thief), "ada:ada");
      world.clock.advance(5 * MINUTE);
      const [id = ""] = (await world.sessions.list("ada")).map((info) => info.id);
      assert.deepEqual(await accounts(tab), ["(bob)"]);
      assert.equal((await act(tab, (session) => session.switchTo(id))).value, false);
      assert.deepEqual([new Set(thefts), await seen(tab)], [new Set(["ada"]), "bob:bob"]);
    },
  },
  {
    name: "accounts: one that the application takes for stolen is not switched to",
    needs: ["noRevival", "userIndex"],
    options: {
      ...OPTIONS,
      addresses: true,
      onSignal: (_, session) => (session.userId === "ada" ? "end" : "ignore"),
    },
    async run(world) {
      const tab = await withAccounts(world, "ada", "bob");
      const form = await act(tab, async (session) => [await idOf(session, "ada"), session.csrfToken()]);
      const [id = "", token = ""] = form.value ?? [];
      const moved = await tab.visit((session) => session.switchTo(id), {
        method: "POST",
        headers: { "x-csrf-token": token },
        peer: "203.0.113.9",
      });
      assert.deepEqual([moved.value, await seen(tab)], [false, "bob:bob"]);
      assert.deepEqual(await world.sessions.list("ada"), []);
    },
  },
  {
    name: "accounts: a client that keeps its token itself has one, and a copied list is no token of its",
    options: { ...OPTIONS, transports: ["cookie", header()] },
    async run(world) {
      const tab = await withAccounts(world, "ada", "bob");
      const phone = world.client();
      await phone.visit((session) => session.login("cy"), { method: "POST" });
      for (const misuse of [
        (session) => session.accounts(),
        (session) => session.login("dan", { add: true }),
      ] as readonly Handler<unknown>[]) {
        assert.equal((await phone.visit(misuse, { method: "POST" })).error?.code, "INVALID_ARGUMENT");
      }
      const [token = ""] = phone.tokens.values();
      tab.jar.set(LIST, `${tab.jar.get(LIST)}.${token}`);
      assert.deepEqual(await accounts(tab), ["ada", "(bob)"]);
      assert.equal(tab.jar.has(SID), true);
    },
  },
];
