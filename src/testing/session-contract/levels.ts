/** How strong a login was: kept with its session, shown in lists and events, asked for by `requireFresh`. */
import assert from "node:assert/strict";
import type { Session } from "../../core/types.ts";
import type { TestBrowser } from "../browser.ts";
import type { Case } from "./case.ts";
import { MINUTE, type Values } from "./world.ts";

const POST = { method: "POST" } as const;

async function standing(tab: TestBrowser): Promise<unknown> {
  return (await tab.visit(({ userId, level, methods }) => [userId, level, methods])).value;
}

export const levels: readonly Case[] = [
  {
    name: "methods and level are what the login said, for sessions, lists and events; a visitor has none",
    needs: ["userIndex"],
    async run({ browser, sessions, clock }) {
      const told: unknown[] = [];
      sessions.on("created", ({ userId, level, methods }) => told.push([userId, level, methods]));
      const [plain, strong] = [browser(), browser()];
      assert.deepEqual(await standing(plain), [null, 0, []]);
      await plain.visit((session) => session.set("x", 1), POST);
      assert.deepEqual(await standing(plain), [null, 0, []]);
      await plain.visit((session) => session.login("ada"), POST);
      clock.advance(1);
      await strong.visit(
        (session) => session.login("ada", { methods: ["pwd", "otp", "pwd"], level: 2 }),
        POST,
      );
      assert.deepEqual(await standing(plain), ["ada", 1, []]);
      assert.deepEqual(await standing(strong), ["ada", 2, ["pwd", "otp"]]);
      const listed = await sessions.list("ada");
      assert.deepEqual(
        listed.map(({ level, methods }) => [level, methods]),
        [
          [2, ["pwd", "otp"]],
          [1, []],
        ],
      );
      assert.deepEqual(told, [
        [null, 0, []],
        ["ada", 1, []],
        ["ada", 2, ["pwd", "otp"]],
      ]);
    },
  },
  {
    name: "a session's level never changes in place: more, or less, is a new session and the old one is dead",
    needs: ["noRevival"],
    async run({ browser }) {
      const tab = browser();
      await tab.visit((session) => session.login("ada", { methods: ["pwd"] }), POST);
      const [weak, before] = [tab.copy(), (await tab.visit((session) => session.id)).value];
      await tab.visit((session) => session.set("draft", "text"), POST);
      await tab.visit((session) => session.renew(), POST);
      assert.deepEqual(await standing(tab), ["ada", 1, ["pwd"]]);
      await tab.visit((session) => session.login("ada", { methods: ["pwd", "hwk"], level: 3 }), POST);
      assert.deepEqual(await standing(tab), ["ada", 3, ["pwd", "hwk"]]);
      assert.deepEqual(await standing(weak), [null, 0, []]);
      const after = (await tab.visit((session) => [session.id, session.get("draft")])).value;
      assert.deepEqual([after?.[0] === before, after?.[1]], [false, "text"]);
      const strong = tab.copy();
      await tab.visit((session) => session.login("ada"), POST);
      assert.deepEqual(await standing(tab), ["ada", 1, []]);
      assert.deepEqual(await standing(strong), [null, 0, []]);
    },
  },
  {
    name: "requireFresh asks for a level: a weaker login is refused with the level that is needed, a stale one for its age",
    async run({ browser, clock }) {
      const tab = browser();
      const guarded = async (level: 1 | 2 | 3): Promise<unknown> => {
        const { status, error } = await tab.visit((session) => session.requireFresh("5m", { level }));
        return [status, error?.code, error && "level" in error ? error.level : undefined];
      };
      assert.deepEqual(await guarded(2), [401, "NOT_SIGNED_IN", undefined]);
      await tab.visit((session) => session.login("ada"), POST);
      assert.deepEqual(await guarded(1), [200, undefined, undefined]);
      assert.deepEqual(await guarded(2), [401, "LEVEL_TOO_LOW", 2]);
      clock.advance(6 * MINUTE);
      assert.deepEqual(await guarded(3), [401, "LEVEL_TOO_LOW", 3]);
      assert.deepEqual(await guarded(1), [401, "STALE_LOGIN", undefined]);
      await tab.visit((session) => session.login("ada", { level: 2 }), POST);
      assert.deepEqual(await guarded(2), [200, undefined, undefined]);
      assert.deepEqual(await guarded(3), [401, "LEVEL_TOO_LOW", 3]);
      clock.advance(5 * MINUTE + 1);
      assert.deepEqual(await guarded(2), [401, "STALE_LOGIN", undefined]);
    },
  },
  {
    name: "a login that completes a pending one was proven by both, and is worth what it says itself",
    async run({ browser }) {
      const tab = browser();
      const begin = (session: Session<Values>): Promise<void> =>
        session.beginSecondFactor("ada", { methods: ["pwd"], level: 3 });
      await tab.visit(begin, POST);
      assert.deepEqual(await standing(tab), [null, 0, []]);
      await tab.visit((session) => session.login("ada", { methods: ["otp", "pwd"], level: 2 }), POST);
      assert.deepEqual(await standing(tab), ["ada", 2, ["pwd", "otp"]]);
      await tab.visit(begin, POST);
      await tab.visit((session) => session.login("ada"), POST);
      assert.deepEqual(await standing(tab), ["ada", 1, ["pwd"]]);
      await tab.visit(begin, POST);
      await tab.visit((session) => session.login("bob", { methods: ["hwk"] }), POST);
      assert.deepEqual(await standing(tab), ["bob", 1, ["hwk"]]);
    },
  },
  {
    name: "a login whose methods or level make no sense is refused, and nobody is signed in by it",
    async run({ browser }) {
      const tab = browser();
      const wrong: readonly object[] = [
        { level: 0 },
        { level: 4 },
        { level: "2" },
        { level: null },
        { methods: "pwd" },
        { methods: null },
        { methods: [""] },
        { methods: ["a b"] },
        { methods: ["x".repeat(33)] },
        { methods: [1] },
        { methods: Array.from({ length: 9 }, (_, index) => `m${index}`) },
      ];
      for (const options of wrong) {
        const { error } = await tab.visit((session) => session.login("ada", options), POST);
        assert.equal(error?.code, "INVALID_ARGUMENT", JSON.stringify(options));
      }
      const misspelt: object = { levl: 2 };
      await tab.visit((session) => session.login("ada"), POST);
      const { error } = await tab.visit((session) => session.requireFresh("5m", misspelt));
      assert.equal(error?.code, "INVALID_ARGUMENT");
    },
  },
];
