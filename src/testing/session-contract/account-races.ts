/** Several accounts in one browser against tabs, lost and late answers, rotation, outages and forged lists. */
import assert from "node:assert/strict";
import type { Handler } from "../browser.ts";
import type { FaultKind } from "../fault-script.ts";
import {
  accounts,
  act,
  formOf,
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
import { MINUTE } from "./world.ts";

const ROTATING = { ...OPTIONS, idleTimeout: "4h" } as const;
const adding: Handler<unknown> = (session) => session.login("cy", { add: true });
const set = (key: string, value: unknown) => (session: { set(key: string, value: unknown): void }) =>
  session.set(key, value);

export const accountRaces: readonly Case[] = [
  {
    name: "accounts: a form made for one account and sent after another tab switched acts on neither",
    options: OPTIONS,
    async run(world) {
      const tab = await withAccounts(world, "ada", "bob");
      const form = await formOf(tab);
      await act(tab, switching("ada"));
      const acts: (typeof form)[] = [form, { method: "POST" }, { ...form, headers: {} }];
      for (const stale of acts) {
        const answer = await tab.visit(set("name", "stale"), stale);
        assert.deepEqual([answer.status, answer.error?.code], [403, "CSRF_DENIED"]);
        assert.deepEqual([answer.setCookies, answer.headers.set], [[], []]);
      }
      for (const user of ["ada", "bob"]) {
        await act(tab, switching(user));
        assert.equal(await seen(tab), `${user}:${user}`);
      }
      assert.equal((await tab.visit(set("name", "late"), form)).status, 200);
      assert.equal(await seen(tab), "bob:late");
    },
  },
  {
    name: "accounts: a form stays refused when only the other account is left, or none",
    options: OPTIONS,
    async run(world) {
      const tab = await withAccounts(world, "ada", "bob");
      const form = await formOf(tab);
      await act(tab, (session) => session.logout());
      await act(tab, switching("ada"));
      assert.deepEqual([...tab.jar.keys()], [SID]);
      assert.equal((await tab.visit(set("name", "stale"), form)).status, 403);
      assert.equal((await tab.visit(set("name", "stale"), { method: "POST" })).status, 403);
      assert.equal(await seen(tab), "ada:ada");
    },
  },
  {
    name: "accounts: a page elsewhere makes no list act, also where nobody is signed in just now",
    needs: ["userIndex"],
    options: OPTIONS,
    async run(world) {
      const tab = await withAccounts(world, "ada", "bob");
      await act(tab, (session) => session.logout());
      const [id = ""] = (await world.sessions.list("ada")).map((info) => info.id);
      for (const headers of [
        { "sec-fetch-site": "cross-site" },
        { "sec-fetch-site": "none" },
        { "sec-fetch-site": "", origin: "https://app.example" },
      ]) {
        const forged = await tab.visit((session) => session.switchTo(id), { method: "POST", headers });
        assert.deepEqual([forged.status, forged.setCookies], [403, []]);
      }
      assert.deepEqual([await seen(tab), await accounts(tab)], ["null:undefined", ["ada"]]);
    },
  },
  {
    name: "accounts: a forged or foreign list has no effect: not read as accounts, not switched to, not ended",
    needs: ["userIndex"],
    options: OPTIONS,
    async run(world) {
      const victim = await withAccounts(world, "vic");
      const visitor = world.browser();
      await visitor.visit(set("x", 1), { method: "POST" });
      const [vic] = await world.sessions.list("vic");
      const id = vic?.id ?? "";
      const record = await world.store.load(id, { now: world.clock.now() });
      assert.ok(record && "credentials" in record);
      const raw = Buffer.from(record.credentials).toString("base64url");
      const guess = `${id}${"A".repeat(42)}`;
      const foreign = visitor.jar.get("__Host-Http-anon") ?? "";
      const lists = [guess, `${id}${raw.slice(0, 42)}`, foreign, raw, "x", ".", `${guess}.`, "A".repeat(640)];
      for (const list of [...lists, Array.from({ length: 40 }, () => guess).join(".")]) {
        for (const name of [LIST, KEPT]) {
          const tab = await withAccounts(world, "eve");
          tab.jar.set(name, list);
          assert.deepEqual(await accounts(tab), ["(eve)"], list);
          assert.equal((await act(tab, (session) => session.switchTo(id))).value, false);
          assert.equal((await act(tab, (session) => session.logout(id))).status, 200);
          assert.equal((await act(tab, (session) => session.logoutAll())).status, 200);
        }
      }
      assert.equal(await seen(victim), "vic:vic");
      assert.equal((await visitor.visit((session) => session.get("x"))).value, 1);
    },
  },
  {
    name: "accounts: two tabs that switch at once leave one of the two current, and no account is lost",
    options: OPTIONS,
    async run(world) {
      for (const order of [
        [0, 1],
        [1, 0],
      ]) {
        const tab = await withAccounts(world, "ada", "bob", "cy");
        const form = await formOf(tab);
        const answers = [
          await tab.visitLater(switching("ada"), form),
          await tab.visitLater(switching("bob"), form),
        ];
        for (const index of order) answers[index]?.deliver();
        assert.equal(await seen(tab), order[1] === 0 ? "ada:ada" : "bob:bob");
        const listed = await accounts(tab);
        assert.deepEqual(
          listed.map((name) => name.replace(/[()]/g, "")),
          ["ada", "bob", "cy"],
        );
        await act(tab, (session) => session.logoutAll());
      }
    },
  },
  {
    name: "accounts: a lost answer of a switch, a login or a logout costs no account",
    needs: ["noRevival"],
    options: OPTIONS,
    async run(world) {
      const tab = await withAccounts(world, "ada", "bob", "cy");
      await act(tab, switching("ada"), { lose: true });
      assert.deepEqual([await seen(tab), await accounts(tab)], ["cy:cy", ["ada", "bob", "(cy)"]]);
      await act(tab, (session) => session.login("dan", { add: true }), { lose: true });
      assert.deepEqual(await accounts(tab), ["ada", "bob", "(cy)"]);
      await act(tab, (session) => session.logout(), { lose: true });
      assert.deepEqual([await seen(tab), await accounts(tab)], ["null:undefined", ["ada", "bob"]]);
      assert.equal((await act(tab, switching("bob"))).value, true);
      assert.deepEqual(await accounts(tab), ["ada", "(bob)"]);
    },
  },
  {
    name: "accounts: one that is revoked while the switch to it is under way is not switched to",
    needs: ["revokeUser"],
    options: OPTIONS,
    async run(world) {
      const tab = await withAccounts(world, "ada", "bob");
      const form = await formOf(tab);
      const own = world.faults.park("load");
      const listed = world.faults.park("load");
      const found = world.faults.park("load");
      const switched = tab.visit(switching("ada"), form);
      await own.release();
      await listed.release();
      await found.reached;
      await world.sessions.revokeAll("ada");
      await found.release();
      assert.deepEqual([(await switched).status, (await switched).value], [200, false]);
      assert.deepEqual([await seen(tab), await accounts(tab)], ["bob:bob", ["(bob)"]]);
    },
  },
  {
    name: "accounts: one whose session ended meanwhile is left behind by a switch, quietly or with what it wrote",
    needs: ["noRevival", "revokeUser"],
    options: OPTIONS,
    async run(world) {
      const tab = await withAccounts(world, "ada", "bob");
      const form = await formOf(tab);
      const quiet = await tab.copy().visit(async (session) => {
        await world.sessions.revokeAll("bob");
        return session.switchTo(await idOf(session, "ada"));
      }, form);
      assert.deepEqual([quiet.status, quiet.value], [200, true]);
      const again = await withAccounts(world, "ada", "bob");
      const writing = await act(again, async (session) => {
        session.set("name", "lost");
        await world.sessions.revokeAll("bob");
        return session.switchTo(await idOf(session, "ada"));
      });
      assert.deepEqual([writing.status, writing.setCookies], [401, []]);
    },
  },
  {
    name: "accounts: each rotates while it is current, waits without rotating, and is found again with its newest secret",
    options: ROTATING,
    async run(world) {
      const thefts: string[] = [];
      world.sessions.on("theft", ({ userId }) => thefts.push(userId ?? ""));
      const tab = await withAccounts(world, "ada", "bob");
      for (let round = 0; round < 4; round++) {
        for (const user of ["ada", "bob"]) {
          world.clock.advance(20 * MINUTE);
          assert.equal((await act(tab, switching(user))).value, true);
          const before = tab.jar.get(SID);
          for (let use = 0; use < 3; use++) assert.equal(await seen(tab), `${user}:${user}`);
          assert.notEqual(tab.jar.get(SID), before);
        }
      }
      assert.deepEqual([thefts, await accounts(tab)], [[], ["ada", "(bob)"]]);
    },
  },
  {
    name: "accounts: a rotation that was offered before the switch, seen by the browser or not, loses nothing",
    options: ROTATING,
    async run(world) {
      for (const isShown of [false, true]) {
        const tab = await withAccounts(world, "ada", "bob");
        const form = await formOf(tab);
        world.clock.advance(20 * MINUTE);
        const other = tab.copy();
        const offered = await other.visit((session) => session.userId);
        assert.equal(offered.setCookies.length, 1);
        assert.equal((await tab.visit(switching("ada"), form)).value, true);
        if (isShown) await other.visit((session) => session.userId); // was under way with the new secret
        world.clock.advance(5 * MINUTE);
        assert.equal((await act(tab, switching("bob"))).value, true);
        assert.equal(await seen(tab), "bob:bob");
        await act(tab, (session) => session.logoutAll());
      }
    },
  },
  {
    name: "accounts: a request with a replaced secret changes no account: 409, and good with the new cookie",
    needs: ["userIndex"],
    options: ROTATING,
    async run(world) {
      const tab = await withAccounts(world, "ada", "bob");
      const form = await formOf(tab);
      world.clock.advance(20 * MINUTE);
      const old = tab.copy();
      await seen(tab);
      await seen(tab);
      for (const handler of [switching("ada"), adding] as readonly Handler<unknown>[]) {
        const refused = await old.visit(handler, form);
        assert.deepEqual([refused.status, refused.setCookies], [409, []]);
      }
      assert.equal((await tab.visit(switching("ada"), form)).value, true);
      assert.deepEqual([await accounts(tab), await world.sessions.list("cy")], [["(ada)", "bob"], []]);
    },
  },
  {
    name: "accounts: a switch that meets a renewal of the current one under way is told 409, and so is a login beside it",
    options: OPTIONS,
    async run(world) {
      const tab = await withAccounts(world, "ada", "bob");
      const form = await formOf(tab);
      for (const handler of [switching("ada"), adding] as readonly Handler<unknown>[]) {
        const prepared = world.faults.park("save", "after");
        const renewing = tab.visitLater((session) => session.renew(), form);
        await prepared.reached;
        const refused = await tab.visit(handler, form);
        assert.deepEqual([refused.status, refused.setCookies], [409, []]);
        await prepared.release();
        (await renewing).deliver();
        Object.assign(form, await formOf(tab));
      }
      assert.deepEqual([await seen(tab), await accounts(tab)], ["bob:bob", ["ada", "(bob)"]]);
    },
  },
  {
    name: "accounts: an added login that is refused leaves the current account, with what was written counted once",
    needs: ["userIndex"],
    options: { ...OPTIONS, sessionsPerUser: { max: 1, over: "refuse" } },
    async run(world) {
      await withAccounts(world, "cy");
      const tab = await withAccounts(world, "ada", "bob");
      const refused = await act(tab, async (session) => {
        const count = (by: number) => session.update("count", (n) => Number(n ?? 0) + by);
        count(1);
        await assert.rejects(session.login("cy", { add: true }), { code: "SESSION_LIMIT" });
        count(10);
        return session.userId;
      });
      assert.deepEqual([refused.status, refused.value, refused.setCookies], [200, "bob", []]);
      assert.equal((await tab.visit((session) => session.get("count"))).value, 11);
      assert.deepEqual(await accounts(tab), ["ada", "(bob)"]);
    },
  },
  {
    name: "accounts: what is written into an account while a login takes it up again is kept",
    needs: ["noRevival"],
    options: OPTIONS,
    async run(world) {
      const tab = await withAccounts(world, "ada", "bob");
      const elsewhere = tab.copy();
      await act(elsewhere, switching("ada"));
      const theirs = await formOf(elsewhere);
      const form = await formOf(tab);
      const creating = world.faults.park("create");
      const login = tab.visit((session) => session.login("ada", { add: true }), form);
      await creating.reached;
      assert.equal((await elsewhere.visit(set("name", "late"), theirs)).status, 200);
      await creating.release();
      assert.equal((await login).status, 200);
      assert.deepEqual([await seen(tab), await seen(elsewhere)], ["ada:late", "null:undefined"]);
    },
  },
  {
    name: "accounts: a late answer to the account that was current puts it back, and the other is still in the list",
    options: ROTATING,
    async run(world) {
      const tab = await withAccounts(world, "ada", "bob");
      const form = await formOf(tab);
      world.clock.advance(20 * MINUTE);
      const late = await tab.visitLater((session) => session.userId);
      await tab.visit(switching("ada"), form);
      late.deliver();
      assert.equal(await seen(tab), "bob:bob");
      assert.equal((await act(tab, switching("ada"))).value, true);
      assert.deepEqual([await seen(tab), await accounts(tab)], ["ada:ada", ["(ada)", "bob"]]);
    },
  },
  {
    name: "accounts: renewing one makes copies of its older secret in the list worthless, and costs the browser nothing",
    options: OPTIONS,
    async run(world) {
      const tab = await withAccounts(world, "ada", "bob");
      const thief = tab.copy();
      await act(tab, (session) => session.renew());
      await act(tab, switching("ada"));
      await act(tab, switching("bob"));
      assert.equal(await seen(tab), "bob:bob");
      thief.jar.delete(SID);
      assert.deepEqual(await accounts(thief), ["ada"]);
    },
  },
  {
    name: "accounts: while the store is down nothing is said of them, and afterwards all are there",
    needs: ["userIndex"],
    options: { ...OPTIONS, storeTimeout: "50ms" },
    async run(world) {
      const tab = await withAccounts(world, "ada", "bob");
      const form = await formOf(tab);
      const [id = ""] = (await world.sessions.list("ada")).map((info) => info.id);
      const acts: readonly Handler<unknown>[] = [
        (session) => session.accounts(),
        (session) => session.switchTo(id),
        (session) => session.logout(id),
        (session) => session.logoutAll(),
        adding,
      ];
      for (const handler of acts) {
        let restore = (): void => {};
        const answer = await tab.visit((session, request) => {
          restore = world.faults.outage();
          return handler(session, request);
        }, form);
        restore();
        assert.deepEqual([answer.status, answer.setCookies], [503, []]);
      }
      assert.deepEqual([await seen(tab), await accounts(tab)], ["bob:bob", ["ada", "(bob)"]]);
    },
  },
  ...(["lost", "ambiguous", "late"] as const).map(
    (kind: FaultKind): Case => ({
      name: `accounts: a save that is ${kind} before a switch or an added login counts what was written at most once`,
      options: { ...OPTIONS, storeTimeout: "50ms" },
      async run(world) {
        const tab = await withAccounts(world, "ada", "bob");
        for (const change of [switching("ada"), adding] as readonly Handler<unknown>[]) {
          const before = Number((await tab.visit((session) => session.get("count"))).value ?? 0);
          const form = await formOf(tab);
          const fault = world.faults.next("save", kind);
          const answer = await tab.visit(async (session) => {
            session.update("count", (count) => Number(count ?? 0) + 1);
            await change(session, {});
          }, form);
          await fault.release();
          world.faults.clear();
          await act(tab, switching("bob"));
          const after = Number((await tab.visit((session) => session.get("count"))).value ?? 0);
          assert.ok(answer.status === 200 ? after === before + 1 : after - before <= 1, String(after));
        }
        assert.deepEqual(
          (await accounts(tab)).filter((name) => name !== "cy"),
          ["ada", "(bob)"],
        );
      },
    }),
  ),
];
