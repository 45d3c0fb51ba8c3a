/** Acting on behalf of somebody: both are named, it is bounded, it steps nothing up, and the own session comes back. */
import assert from "node:assert/strict";
import type { Session } from "../../core/types.ts";
import { header } from "../../transports/header.ts";
import type { TestBrowser } from "../browser.ts";
import type { Case } from "./case.ts";
import { HOUR, MINUTE, type Values } from "./world.ts";

const POST = { method: "POST" } as const;
export const OWN = "__Host-Http-sid";
export const ACTING = "__Host-Http-sid-acting";

/** A browser in which ada, of the help desk, acts for bob. */
export async function actingFor(
  browser: () => TestBrowser,
  options?: Parameters<Session<Values>["actAs"]>[1],
): Promise<TestBrowser> {
  const tab = browser();
  await tab.visit((session) => session.login("ada", { level: 2, methods: ["pwd", "otp"] }), POST);
  const began = await tab.visit((session) => session.actAs("bob", options), POST);
  assert.equal(began.error, null);
  return tab;
}

/** Whose session a browser has, and who acts in it. */
export async function whoIn(tab: TestBrowser): Promise<unknown> {
  return (await tab.visit(({ userId, actor }) => [userId, actor])).value;
}

export const acting: readonly Case[] = [
  {
    name: "who acts for somebody has a session of theirs beside the own one, which comes back as it was",
    needs: ["userIndex"],
    async run({ browser }) {
      const tab = browser();
      await tab.visit((session) => session.login("ada", { level: 2, methods: ["pwd", "otp"] }), POST);
      await tab.visit((session) => session.set("draft", "mine"), POST);
      const [before, own] = [(await tab.visit((session) => session.id)).value, tab.jar.get(OWN)];
      const began = await tab.visit(async (session) => {
        session.flash("notice", "for ada");
        await session.actAs("bob", { label: "ticket 7" });
        session.set("cart", ["tea"]);
        return [session.userId, session.actor, session.get("draft"), session.flashes()];
      }, POST);
      assert.deepEqual(began.value, ["bob", "ada", undefined, []]);
      assert.match(
        began.setCookies.join(),
        new RegExp(`^${ACTING}=[^;]{64}; Path=/; Secure; HttpOnly; SameSite=Lax$`),
      );
      const seen = await tab.visit((session) => [
        session.userId,
        session.actor,
        session.id === before,
        session.get("cart"),
        session.level,
        session.methods,
        session.authenticatedAt,
        session.requireUser(),
      ]);
      assert.deepEqual(seen.value, ["bob", "ada", false, ["tea"], 0, [], null, "bob"]);
      assert.equal(tab.jar.get(OWN), own);
      const stopped = await tab.visit(async (session) => {
        await session.stopActing();
        session.set("note", "back");
        return [session.userId, session.actor, session.id === before, session.get("draft"), session.level];
      }, POST);
      assert.deepEqual(stopped.value, ["ada", null, true, "mine", 2]);
      assert.deepEqual([...tab.jar], [[OWN, own]]);
      const after = await tab.visit((session) => [
        session.get("note"),
        session.get("cart"),
        session.flashes(),
      ]);
      assert.deepEqual(after.value, ["back", undefined, [{ kind: "notice", message: "for ada" }]]);
    },
  },
  {
    name: "it ends after 30 minutes, or as long as was said, however much it is used; 4 hours at most",
    needs: ["userIndex"],
    options: { rotation: false },
    async run({ browser, clock }) {
      for (const [options, minutes] of [
        [undefined, 30],
        [{ for: "2h" }, 120],
        [{ for: "5m" }, 5],
      ] as const) {
        const tab = await actingFor(browser, options);
        const end = clock.now() + minutes * MINUTE;
        while (clock.now() < end - 4 * MINUTE) {
          clock.advance(4 * MINUTE);
          assert.deepEqual(await whoIn(tab), ["bob", "ada"]);
        }
        clock.set(end - 1);
        assert.deepEqual(await whoIn(tab), ["bob", "ada"]);
        clock.set(end);
        assert.deepEqual(await whoIn(tab), ["ada", null], "the own session was in use all the while");
      }
      const tab = browser();
      await tab.visit((session) => session.login("ada"), POST);
      const longer = await tab.visit((session) => session.actAs("bob", { for: "241m" }), POST);
      assert.equal(longer.error?.code, "INVALID_ARGUMENT");
    },
  },
  {
    name: "it never outlives the own session",
    needs: ["userIndex"],
    options: { rotation: false, absoluteTimeout: "1h", idleTimeout: "1h" },
    async run({ browser, sessions, clock }) {
      const tab = browser();
      await tab.visit((session) => session.login("ada"), POST);
      clock.advance(40 * MINUTE);
      await tab.visit((session) => session.actAs("bob"), POST);
      const [listed] = await sessions.list("bob");
      assert.equal(listed?.authenticatedAt, clock.now() - 40 * MINUTE, "when the actor signed in");
      const { value: until } = await tab.visit((session) => session.expiresAt);
      assert.equal(until, clock.now() + 20 * MINUTE);
      clock.advance(20 * MINUTE - 1);
      assert.deepEqual(await whoIn(tab), ["bob", "ada"]);
      clock.advance(1);
      assert.deepEqual(await whoIn(tab), [null, null]);
    },
  },
  {
    name: "its cookie opens nothing without the own session that it was begun in, and neither is taken for the other",
    needs: ["userIndex"],
    async run({ browser, counts }) {
      const tab = await actingFor(browser);
      const [own = "", acting = ""] = [tab.jar.get(OWN), tab.jar.get(ACTING)];
      const other = browser();
      await other.visit((session) => session.login("ada"), POST);
      const eve = browser();
      await eve.visit((session) => session.login("eve"), POST);
      const jars: readonly (readonly [jar: Record<string, string>, who: unknown])[] = [
        [{ [ACTING]: acting }, [null, null]],
        [{ [OWN]: acting }, [null, null]],
        [{ [ACTING]: own }, [null, null]],
        [{ [OWN]: own, [ACTING]: own }, ["ada", null]],
        [{ [OWN]: other.jar.get(OWN) ?? "", [ACTING]: acting }, ["ada", null]],
        [{ [OWN]: eve.jar.get(OWN) ?? "", [ACTING]: acting }, ["eve", null]],
        [{ "__Host-Http-anon": acting }, [null, null]],
        [{ [OWN]: own, [ACTING]: acting }, ["bob", "ada"]],
      ];
      for (const [jar, who] of jars) {
        const thief = browser();
        for (const [name, value] of Object.entries(jar)) thief.jar.set(name, value);
        assert.deepEqual(await whoIn(thief), who, Object.keys(jar).join());
      }
      counts.reset();
      await whoIn(tab);
      assert.deepEqual(counts.calls, { load: 2 });
      await tab.visit((session) => session.stopActing(), POST);
      counts.reset();
      await whoIn(tab);
      assert.deepEqual(counts.calls, { load: 1 });
    },
  },
  {
    name: "nothing is stepped up while acting: no fresh login, no login, no second factor, nobody further",
    needs: ["userIndex"],
    async run({ browser }) {
      const tab = await actingFor(browser);
      const refused: readonly ((session: Session<Values>) => unknown)[] = [
        (session) => session.requireFresh(),
        (session) => session.requireFresh("1h", { level: 1 }),
        (session) => session.login("ada"),
        (session) => session.login("bob", { level: 3 }),
        (session) => session.actAs("cy"),
        (session) => session.beginSecondFactor("bob"),
      ];
      for (const act of refused) {
        const { status, error, setCookies } = await tab.visit(
          async (session) => void (await act(session)),
          POST,
        );
        assert.deepEqual([status, error?.code, setCookies], [403, "ACTING", []], String(act));
      }
      assert.deepEqual(await whoIn(tab), ["bob", "ada"]);
      await tab.visit((session) => session.renew(), POST);
      assert.deepEqual(await whoIn(tab), ["bob", "ada"]);
    },
  },
  {
    name: "only who is signed in may act, for somebody else, and with what makes sense",
    needs: ["userIndex"],
    async run({ browser }) {
      const tab = browser();
      const begin = async (userId: string, options?: object): Promise<unknown> =>
        (await tab.visit((session) => session.actAs(userId, options), POST)).error?.code;
      assert.equal(await begin("bob"), "NOT_SIGNED_IN");
      await tab.visit((session) => session.login("ada"), POST);
      for (const userId of ["ada", "", "\u001fbob", "\ud800"])
        assert.equal(await begin(userId), "INVALID_ARGUMENT");
      for (const options of [
        { for: 0 },
        { for: "soon" },
        { label: 7 },
        { label: "x".repeat(201) },
        { until: 1 },
      ]) {
        assert.equal(await begin("bob", options), "INVALID_ARGUMENT", JSON.stringify(options));
      }
      assert.deepEqual([await whoIn(tab), [...tab.jar.keys()]], [["ada", null], [OWN]]);
      const stopped = await tab.visit((session) => session.stopActing(), POST);
      assert.deepEqual([stopped.status, stopped.setCookies, await whoIn(tab)], [200, [], ["ada", null]]);
    },
  },
  {
    name: "the person sees it in the list with its actor; it takes no place of their sessions and pushes none out",
    needs: ["userIndex"],
    options: { sessionsPerUser: { max: 2, over: "evict-oldest" } },
    async run({ browser, sessions, clock }) {
      const devices: TestBrowser[] = [];
      const signIn = async (): Promise<void> => {
        clock.advance(1);
        const device = browser();
        devices.push(device);
        await device.visit((session) => session.login("bob"), POST);
      };
      await signIn();
      clock.advance(1);
      const tab = await actingFor(browser, { label: "ticket 7" });
      await signIn();
      const listed = await sessions.list("bob", {
        current: (await tab.visit((session) => session.id)).value ?? "",
      });
      assert.deepEqual(
        listed.map(({ userId, actor, label, current, level }) => [userId, actor, label, current, level]),
        [
          ["bob", null, null, false, 1],
          ["bob", "ada", "ticket 7", true, 0],
          ["bob", null, null, false, 1],
        ],
      );
      const paged: string[] = [];
      for (let after = ""; paged.length < 3; ) {
        const [one] = await sessions.list("bob", { limit: 1, ...(after && { after }) });
        after = one?.id ?? "";
        paged.push(after);
      }
      assert.deepEqual(
        paged,
        listed.map(({ id }) => id),
      );
      assert.deepEqual(
        (await sessions.list("ada")).map(({ actor }) => actor),
        [null],
      );
      await signIn();
      assert.deepEqual(await Promise.all(devices.map(whoIn)), [
        [null, null],
        ["bob", null],
        ["bob", null],
      ]);
      assert.deepEqual(await whoIn(tab), ["bob", "ada"]);
    },
  },
  {
    name: "events name both, from the beginning to the end, and who ended it",
    needs: ["noRevival", "userIndex", "sweep"],
    async run({ browser, sessions, clock }) {
      const told: unknown[] = [];
      sessions.on("created", ({ userId, actor, label }) => told.push(["created", userId, actor, label]));
      sessions.on("ended", ({ userId, actor, reason, by }) => told.push([reason, userId, actor, by]));
      const tab = await actingFor(browser, { label: "ticket 7" });
      await tab.visit((session) => session.stopActing(), POST);
      await tab.visit((session) => session.actAs("bob"), POST);
      clock.advance(HOUR);
      await sessions.sweep();
      assert.deepEqual(told.slice(0, 4), [
        ["created", "ada", null, null],
        ["created", "bob", "ada", "ticket 7"],
        ["logged-out", "bob", "ada", "ada"],
        ["created", "bob", "ada", null],
      ]);
      assert.deepEqual(
        told.slice(4).filter((each) => JSON.stringify(each).includes("bob")),
        [["absolute", "bob", "ada", null]],
      );
    },
  },
  {
    name: "managers of one store keep theirs apart, and a client that keeps its token itself cannot act",
    needs: ["revokeUser", "userIndex"],
    options: { transports: ["cookie", header()] },
    async run({ browser, another, client, sessions }) {
      const desk = another({ cookie: { name: "desk" }, transports: ["cookie"] });
      const tab = browser().copy(desk);
      await tab.visit((session) => session.login("ada"), POST);
      await tab.visit((session) => session.actAs("bob"), POST);
      assert.deepEqual([...tab.jar.keys()], ["__Host-Http-desk", "__Host-Http-desk-acting"]);
      assert.deepEqual(await whoIn(tab), ["bob", "ada"]);
      assert.deepEqual([(await desk.list("bob")).length, (await sessions.list("bob")).length], [1, 0]);
      assert.equal(await sessions.revokeAll("bob"), 0);
      assert.equal(await desk.revokeAll("bob"), 1);
      const native = client();
      await native.visit((session) => session.login("ada"), POST);
      const refused = await native.visit((session) => session.actAs("bob"), POST);
      assert.equal(refused.error?.code, "UNDELIVERABLE_TOKEN");
    },
  },
  {
    name: "tokens of forms are for the one or the other: what was rendered while acting changes nothing of the own account",
    needs: ["userIndex"],
    async run({ browser }) {
      const tab = browser();
      await tab.visit((session) => session.login("ada"), POST);
      const mine = (await tab.visit((session) => session.csrfToken())).value ?? "";
      await tab.visit((session) => session.actAs("bob"), POST);
      const theirs = (await tab.visit((session) => session.csrfToken())).value ?? "";
      const write = (token: string): Promise<number> =>
        tab
          .visit((session) => session.set("x", 1), { ...POST, headers: { "x-csrf-token": token } })
          .then(({ status }) => status);
      assert.deepEqual([await write(theirs), await write(mine)], [200, 403]);
      await tab.visit((session) => session.stopActing(), POST);
      assert.deepEqual([await write(theirs), await write(mine)], [403, 200]);
    },
  },
  {
    name: "the own secret rotates when it is due, whatever the other one's time",
    needs: ["userIndex"],
    options: { rotation: "15m" },
    async run({ browser, clock }) {
      const tab = browser();
      await tab.visit((session) => session.login("ada"), POST);
      clock.advance(14 * MINUTE);
      await tab.visit((session) => session.actAs("bob"), POST);
      clock.advance(MINUTE);
      const { setCookies } = await tab.visit((session) => session.userId);
      assert.deepEqual(
        setCookies.map((line) => line.slice(0, line.indexOf("="))),
        [OWN],
      );
      await whoIn(tab);
      clock.advance(2 * MINUTE);
      assert.deepEqual(await whoIn(tab), ["bob", "ada"]);
    },
  },
  {
    name: "both secrets rotate while somebody acts, and both copies are late",
    needs: ["userIndex"],
    options: { rotation: "15m" },
    async run({ browser, clock }) {
      const tab = await actingFor(browser, { for: "2h" });
      const before = new Map(tab.jar);
      clock.advance(15 * MINUTE);
      await whoIn(tab);
      await whoIn(tab);
      for (const name of [OWN, ACTING]) assert.notEqual(tab.jar.get(name), before.get(name), name);
      clock.advance(MINUTE);
      const thief = browser();
      for (const [name, value] of before) thief.jar.set(name, value);
      assert.deepEqual(
        [await whoIn(thief), await whoIn(tab)],
        [
          [null, null],
          ["bob", "ada"],
        ],
      );
    },
  },
];
