/** Several managers on one store: each has it to itself, as far as it can tell. */
import assert from "node:assert/strict";
import { TestBrowser } from "../browser.ts";
import type { Case } from "./case.ts";
import { DAY, MINUTE, type World } from "./world.ts";

const STAFF = { cookie: { name: "staff" } } as const;
const POST = { method: "POST" } as const;

/** The browser's tokens under the names of the other manager's cookies. */
function renamed(tab: TestBrowser, sessions: object, toStaff: boolean): TestBrowser {
  const copy = new TestBrowser(sessions);
  const names: readonly (readonly [site: string, staff: string])[] = [
    ["__Host-Http-sid", "__Host-Http-staff"],
    ["__Host-Http-anon", "__Host-Http-staff-anon"],
  ];
  for (const [site, staff] of names) {
    const value = tab.jar.get(toStaff ? site : staff);
    if (value !== undefined) copy.jar.set(toStaff ? staff : site, value);
  }
  assert.equal(copy.jar.size, 1);
  return copy;
}

function both({ sessions, another }: World) {
  const staff = another(STAFF);
  return [
    { own: sessions, other: staff, toOther: true },
    { own: staff, other: sessions, toOther: false },
  ] as const;
}

export const sharing: readonly Case[] = [
  {
    name: "two managers on one store: a session of one opens nothing at the other, a user's or a visitor's",
    async run(world) {
      for (const { own, other, toOther } of both(world)) {
        const events: string[] = [];
        for (const name of ["theft", "undecodable", "ended"] as const)
          other.on(name, () => events.push(name));
        const user = new TestBrowser(own);
        await user.visit((session) => session.login("1"), POST);
        const visitor = new TestBrowser(own);
        await visitor.visit((session) => session.set("role", "admin"), POST);
        for (const tab of [user, visitor]) {
          const there = renamed(tab, other, toOther);
          const seen = await there.visit(async (session, request) => [
            session.userId,
            session.keys(),
            (await other.explain(request)).code,
          ]);
          assert.deepEqual(seen.value, [null, [], "unknown"]);
          await there.visit((session) => session.logout(), POST);
        }
        assert.equal((await user.visit((session) => session.userId)).value, "1");
        assert.equal((await visitor.visit((session) => session.get("role"))).value, "admin");
        assert.deepEqual(events, []);
      }
    },
  },
  {
    name: "two managers on one store: lists, revocations and tickets of one user id are each manager's own",
    needs: ["revokeUser", "userIndex"],
    async run(world) {
      const { sessions, another, clock } = world;
      const staff = another(STAFF);
      const tabs = [new TestBrowser(sessions), new TestBrowser(staff)] as const;
      for (const tab of tabs) await tab.visit((session) => session.login("1"), POST);
      const [[site], [desk]] = [await sessions.list("1"), await staff.list("1")];
      assert.deepEqual([site?.userId, desk?.userId], ["1", "1"]);
      assert.notEqual(site?.id, desk?.id);
      assert.equal(await sessions.revoke("1", desk?.id ?? ""), false);
      assert.equal(await staff.revoke("1", site?.id ?? ""), false);
      const ticket = await staff.beginLogin("1");
      clock.advance(1);
      assert.equal(await sessions.revokeAll("1"), 1);
      assert.equal((await tabs[0].visit((session) => session.userId)).value, null);
      assert.equal((await tabs[1].visit((session) => session.userId)).value, "1");
      const again = await tabs[1].visit((session) => session.login("1", { ticket }), POST);
      assert.equal(again.status, 200);
      assert.equal((await tabs[0].visit((session) => session.login("1", { ticket }), POST)).status, 500);
    },
  },
  {
    name: "two managers on one store: erasing a person at one leaves whoever has the same id at the other",
    needs: ["revokeUser"],
    async run({ sessions, another, clock }) {
      const managers = [sessions, another(STAFF)] as const;
      for (const [erasing, other] of [managers, [managers[1], managers[0]]] as const) {
        const tab = new TestBrowser(other);
        await new TestBrowser(erasing).visit((session) => session.login("1"), POST);
        await tab.visit((session) => session.login("1"), POST);
        assert.equal(await erasing.erase("1"), 1);
        assert.equal((await tab.visit((session) => session.userId)).value, "1");
        await other.erase("1");
        clock.advance(1);
      }
    },
  },
  {
    name: "two managers on one store: a limit counts the sessions of its own manager only",
    needs: ["userIndex"],
    options: { sessionsPerUser: { max: 1, over: "refuse" } },
    async run({ sessions, another }) {
      for (const manager of [sessions, another(STAFF)]) {
        const login = () => new TestBrowser(manager).visit((session) => session.login("1"), POST);
        assert.equal((await login()).status, 200);
        assert.equal((await login()).status, 403);
      }
    },
  },
  {
    name: "two managers on one store: an end is told to the manager whose session it was, whoever met it",
    needs: ["sweep"],
    async run(world) {
      const { sessions, another, clock } = world;
      const staff = another(STAFF);
      const told: string[] = [];
      staff.on("ended", ({ userId, reason }) => told.push(`staff ${userId} ${reason}`));
      await new TestBrowser(staff).visit((session) => session.login("1"), POST);
      await new TestBrowser(staff).visit((session) => session.set("x", 1), POST);
      clock.advance(31 * MINUTE);
      await sessions.sweep();
      assert.deepEqual(told.splice(0), ["staff 1 idle"]);
      sessions.on("ended", ({ userId, reason }) => told.push(`site ${userId} ${reason}`));
      await new TestBrowser(sessions).visit((session) => session.login("2"), POST);
      clock.advance(8 * DAY);
      await staff.sweep();
      assert.deepEqual(told.sort(), ["site 2 absolute", "staff null idle"]);
    },
  },
  {
    name: "two managers on one store: revokeEveryone empties the store, for both",
    async run({ sessions, another }) {
      const managers = [sessions, another(STAFF)] as const;
      const tabs = managers.map((manager) => new TestBrowser(manager));
      for (const tab of tabs) await tab.visit((session) => session.login("1"), POST);
      await sessions.revokeEveryone();
      for (const tab of tabs) assert.equal((await tab.visit((session) => session.userId)).value, null);
    },
  },
  {
    name: "two managers on one store: no user id of one can be made to look like one of the other's",
    needs: ["userIndex"],
    async run({ sessions, another }) {
      const staff = another(STAFF);
      await new TestBrowser(staff).visit((session) => session.login("1"), POST);
      const forged = "\u001estaff\u001e1";
      const login = await new TestBrowser(sessions).visit((session) => session.login(forged), POST);
      assert.equal(login.error?.code, "INVALID_ARGUMENT");
      await assert.rejects(sessions.list(forged), { code: "INVALID_ARGUMENT" });
      await assert.rejects(sessions.revokeAll(forged), { code: "INVALID_ARGUMENT" });
      for (const userId of ["a\u001eb", "staff\u001e1"]) {
        for (const manager of [sessions, staff]) {
          const tab = new TestBrowser(manager);
          await tab.visit((session) => session.login(userId), POST);
          assert.equal((await tab.visit((session) => session.userId)).value, userId);
          assert.deepEqual(
            (await manager.list(userId)).map((info) => info.userId),
            [userId],
          );
        }
      }
    },
  },
];
