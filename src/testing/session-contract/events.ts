/** What is told of sessions, in the order it happened, and what is counted whether anybody listens or not. */
import assert from "node:assert/strict";
import { EVENT_NAMES } from "../../core/event-table.ts";
import type { EventName, SessionEvents } from "../../core/event-types.ts";
import type { SessionAdmin } from "../../core/manager-types.ts";
import { formatToken, newSecrets, newSessionId } from "../../core/token.ts";
import { HeadersSentError } from "../../errors.ts";
import type { TestBrowser } from "../browser.ts";
import { seededRandom } from "../clock.ts";
import type { Case } from "./case.ts";
import { HOUR, MINUTE } from "./world.ts";

const POST = { method: "POST" } as const;
const FORGED = { ...POST, headers: { "sec-fetch-site": "cross-site" } } as const;
const MEASURING: ReadonlySet<EventName> = new Set(["loaded", "committed", "storeCall"]);

/** Notes every event as a line, but those that only measure. */
function listen(sessions: SessionAdmin): string[] {
  const told: string[] = [];
  for (const event of EVENT_NAMES.filter((name) => !MEASURING.has(name))) {
    sessions.on(event, (detail) => told.push([event, ...tellingParts(detail)].join(" ")));
  }
  return told;
}

/** The parts that are the same in every run. */
function tellingParts(detail: SessionEvents[EventName]): readonly string[] {
  const words: Readonly<Record<string, unknown>> = { ...detail };
  return ["reason", "userId", "by", "over", "during", "operation"]
    .filter((key) => key in words)
    .map((key) => (typeof words[key] === "string" ? words[key] : "-"));
}

/** A browser with a token of our form that nobody issued. */
function guess(tab: TestBrowser, random: (bytes: number) => Uint8Array): void {
  const token = { id: newSessionId(random), secret: newSecrets(random).secret };
  tab.jar.set("__Host-Http-sid", formatToken(token));
}

