/** Promise 1: a session that ended never comes back, whatever was under way when it ended. */
import assert from "node:assert/strict";
import { gate, type TestBrowser, type Visited } from "../browser.ts";
import type { StoreNeed } from "../store-contract/needs.ts";
import type { Case } from "./case.ts";
import { DAY, HOUR, MINUTE, type World } from "./world.ts";

interface Ending {
  readonly name: string;
  readonly needs: readonly StoreNeed[];
  /** What ends the session while the other request is parked. */
  end(world: World, owner: TestBrowser): Promise<unknown>;
  /** What a writing request is told. */
  readonly status: 401 | 409;
  readonly reason: string;
}

const ENDINGS: readonly Ending[] = [
  {
    name: "logout",
    needs: ["noRevival"],
    status: 401,
    reason: "logged-out",
    end: (_, owner) => owner.visit((session) => session.logout(), { method: "POST" }),
  },
  {
    name: "revocation by id",
    needs: ["noRevival"],
    status: 401,
    reason: "revoked",
    end: (world, owner) => revokeOwn(world, owner),
  },
  {
    name: "revoke-all",
    needs: ["noRevival", "revokeUser"],
    status: 401,
    reason: "revoked",
    end: ({ sessions }) => sessions.revokeAll("ada"),
  },
  {
    name: "erasure",
    needs: ["noRevival", "revokeUser"],
    status: 401,
    reason: "revoked",
    end: ({ sessions }) => sessions.erase("ada"),
  },
  {
    name: "revoking everyone",
    needs: ["noRevival"],
    status: 401,
    reason: "revoked",
    end: ({ sessions }) => sessions.revokeEveryone(),
  },
  {
    name: "renewal",
    needs: ["cas"],
    status: 409,
    reason: "superseded",
    end: (_, owner) => owner.visit((session) => session.renew(), { method: "POST" }),
  },
  {
    name: "login as another user",
    needs: ["noRevival"],
    status: 409,
    reason: "replaced",
    end: (_, owner) => owner.visit((session) => session.login("bob"), { method: "POST" }),
  },
  {
    name: "re-authentication",
    needs: ["noRevival"],
    status: 409,
    reason: "replaced",
    end: (_, owner) => owner.visit((session) => session.login("ada"), { method: "POST" }),
  },
  {
    name: "idle expiry",
    needs: ["noRevival"],
    status: 401,
    reason: "idle",
    end: async ({ clock }) => clock.advance(31 * MINUTE),
  },
  {
    name: "absolute expiry",
    needs: ["noRevival"],
    status: 401,
    reason: "absolute",
    end: async ({ clock }) => clock.advance(12 * HOUR),
  },
  {
    name: "expiry and a sweep",
    needs: ["noRevival"],
    status: 401,
    reason: "idle",
    end: async ({ clock, sessions }) => {
      clock.advance(31 * MINUTE);
      await sessions.sweep();
    },
  },
];

async function revokeOwn({ sessions }: World, owner: TestBrowser): Promise<void> {
  const id = (await owner.visit((session) => session.id)).value ?? "";
  assert.equal(await sessions.revoke("ada", id), true);
}

/** A request that loaded, was parked, and goes on after the session ended. */
async function overtaken(
  world: World,
  ending: Ending,
  act: "read" | "write",
): Promise<{ readonly late: Visited<unknown>; readonly thief: TestBrowser }> {
  const owner = world.browser();
  await owner.visit((session) => session.login("ada"), { method: "POST" });
  const thief = owner.copy();
  const loaded = gate();
  const parked = gate();
  const running = owner.copy().visit(
    async (session) => {
      loaded.open();
      await parked.passed;
      return act === "read" ? session.userId : session.set("late", true);
    },
    { method: "POST" },
  );
  await loaded.passed;
  await ending.end(world, owner);
  parked.open();
  return { late: await running, thief };
}

export const inFlight: readonly Case[] = ENDINGS.flatMap((ending): readonly Case[] => [
  {
    name: `a request that only read while ${ending.name} ended its session is answered, and revives nothing`,
    needs: ending.needs,
    async run(world) {
      const { late, thief } = await overtaken(world, ending, "read");
      assert.equal(late.status, 200);
      assert.deepEqual(late.setCookies, []);
      assert.equal((await thief.visit((session) => session.userId)).value, null);
    },
  },
  {
    name: `a request that writes after ${ending.name} ended its session is told ${ending.status} ${ending.reason}, and revives nothing`,
    needs: ending.needs,
    async run(world) {
      const { late, thief } = await overtaken(world, ending, "write");
      assert.equal(late.status, ending.status);
      assert.equal(late.error && "reason" in late.error ? late.error.reason : null, ending.reason);
      assert.deepEqual(late.setCookies, []);
      assert.equal((await thief.visit((session) => session.userId)).value, null);
      world.clock.advance(11 * MINUTE);
      assert.equal((await thief.visit((session) => session.userId)).value, null);
    },
  },
]);

export const endings: readonly Case[] = [
  {
    name: "no answer to a dead cookie ever clears it: only logout's own does",
    needs: ["revokeUser"],
    async run({ browser, sessions }) {
      const tab = browser();
      await tab.visit((session) => session.login("ada"), { method: "POST" });
      await sessions.revokeAll("ada");
      const dead = await tab.visit((session) => session.userId);
      assert.deepEqual([dead.value, dead.setCookies], [null, []]);
      const idle = await tab.visit((session) => session.logout(), { method: "POST" });
      assert.deepEqual(idle.setCookies, []);
    },
  },
  {
    name: "after logout the handle is a fresh visitor's, and a farewell message reaches the next page",
    async run({ browser }) {
      const tab = browser();
      await tab.visit((session) => session.login("ada"), { method: "POST" });
      const out = await tab.visit(
        async (session) => {
          const before = session.id;
          await session.logout();
          assert.equal(session.userId, null);
          assert.notEqual(session.id, before);
          session.flash("notice", "goodbye");
        },
        { method: "POST" },
      );
      assert.equal(out.setCookies.length, 2);
      const { value } = await tab.visit((session) => session.flashes().map((flash) => flash.message));
      assert.deepEqual(value, ["goodbye"]);
    },
  },
  {
    name: "logout, login and logout in one request end every session they made",
    needs: ["noRevival", "userIndex"],
    async run({ browser, sessions }) {
      const tab = browser();
      await tab.visit((session) => session.login("ada"), { method: "POST" });
      await tab.visit(
        async (session) => {
          await session.logout();
          await session.login("ada");
          await session.logout();
        },
        { method: "POST" },
      );
      assert.deepEqual(await sessions.list("ada"), []);
      assert.equal((await tab.visit((session) => session.userId)).value, null);
    },
  },
  {
    name: "an expired session does not come back when a sweep has not run, nor with a slow clock, nor later",
    async run({ browser, clock, another }) {
      const tab = browser();
      await tab.visit((session) => session.login("ada"), { method: "POST" });
      const start = clock.now();
      clock.advance(30 * MINUTE - 1);
      assert.equal((await tab.visit((session) => session.userId, { lose: true })).value, "ada");
      const later = clock.now() + 30 * MINUTE;
      clock.set(later);
      assert.equal((await tab.visit((session) => session.userId)).value, null);
      const punctual = another({ clock: () => start + MINUTE });
      assert.equal((await tab.copy(punctual).visit((session) => session.userId)).value, null);
      clock.advance(DAY);
      assert.equal((await tab.visit((session) => session.userId)).value, null);
    },
  },
];
