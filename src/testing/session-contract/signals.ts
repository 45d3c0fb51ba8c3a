/** What follows when a request comes from another device or network than its session's login. */
import assert from "node:assert/strict";
import type { SessionEvents } from "../../core/event-types.ts";
import type { SessionOptions } from "../../core/manager-types.ts";
import type { RiskAnswer, RiskSignal } from "../../core/risk.ts";
import { gate, type VisitOptions } from "../browser.ts";
import type { Case } from "./case.ts";
import { AWAY, from, HOME, readDevice, signIn } from "./devices.ts";
import { HOUR, type Values, type World } from "./world.ts";

const KEPT: Partial<SessionOptions<Values>> = { devices: readDevice, addresses: true };

/** Browsers of a manager that answers every signal like this; and what it was told. */
function watching(world: World, answer: RiskAnswer) {
  const signals: RiskSignal[] = [];
  const sessions = world.another({
    onSignal(signal) {
      signals.push(signal);
      return answer;
    },
  });
  return { sessions, signals, browser: () => world.browser().copy(sessions) };
}

export const signals: readonly Case[] = [
  {
    name: "a request from elsewhere is served, and told once for each difference",
    options: KEPT,
    async run({ browser, sessions, clock }) {
      const told: SessionEvents["risk"][] = [];
      sessions.on("risk", (detail) => void told.push(detail));
      const tab = await signIn(browser());
      const visits: readonly VisitOptions[] = [
        HOME,
        from("Firefox Linux 146", "203.0.113.77"),
        AWAY,
        AWAY,
        from("Firefox Linux 145", "203.0.114.9"),
        { method: "POST", peer: "203.0.113.9" },
        HOME,
      ];
      for (const options of visits) {
        clock.advance(1000);
        assert.equal((await tab.visit((session) => session.requireUser(), options)).value, "ada");
      }
      assert.deepEqual(
        told.map(({ userId, changed, device, seen, answer }) => [
          userId,
          changed.join(),
          device?.browser,
          seen?.browser,
          answer,
        ]),
        [
          ["ada", "browser,system,address", "Firefox", "Safari", "ignore"],
          ["ada", "address", "Firefox", "Firefox", "ignore"],
        ],
      );
      assert.doesNotMatch(JSON.stringify(told), /203\.0|2001/);
    },
  },
  {
    name: "a look for signals costs the store nothing, and costs nothing at all where nobody wants to know",
    options: { addresses: true },
    async run(world) {
      let reads = 0;
      const devices = (userAgent: string) => {
        reads += 1;
        return readDevice(userAgent);
      };
      const quiet = world.another({ devices });
      const tab = await signIn(world.browser().copy(quiet));
      await tab.visit((session) => session.userId, AWAY);
      assert.equal(reads, 1);
      const { sessions, signals: seen } = watching(world, "ask");
      world.counts.reset();
      await tab.copy(sessions).visit((session) => session.userId, { ...AWAY, method: "GET" });
      assert.deepEqual([seen.length, world.counts.calls], [1, { load: 1 }]);
    },
  },
  {
    name: "the application is told what differs, and whose session it is",
    options: KEPT,
    async run(world) {
      const told: unknown[] = [];
      const sessions = world.another({
        onSignal({ changed, atLogin, now }, session) {
          told.push([
            changed,
            atLogin.address,
            now.address,
            session.userId,
            session.requireUser(),
            session.isNew,
          ]);
          return "ignore";
        },
      });
      const tab = await signIn(world.browser().copy(sessions));
      const visited = await tab.visit(() => "not looked at", { ...AWAY, method: "GET" });
      assert.deepEqual(told, [
        [["browser", "system", "address"], "203.0.113.0/24", "2001:db8:7::/48", "ada", "ada", false],
      ]);
      assert.equal(visited.headers.cacheControl, undefined);
    },
  },
  {
    name: "a network that goes dark is a difference; what was never known is none",
    options: KEPT,
    async run(world) {
      const { browser, signals: seen } = watching(world, "ignore");
      const tab = await signIn(browser());
      await tab.visit((session) => session.userId, { ...HOME, peer: "/run/app.sock" });
      assert.deepEqual(
        seen.map(({ changed }) => changed),
        [["address"]],
      );
      const nameless = browser();
      await signIn(nameless, { method: "POST", peer: "/run/app.sock" });
      await nameless.visit((session) => session.userId, HOME);
      assert.equal(seen.length, 1);
    },
  },
  {
    name: "visitors, and sessions from before the options were set, are never judged",
    async run(world) {
      const older = await signIn(world.browser());
      const { browser, signals: seen } = watching(
        { ...world, another: (more) => world.another({ ...KEPT, ...more }) },
        "end",
      );
      const visitor = browser();
      await visitor.visit((session) => session.set("cart", 1), HOME);
      assert.equal((await visitor.visit((session) => session.get("cart"), AWAY)).value, 1);
      const watched = older.copy(world.another({ ...KEPT, onSignal: () => "end" }));
      assert.equal((await watched.visit((session) => session.userId, AWAY)).value, "ada");
      assert.equal(seen.length, 0);
    },
  },
  {
    name: "answered ask, no login counts as fresh from there until the next one; at home nothing changes",
    options: KEPT,
    async run(world) {
      const { browser } = watching(world, "ask");
      const tab = await signIn(browser());
      const thief = tab.copy();
      const fresh = await thief.visit((session) => session.requireFresh(), AWAY);
      assert.deepEqual([fresh.status, fresh.error?.code], [401, "STALE_LOGIN"]);
      assert.equal((await thief.visit((session) => session.requireUser(), AWAY)).value, "ada");
      assert.equal((await tab.visit((session) => session.requireFresh(), HOME)).status, 200);
      const again = await tab.visit(async (session) => {
        await session.renew();
        assert.throws(() => session.requireFresh(), { code: "STALE_LOGIN" });
        await session.login("ada");
        session.requireFresh();
      }, AWAY);
      assert.equal(again.status, 200);
      assert.equal((await tab.visit((session) => session.requireFresh(), AWAY)).status, 200);
    },
  },
  {
    name: "answered ask, nobody is handed to another address as signed in from there, where the login would look fresh",
    options: { ...KEPT, url: {} },
    async run(world) {
      const { sessions, browser } = watching(world, "ask");
      const tab = await signIn(browser());
      const handOver = (from: VisitOptions, signedIn: boolean) =>
        tab.copy().visit((_, request) => sessions.url(request, "/welcome", { signedIn }), from);
      const refused = await handOver(AWAY, true);
      assert.deepEqual([refused.status, refused.error?.code], [401, "STALE_LOGIN"]);
      assert.equal((await handOver(AWAY, false)).error, null);
      assert.match((await handOver(HOME, true)).value ?? "", /\/welcome\?session=/);
    },
  },
  {
    name: "an application that cannot answer is taken to ask",
    options: KEPT,
    async run(world) {
      const answers: readonly (() => unknown)[] = [
        () => {
          throw new Error("no");
        },
        () => undefined,
        () => "End",
        () => Promise.reject(new Error("late")),
      ];
      for (const answer of answers) {
        const tab = await signIn(world.browser().copy(world.another({ onSignal: () => answer() as "end" })));
        const visited = await tab.visit((session) => session.requireFresh(), AWAY);
        assert.deepEqual([visited.status, visited.error?.code], [401, "STALE_LOGIN"]);
        assert.equal((await tab.visit((session) => session.userId, AWAY)).value, "ada");
      }
    },
  },
  {
    name: "answered end, the session is over for everybody, and explained",
    needs: ["noRevival", "userIndex"],
    options: KEPT,
    async run(world) {
      const { sessions, browser } = watching(world, "end");
      const ends: string[] = [];
      sessions.on("ended", ({ reason }) => void ends.push(reason));
      const tab = await signIn(browser());
      const thief = tab.copy();
      const stolen = await thief.visit(
        async (session, request) => [session.userId, (await sessions.explain(request)).code],
        AWAY,
      );
      const owner = await tab.visit(
        async (session, request) => [session.userId, (await sessions.explain(request)).code],
        HOME,
      );
      assert.deepEqual([stolen.value, owner.value, ends], [[null, "risk"], [null, "risk"], ["risk"]]);
      assert.deepEqual([stolen.setCookies, await sessions.list("ada")], [[], []]);
    },
  },
  {
    name: "a write under way in a session that a signal ends is refused, and brings nothing back",
    needs: ["noRevival", "userIndex"],
    options: KEPT,
    async run(world) {
      const { sessions, browser } = watching(world, "end");
      const tab = await signIn(browser());
      const [loaded, parked] = [gate(), gate()];
      const slow = tab.visit(async (session) => {
        session.set("x", 1);
        loaded.open();
        await parked.passed;
      }, HOME);
      await loaded.passed;
      await tab.copy().visit((session) => session.userId, AWAY);
      parked.open();
      const { status, error } = await slow;
      assert.deepEqual([status, error && "reason" in error ? error.reason : null], [401, "risk"]);
      assert.deepEqual(await sessions.list("ada"), []);
    },
  },
  {
    name: "an end that comes late ends nothing but the session it was about",
    needs: ["noRevival", "userIndex"],
    options: KEPT,
    async run(world) {
      const { sessions, browser } = watching(world, "end");
      const tab = await signIn(browser());
      const ending = world.faults.park("delete");
      const thief = tab.copy().visit((session) => session.userId, AWAY);
      await ending.reached;
      await signIn(tab);
      await ending.release();
      assert.equal((await thief).value, null);
      assert.equal((await tab.visit((session) => session.userId, HOME)).value, "ada");
      assert.equal((await sessions.list("ada")).length, 1);
    },
  },
  {
    name: "an end that the store cannot write is a 503 for that request, and no way in",
    options: { ...KEPT, storeTimeout: "50ms" },
    async run(world) {
      const { browser } = watching(world, "end");
      const tab = await signIn(browser());
      for (let tries = 0; tries < 40; tries++) world.faults.next("delete", "lost");
      const thief = await tab.copy().visit((session) => session.userId, AWAY);
      world.faults.clear();
      assert.deepEqual([thief.status, thief.value], [503, undefined]);
      assert.equal((await tab.visit((session) => session.userId, HOME)).value, "ada");
    },
  },
  {
    name: "a look at a session, and a lazy one, are judged like any other",
    options: KEPT,
    async run(world) {
      const { sessions, browser, signals: seen } = watching(world, "end");
      const peeked = await signIn(browser());
      const look = await peeked.visit(async (_, request) => sessions.peek(request), { ...AWAY, lazy: true });
      const opened = await signIn(browser());
      const open = await opened.visit(async (_, request) => (await sessions.open(request)).userId, {
        ...AWAY,
        lazy: true,
      });
      const unread = await signIn(browser());
      await unread.visit(() => "static", { ...AWAY, lazy: true });
      assert.deepEqual([look.value, open.value, seen.length], [null, null, 2]);
    },
  },
  {
    name: "differences are remembered by session: another of the same user is told of anew",
    options: KEPT,
    async run({ browser, sessions, clock }) {
      const told: string[] = [];
      sessions.on("risk", ({ id }) => void told.push(id));
      const tabs = [await signIn(browser()), await signIn(browser())];
      for (const tab of tabs) await tab.visit((session) => session.userId, AWAY);
      clock.advance(HOUR / 4);
      for (const tab of tabs) await tab.visit((session) => session.userId, AWAY);
      assert.equal(new Set(told).size, 2);
      assert.equal(told.length, 2);
    },
  },
];
