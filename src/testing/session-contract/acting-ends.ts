/** How acting for somebody ends, whatever is under way: nothing of it is written any more, and nothing hits the own account. */
import assert from "node:assert/strict";
import { gate, type TestBrowser, type Visited } from "../browser.ts";
import type { StoreNeed } from "../store-contract/needs.ts";
import { ACTING, actingFor, OWN, whoIn } from "./acting.ts";
import type { Case } from "./case.ts";
import { HOUR, MINUTE, type World } from "./world.ts";

const POST = { method: "POST" } as const;

interface Ending {
  readonly name: string;
  readonly needs: readonly StoreNeed[];
  end(world: World, tab: TestBrowser): unknown;
  /** Whom the browser is let in as afterwards. */
  readonly left: string | null;
  readonly reason: string;
}

const ENDINGS: readonly Ending[] = [
  {
    name: "stopping it in another tab",
    needs: ["noRevival", "userIndex"],
    left: "ada",
    reason: "logged-out",
    end: (_, tab) => tab.copy().visit((session) => session.stopActing(), POST),
  },
  {
    name: "its own deadline",
    needs: ["noRevival", "userIndex"],
    left: "ada",
    reason: "idle|absolute",
    async end({ clock }, tab) {
      clock.advance(20 * MINUTE);
      const own = tab.copy();
      own.jar.delete(ACTING);
      await whoIn(own);
      clock.advance(10 * MINUTE);
    },
  },
  {
    name: "a revocation of the person",
    needs: ["noRevival", "revokeUser", "userIndex"],
    left: "ada",
    reason: "revoked",
    end: ({ sessions }) => sessions.revokeAll("bob"),
  },
  {
    name: "erasing the person",
    needs: ["noRevival", "revokeUser", "userIndex"],
    left: "ada",
    reason: "revoked|unknown",
    end: async ({ sessions }) => assert.equal(await sessions.erase("bob"), 1),
  },
  {
    name: "a revocation by its id",
    needs: ["noRevival", "userIndex"],
    left: "ada",
    reason: "revoked",
    async end({ sessions }) {
      const [one] = await sessions.list("bob");
      assert.equal(await sessions.revoke("ada", one?.id ?? ""), false);
      assert.equal(await sessions.revoke("bob", one?.id ?? ""), true);
    },
  },
  {
    name: "a revocation of the actor",
    needs: ["noRevival", "revokeUser", "userIndex"],
    left: null,
    reason: "revoked",
    end: ({ sessions }) => sessions.revokeAll("ada"),
  },
  {
    name: "a revocation of everybody",
    needs: ["noRevival", "userIndex"],
    left: null,
    reason: "revoked",
    end: ({ sessions }) => sessions.revokeEveryone(),
  },
  {
    name: "a logout",
    needs: ["noRevival", "userIndex"],
    left: null,
    reason: "logged-out",
    end: (_, tab) => tab.copy().visit((session) => session.logout(), POST),
  },
  {
    name: "the end of the own session",
    needs: ["noRevival", "userIndex"],
    left: null,
    reason: "idle",
    end: ({ clock }) => clock.advance(HOUR),
  },
  {
    name: "a renewal of the own session",
    needs: ["userIndex"],
    left: null,
    reason: "superseded",
    async end(_, tab) {
      const own = tab.copy();
      own.jar.delete(ACTING);
      await own.visit((session) => session.renew(), POST);
    },
  },
];

/** A request that came to act, was parked, and goes on after the end. */
async function overtaken(
  world: World,
  ending: Ending,
  act: "read" | "write",
): Promise<{ readonly tab: TestBrowser; readonly late: Visited<unknown> }> {
  const tab = await actingFor(world.browser);
  const [loaded, parked] = [gate(), gate()];
  const running = tab.copy().visit(async (session) => {
    loaded.open();
    await parked.passed;
    return act === "read" ? [session.userId, session.actor] : session.set("late", true);
  }, POST);
  await loaded.passed;
  world.clock.advance(1);
  await ending.end(world, tab);
  parked.open();
  return { tab, late: await running };
}