export const events: readonly Case[] = [
  {
    name: "what happens to sessions is told in the order it happened, with who did it",
    needs: ["noRevival", "revokeUser"],
    async run({ sessions, browser, clock }) {
      const told = listen(sessions);
      const tab = browser();
      await tab.visit((session) => session.set("cart", 1), POST);
      await tab.visit((session) => session.login("ada"), POST);
      clock.advance(16 * MINUTE);
      const stale = tab.copy();
      await tab.visit((session) => session.userId);
      await tab.visit((session) => session.userId);
      clock.advance(2 * MINUTE);
      await stale.visit((session) => session.userId);
      await tab.visit((session) => session.renew(), POST);
      await tab.visit((session) => session.set("x", 1), FORGED);
      const old = tab.copy();
      await tab.visit((session) => session.logout(), POST);
      await old.visit((session) => session.userId);
      await tab.visit((session) => session.login("ada"), POST);
      await sessions.revokeAll("ada", { by: "root" });
      assert.deepEqual(told, [
        "created -",
        "ended replaced - ada",
        "created ada",
        "rotated ada",
        "theft ada",
        "rejected superseded ada",
        "renewed ada",
        "csrfDenied cross_origin",
        "ended logged-out ada ada",
        "rejected logged-out -",
        "created ada",
        "ended revoked ada root",
      ]);
    },
  },
  {
    name: "an end is told with who caused it: at a login and a limit who signed in, at an expiry nobody",
    needs: ["noRevival", "userIndex"],
    options: { sessionsPerUser: { max: 1, over: "evict-oldest" } },
    async run({ sessions, browser, clock }) {
      const told = listen(sessions);
      await browser().visit((session) => session.login("ada"), POST);
      clock.advance(1);
      const tab = browser();
      await tab.visit((session) => session.login("ada"), POST);
      clock.advance(HOUR);
      await tab.visit((session) => session.userId);
      const { value: id = "" } = await browser().visit(async (session) => {
        await session.login("ada");
        return session.id;
      }, POST);
      await sessions.revoke("ada", id);
      await browser().visit((session) => session.login("ada"), POST);
      clock.advance(HOUR);
      await browser().visit((session) => session.login("ada"), POST);
      assert.deepEqual(told, [
        "created ada",
        "limitReached ada evict-oldest",
        "ended limit ada ada",
        "created ada",
        "ended idle ada -",
        "rejected idle -",
        "created ada",
        "ended revoked ada -",
        "created ada",
        "ended idle ada -",
        "created ada",
      ]);
    },
  },
  {
    name: "a login refused at the limit is told",
    needs: ["userIndex"],
    options: { sessionsPerUser: { max: 1, over: "refuse" } },
    async run({ sessions, browser }) {
      const told = listen(sessions);
      await browser().visit((session) => session.login("ada"), POST);
      assert.equal((await browser().visit((session) => session.login("ada"), POST)).status, 403);
      assert.deepEqual(told, ["created ada", "limitReached ada refuse"]);
    },
  },
  {
    name: "a forged login is told when it is refused, and a request that only carried the verdict is not",
    async run({ sessions, browser }) {
      const told = listen(sessions);
      await browser().visit(() => "webhook", FORGED);
      assert.deepEqual(told, []);
      assert.equal((await browser().visit((session) => session.login("ada"), FORGED)).status, 403);
      assert.deepEqual(told, ["csrfDenied cross_origin"]);
    },
  },
  {
    name: "an operation of the store that fails is told once, however often it was tried",
    options: { storeTimeout: "50ms" },
    async run({ sessions, browser, faults }) {
      const tab = browser();
      await tab.visit((session) => session.login("ada"), POST);
      const told = listen(sessions);
      const tries: string[] = [];
      sessions.on("storeCall", ({ operation, outcome }) => tries.push(`${operation} ${outcome}`));
      const over = faults.outage();
      await tab.visit((session) => session.userId);
      assert.deepEqual([told, tries], [["storeFailed load"], ["load unavailable"]]);
      await assert.rejects(sessions.revokeAll("ada"));
      assert.deepEqual(told.splice(1), ["storeFailed deleteByUser"]);
      over();
      const hang = faults.next("save", "hang");
      assert.equal((await tab.visit((session) => session.set("x", 1), POST)).status, 503);
      await hang.release();
      assert.deepEqual(told.splice(1), ["storeFailed save"]);
      assert.deepEqual(tries.slice(1), ["deleteByUser unavailable", "load ok", "save timeout"]);
    },
  },
  {
    name: "of two requests that write, the second meets a conflict, is applied again, and both are told",
    needs: ["cas"],
    async run({ sessions, browser, another }) {
      const tab = browser();
      await tab.visit((session) => session.set("first", 1), POST);
      const other = another();
      const told = [sessions, other].map(listen);
      const replays: number[] = [];
      sessions.on("committed", (detail) => replays.push(detail.replays));
      const { status } = await tab.visit(async (session) => {
        await tab.copy(other).visit((sibling) => sibling.set("second", 2), POST);
        session.set("third", 3);
      }, POST);
      assert.deepEqual([status, told, replays], [200, [["conflict commit"], []], [1]]);
    },
  },
  {
    name: "a write after the headers is refused and told",
    async run({ sessions, browser }) {
      const told = listen(sessions);
      const tab = browser();
      await tab.visit((session) => session.login("ada"), POST);
      const { value: late } = await tab.visit((session) => () => session.set("x", 1), POST);
      assert.throws(() => late?.(), HeadersSentError);
      assert.deepEqual(told, ["created ada", "headersSent ada set"]);
    },
  },
  {
    name: "a session that was looked up is told with how that went; a request without a token is not",
    needs: ["revokeUser"],
    async run({ sessions, browser, faults }) {
      const told: string[] = [];
      const tab = browser();
      await tab.visit((session) => session.login("ada"), POST);
      sessions.on("loaded", ({ outcome }) => told.push(outcome));
      await browser().visit((session) => session.userId);
      await tab.visit((session) => session.userId);
      faults.next("load", "lost");
      await tab.visit((session) => session.userId);
      await sessions.revokeAll("ada");
      await tab.visit((session) => session.userId);
      assert.deepEqual(told, ["found", "failed", "absent"]);
    },
  },
  {
    name: "1,000 guessed tokens count 1,000, heard or not, and neither they nor 1,000 pieces of junk leave a row",
    async run({ sessions, browser, counts }) {
      const random = seededRandom(1);
      const guesses = async (): Promise<void> => {
        for (let time = 0; time < 500; time++) {
          const tab = browser();
          guess(tab, random);
          await tab.visit((session) => session.userId);
          tab.jar.set("__Host-Http-sid", `junk ${time}`);
          await tab.visit((session) => session.userId);
        }
      };
      await guesses();
      const told = listen(sessions);
      await guesses();
      const { malformed, unknown, ...others } = sessions.counts().rejected;
      assert.deepEqual([malformed, unknown], [1000, 1000]);
      assert.deepEqual(new Set(Object.values(others)), new Set([0]));
      assert.equal(told.filter((line) => line === "rejected unknown -").length, 500);
      assert.equal(told.filter((line) => line === "rejected malformed -").length, 500);
      assert.deepEqual(counts.calls, { load: 1000 });
    },
  },
  {
    name: "a listener that fails breaks no request and keeps no other from hearing",
    async run({ sessions, browser }) {
      const warned: string[] = [];
      const note = (warning: Error): void => void warned.push(String(warning));
      process.on("warning", note);
      for (const event of EVENT_NAMES) {
        sessions.on(event, () => {
          throw new Error("a broken listener");
        });
      }
      const told = listen(sessions);
      const tab = browser();
      assert.equal((await tab.visit((session) => session.login("ada"), POST)).status, 200);
      assert.equal((await tab.visit((session) => session.userId)).value, "ada");
      assert.equal((await tab.visit((session) => session.logout(), POST)).status, 200);
      assert.deepEqual(told, ["created ada", "ended logged-out ada ada"]);
      await new Promise((resolve) => setImmediate(resolve));
      process.off("warning", note);
      assert.match(warned.join("\n"), /"created" failed[\s\S]*"ended" failed/);
    },
  },
];
