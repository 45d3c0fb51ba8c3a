/** `erase`: whoever asks to be forgotten is signed out everywhere at once, and stays so. */
import assert from "node:assert/strict";
import { parseToken } from "../../core/token.ts";
import { gate } from "../browser.ts";
import type { Case } from "./case.ts";
import { MINUTE } from "./world.ts";

const POST = { method: "POST" } as const;

export const erasing: readonly Case[] = [
  {
    name: "erase ends the sessions in which the user acts for others, also one that begins meanwhile",
    needs: ["revokeUser", "userIndex"],
    async run({ browser, sessions, faults }) {
      const told: unknown[] = [];
      sessions.on("ended", ({ userId, reason }) => told.push([userId, reason]));
      const tab = browser();
      await tab.visit((session) => session.login("ada"), POST);
      const beginning = tab.copy();
      await tab.visit((session) => session.actAs("bob"), POST);
      assert.equal((await sessions.list("bob")).length, 1);
      const note = faults.park("create", "after"); // the note on where ada acts is there, the session is not yet
      const begun = beginning.visit((session) => session.actAs("carol"), POST);
      await note.reached;
      assert.equal(await sessions.erase("ada"), 2);
      await note.release();
      assert.equal((await begun).error?.code, "SESSION_ENDED");
      assert.deepEqual(await sessions.list("carol"), []);
      assert.deepEqual(told.slice(0, 2), [
        ["bob", "revoked"],
        ["ada", "revoked"],
      ]);
    },
  },
  {
    name: "erase signs a user out everywhere, tells of each session with who asked for it, and leaves everybody else",
    needs: ["revokeUser", "userIndex"],
    async run({ browser, sessions, counts }) {
      const told: unknown[] = [];
      sessions.on("ended", ({ userId, reason, by }) => told.push([userId, reason, by]));
      const [phone, laptop, other, visitor] = [browser(), browser(), browser(), browser()];
      await phone.visit((session) => session.login("ada"), POST);
      await laptop.visit((session) => session.login("ada"), POST);
      await other.visit((session) => session.login("bob"), POST);
      await visitor.visit((session) => session.set("cart", 1), POST);
      counts.reset();
      assert.equal(await sessions.erase("ada", { by: "root" }), 2);
      // Theirs, what waits for a second factor, where somebody acts for them, and notes on where they act: to revoke
      // would leave traces.
      assert.equal(counts.calls.erase, 4);
      assert.deepEqual(told, [
        ["ada", "revoked", "root"],
        ["ada", "revoked", "root"],
      ]);
      assert.deepEqual(await sessions.list("ada"), []);
      for (const tab of [phone, laptop]) {
        assert.equal((await tab.visit((session) => session.userId)).value, null);
      }
      assert.equal((await other.visit((session) => session.userId)).value, "bob");
      assert.equal((await visitor.visit((session) => session.get("cart"))).value, 1);
      assert.equal(await sessions.erase("ada"), 0);
    },
  },
  {
    name: "a login whose password was checked before an erase does not outlive it, with or without a ticket",
    needs: ["revokeUser", "userIndex"],
    async run({ browser, sessions, clock }) {
      const ticket = await sessions.beginLogin("ada");
      const [entered, parked] = [gate(), gate()];
      const login = browser().visit(async (session) => {
        entered.open();
        await parked.passed;
        await session.login("ada");
      }, POST);
      await entered.passed;
      clock.advance(1);
      await sessions.erase("ada");
      parked.open();
      assert.equal((await login).status, 401);
      assert.equal((await browser().visit((session) => session.login("ada", { ticket }), POST)).status, 401);
      assert.deepEqual(await sessions.list("ada"), []);
    },
  },
  {
    name: "an erase ends also a login that waits for its second factor, in whatever order they come",
    needs: ["revokeUser", "userIndex"],
    async run({ browser, sessions }) {
      const tab = browser();
      await tab.visit((session) => session.beginSecondFactor("ada"), POST);
      const [entered, parked] = [gate(), gate()];
      const completing = tab.copy().visit(async (session) => {
        assert.equal((await session.pendingLogin())?.userId, "ada");
        entered.open();
        await parked.passed;
        await session.login("ada");
      }, POST);
      await entered.passed;
      await sessions.erase("ada");
      parked.open();
      assert.equal((await completing).error?.code, "SESSION_ENDED");
      assert.equal((await tab.visit((session) => session.pendingLogin())).value, null);
      assert.deepEqual(await sessions.list("ada"), []);
    },
  },
  {
    name: "an erase reaches what lies ready for an address or a hand-off; a revocation ends it too",
    needs: ["revokeUser"],
    options: { url: {} },
    async run({ browser, sessions, store, clock }) {
      for (const end of [() => sessions.erase("ada"), () => sessions.revokeAll("ada")]) {
        clock.advance(1); // the end before keeps out what began at that instant
        const tab = browser();
        await tab.visit(async (session) => {
          await session.login("ada");
          session.set("mail", "ada@example.com");
        }, POST);
        const address = await tab.visit((_, request) => sessions.url(request, "/next", { keep: ["mail"] }));
        const state = await tab.visit(
          (session) => session.handoff("link", { mail: "ada@example.com" }),
          POST,
        );
        const token = new URL(address.value ?? "").searchParams.get("session") ?? "";
        await end();
        for (const id of [parseToken(token)?.id ?? "", state.value ?? ""]) {
          assert.notEqual(id, "");
          const found = await store.load(id, { now: clock.now() });
          assert.ok(found === null || "ended" in found, "nothing of it can be read any more");
        }
        const late = await tab.visit((session) => session.receive("link", state.value), POST);
        assert.equal(late.error?.code, "HANDOFF_REFUSED");
      }
    },
  },
  {
    name: "whoever was erased may sign in again later, as somebody new",
    needs: ["revokeUser"],
    async run({ browser, sessions, clock }) {
      const tab = browser();
      await tab.visit(async (session) => {
        await session.login("ada");
        session.set("theme", "dark");
      }, POST);
      await sessions.erase("ada");
      clock.advance(MINUTE);
      await tab.visit((session) => session.login("ada"), POST);
      const seen = await tab.visit((session) => [session.userId, session.get("theme")]);
      assert.deepEqual(seen.value, ["ada", undefined]);
    },
  },
  {
    name: "an erase that the store could not do fails as an outage, and repeated it is complete",
    needs: ["revokeUser", "userIndex"],
    async run({ browser, sessions, faults }) {
      const tab = browser();
      await tab.visit((session) => session.login("ada"), POST);
      for (const kind of ["lost", "ambiguous"] as const) {
        faults.next("erase", kind);
        await assert.rejects(sessions.erase("ada"), { code: "STORE_UNAVAILABLE" });
      }
      await sessions.erase("ada");
      assert.deepEqual(await sessions.list("ada"), []);
      assert.equal((await tab.visit((session) => session.userId)).value, null);
    },
  },
  {
    name: "erase takes a user id and nothing that might spare somebody",
    needs: ["userIndex"],
    async run({ browser, sessions }) {
      await browser().visit((session) => session.login("ada"), POST);
      const wrong: readonly Parameters<typeof sessions.erase>[] = [
        [""],
        ["\u001fada"],
        ["x".repeat(257)],
        ["ada", { except: "it" } as object],
        ["ada", { by: "" }],
      ];
      for (const given of wrong) await assert.rejects(sessions.erase(...given), { code: "INVALID_ARGUMENT" });
      assert.equal((await sessions.list("ada")).length, 1);
    },
  },
];