const endings: readonly Case[] = ENDINGS.flatMap((ending): readonly Case[] => [
  {
    name: `what is written for somebody while ${ending.name} ends it is refused, and nothing of it is found again`,
    needs: ending.needs,
    options: { rotation: false },
    async run(world) {
      const { tab, late } = await overtaken(world, ending, "write");
      assert.equal(late.status, ending.reason === "superseded" ? 409 : 401);
      assert.match(
        String(late.error && "reason" in late.error && late.error.reason),
        new RegExp(`^(${ending.reason})$`),
      );
      assert.deepEqual(late.setCookies, []);
      const after = await tab.visit(({ userId, actor, ...session }) => [userId, actor, session]);
      assert.deepEqual(after.value?.slice(0, 2), [ending.left, null]);
      assert.equal((await tab.visit((session) => session.get("late"))).value, undefined);
      assert.equal((await world.sessions.list("bob")).length, ending.reason === "superseded" ? 1 : 0);
    },
  },
  {
    name: `a request that only looks while ${ending.name} ends it is answered, and brings nothing back`,
    needs: ending.needs,
    options: { rotation: false },
    async run(world) {
      const { tab, late } = await overtaken(world, ending, "read");
      assert.deepEqual([late.status, late.value, late.setCookies], [200, ["bob", "ada"], []]);
      assert.deepEqual(await whoIn(tab), [ending.left, null]);
    },
  },
]);

export const actingEnds: readonly Case[] = [
  ...endings,
  {
    name: "when it is over, looking shows the own session; what was sent for the other is refused once, then all is well",
    needs: ["userIndex"],
    async run({ browser, clock, sessions }) {
      const tab = await actingFor(browser, { for: "10m" });
      clock.advance(10 * MINUTE);
      const looked = await tab.visit(async (session, request) => [
        session.userId,
        (await sessions.explain(request)).message,
      ]);
      assert.match(looked.value?.join(" ") ?? "", /^ada .*came to act for somebody, and that is over/);
      assert.deepEqual(looked.setCookies, []);
      let deleted = "";
      const close = (): ReturnType<typeof tab.visit<void>> =>
        tab.visit((session) => {
          deleted = session.requireUser();
        }, POST);
      const refused = await close();
      assert.deepEqual([refused.status, refused.error?.code, deleted], [403, "ACTING_OVER", ""]);
      assert.match(refused.setCookies.join(), new RegExp(`^${ACTING}=; .*Max-Age=0`));
      assert.deepEqual([(await close()).status, deleted], [200, "ada"]);
    },
  },
  {
    name: "a request that comes late, with a secret replaced meanwhile, takes no newer cookie away",
    needs: ["userIndex"],
    async run({ browser }) {
      const tab = await actingFor(browser);
      const late = tab.copy();
      await tab.visit((session) => session.renew(), POST);
      const refused = await late.visit((session) => session.set("note", 1), POST);
      assert.deepEqual([refused.error?.code, refused.setCookies], ["ACTING_OVER", []]);
      assert.deepEqual(await whoIn(tab), ["bob", "ada"]);
      assert.equal((await late.visit((session) => session.stopActing(), POST)).status, 200);
      assert.deepEqual([await whoIn(late), [...late.jar.keys()]], [["ada", null], [OWN]]);
    },
  },
  {
    name: "logout, login and stopping go through when it is over, and take the cookie away",
    needs: ["userIndex"],
    async run({ browser, clock }) {
      const over = async (): Promise<TestBrowser> => {
        const tab = await actingFor(browser, { for: "1m" });
        clock.advance(MINUTE);
        return tab;
      };
      const [out, stopped, again] = [await over(), await over(), await over()];
      assert.equal((await out.visit((session) => session.logout(), POST)).status, 200);
      assert.deepEqual([await whoIn(out), out.jar.size], [[null, null], 0]);
      assert.equal((await stopped.visit((session) => session.stopActing(), POST)).status, 200);
      assert.deepEqual([await whoIn(stopped), [...stopped.jar.keys()]], [["ada", null], [OWN]]);
      assert.equal((await again.visit((session) => session.login("ada"), POST)).status, 200);
      assert.deepEqual([await whoIn(again), [...again.jar.keys()]], [["ada", null], [OWN]]);
    },
  },
  {
    name: "a cookie that outlives the own session opens nothing, and the next login takes it away",
    needs: ["userIndex"],
    async run({ browser, clock }) {
      const tab = await actingFor(browser);
      clock.advance(HOUR);
      const again = await tab.visit(async (session) => {
        const before = [session.userId, session.actor];
        await session.login("ada");
        return before;
      }, POST);
      assert.deepEqual([again.status, again.value, [...tab.jar.keys()]], [200, [null, null], [OWN]]);
      assert.deepEqual(await whoIn(tab), ["ada", null]);
    },
  },
  {
    name: "who was revoked renews nothing in another's name",
    needs: ["revokeUser", "userIndex"],
    async run({ browser, sessions, clock }) {
      const tab = await actingFor(browser);
      const [loaded, parked] = [gate(), gate()];
      const running = tab.copy().visit(async (session) => {
        loaded.open();
        await parked.passed;
        await session.renew();
      }, POST);
      await loaded.passed;
      clock.advance(1);
      await sessions.revokeAll("ada");
      parked.open();
      const { status, setCookies } = await running;
      assert.deepEqual([status, setCookies], [401, []]);
    },
  },
  {
    name: "a cookie that came twice, or is none of ours, is over too, and never taken for nothing",
    needs: ["userIndex"],
    async run({ browser }) {
      const tab = await actingFor(browser);
      const cookie = [...tab.jar].map(([name, value]) => `${name}=${value}`).join("; ");
      for (const more of [`${ACTING}=x`, `${ACTING}=${"A".repeat(64)}`]) {
        const headers = { cookie: `${cookie}; ${more}` };
        const sent = await tab.visit((session) => session.requireUser(), { ...POST, headers, lose: true });
        assert.equal(sent.error?.code, "ACTING_OVER", more);
        assert.equal((await tab.visit((session) => session.userId, { headers })).value, "ada");
      }
    },
  },
  {
    name: "a logout ends both in the store; where the store fails, both stay and no cookie is touched",
    needs: ["noRevival", "userIndex"],
    async run({ browser, sessions, faults }) {
      const told: unknown[] = [];
      sessions.on("ended", ({ userId, actor, reason, by }) => told.push([userId, actor, reason, by]));
      const tab = await actingFor(browser);
      const copy = tab.copy();
      const recover = faults.outage();
      const failed = await tab.visit((session) => session.logout(), POST);
      recover();
      assert.deepEqual([failed.status, failed.setCookies, await whoIn(tab)], [503, [], ["bob", "ada"]]);
      const done = await tab.visit((session) => session.logout(), POST);
      assert.deepEqual([done.status, tab.jar.size], [200, 0]);
      assert.deepEqual(told, [
        ["bob", "ada", "logged-out", "ada"],
        ["ada", null, "logged-out", "ada"],
      ]);
      const own = copy.copy();
      own.jar.delete(ACTING);
      assert.deepEqual(
        [await whoIn(copy), await whoIn(own)],
        [
          [null, null],
          [null, null],
        ],
      );
    },
  },
  {
    name: "a store that fails is an error, not an end: nobody acts by halves, and all goes on afterwards",
    needs: ["userIndex"],
    async run({ browser, faults }) {
      const tab = await actingFor(browser);
      const recover = faults.outage();
      const down = await tab.visit((session) => session.userId);
      assert.deepEqual([down.status, down.setCookies], [503, []]);
      recover();
      assert.deepEqual(await whoIn(tab), ["bob", "ada"]);
      faults.next("create", "ambiguous");
      const other = browser();
      await other.visit((session) => session.login("ada"), POST);
      faults.next("create", "ambiguous");
      assert.equal((await other.visit((session) => session.actAs("cy"), POST)).status, 200);
      assert.deepEqual(await whoIn(other), ["cy", "ada"]);
    },
  },
  {
    name: "nobody begins to act who was revoked since the request began, or for whom that was done",
    needs: ["revokeUser", "userIndex"],
    async run({ browser, sessions, clock }) {
      for (const revoked of ["ada", "bob"]) {
        const tab = browser();
        await tab.visit((session) => session.login("ada"), POST);
        const [loaded, parked] = [gate(), gate()];
        const running = tab.visit(async (session) => {
          loaded.open();
          await parked.passed;
          await session.actAs("bob");
        }, POST);
        await loaded.passed;
        clock.advance(1);
        await sessions.revokeAll(revoked);
        parked.open();
        const { status, error, setCookies } = await running;
        assert.deepEqual([status, error?.code, setCookies], [401, "SESSION_ENDED", []], revoked);
        assert.deepEqual(await sessions.list("bob"), []);
        clock.advance(1);
      }
    },
  },
  {
    name: "revoke-all spares the one it names, also when somebody acts in it, and counts what it ends",
    needs: ["revokeUser", "userIndex"],
    async run({ browser, sessions, clock }) {
      const device = browser();
      await device.visit((session) => session.login("bob"), POST);
      const tab = await actingFor(browser);
      clock.advance(1);
      const id = (await tab.visit((session) => session.id)).value ?? "";
      assert.equal(await sessions.revokeAll("bob", { except: id }), 1);
      assert.deepEqual(
        [await whoIn(device), await whoIn(tab)],
        [
          [null, null],
          ["bob", "ada"],
        ],
      );
      assert.equal(await sessions.revokeAll("bob"), 1);
      assert.deepEqual(await whoIn(tab), ["ada", null]);
    },
  },
];
