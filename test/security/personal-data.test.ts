/**
 * Row S11: personal data is little, and goes when its owner asks. A life of several people on a store on disk, then
 * everything in its files is searched: for what was never to be stored, and for the one who was erased.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSessions } from "../../src/create-sessions.ts";
import type { SessionStore } from "../../src/stores/contract.ts";
import { fileStore } from "../../src/stores/file.ts";
import { sqliteStore } from "../../src/stores/sqlite.ts";
import { TEST_ORIGIN, TestBrowser } from "../../src/testing/browser.ts";
import { fakeClock } from "../../src/testing/clock.ts";
import { holds, remainsOf } from "../support/remains.ts";

const POST = { method: "POST" } as const;
const MINUTE = 60_000;
const AGENT = "Mozilla/5.0 (Teapot) UserAgentThatNobodyStores";
const ADDRESS = "203.0.113.77";
const FROM = { headers: { "user-agent": AGENT, "x-forwarded-for": ADDRESS } } as const;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sojourn-personal-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const STORES: readonly (readonly [string, (folder: string) => SessionStore])[] = [
  ["sqlite", (at) => sqliteStore(join(at, "sessions.db"))],
  ["file", (at) => fileStore(join(at, "sessions"))],
];

describe.each(STORES)("row S11 on the %s store", (_, open) => {
  it("stores no address and no user agent, and after erase nothing of the person", async () => {
    const clock = fakeClock();
    const sessions = createSessions<Record<string, unknown>>({
      store: open(folder),
      origin: TEST_ORIGIN,
      mode: "development",
      clock: clock.now,
    });
    const live = async (user: string): Promise<TestBrowser> => {
      const tab = new TestBrowser(sessions);
      await tab.visit((session) => session.set("cart", [`wish-of-${user}`]), { ...POST, ...FROM });
      await tab.visit((session) => session.login(user, { label: `device-of-${user}`, keep: ["cart"] }), {
        ...POST,
        ...FROM,
      });
      for (let turn = 0; turn < 3; turn++) {
        clock.advance(16 * MINUTE);
        await tab.visit((session) => session.userId, FROM);
        await tab.visit((session) => session.set("notes", `note-of-${user} `.repeat(turn * 40 + 1)), {
          ...POST,
          ...FROM,
        });
      }
      return tab;
    };
    for (const user of ["ada-lovelace", "charles-babbage"]) {
      const [first, second] = [await live(user), await live(user)];
      await first.visit((session) => session.logout(), POST);
      await second.visit((session) => session.renew(), POST);
      await second.visit((session) => session.handoff("bank", { errand: `errand-of-${user}` }), POST);
      const hint = { data: { hint: `hint-of-${user}` } };
      await new TestBrowser(sessions).visit((session) => session.beginSecondFactor(user, hint), POST);
    }
    const helper = new TestBrowser(sessions);
    await helper.visit((session) => session.login("ada-lovelace"), POST);
    await helper.visit((session) => session.actAs("charles-babbage", { label: "help" }), POST);
    expect((await sessions.list("charles-babbage")).map(({ actor }) => actor)).toContain("ada-lovelace");
    const before = remainsOf(folder);
    for (const never of [AGENT, "Teapot", ADDRESS]) expect(holds(before, never)).toBe(false);
    for (const kept of ["ada-lovelace", "hint-of-ada"]) expect(holds(before, kept)).toBe(true);
    await sessions.erase("ada-lovelace");
    const after = remainsOf(folder);
    for (const what of ["device", "wish", "note", "errand", "hint"]) {
      expect(holds(after, `${what}-of-ada`), what).toBe(false);
    }
    expect(holds(after, "ada-lovelace")).toBe(false);
    expect(holds(after, "note-of-charles-babbage")).toBe(true);
    expect(await sessions.list("charles-babbage")).toHaveLength(1);
    await sessions.close();
    expect(holds(remainsOf(folder), "ada-lovelace")).toBe(false);
  });

  it("where devices and networks are asked for, keeps names and networks, and erases them", async () => {
    const sessions = createSessions<Record<string, unknown>>({
      store: open(folder),
      origin: TEST_ORIGIN,
      mode: "development",
      devices: () => ({ browser: "Teapot Browser", system: "Kettle", form: "phone" }),
      addresses: true,
      onSignal: () => "ignore",
    });
    const told: unknown[] = [];
    for (const event of ["created", "ended", "risk"] as const)
      sessions.on(event, (detail) => told.push(detail));
    for (const from of [ADDRESS, "2001:db8:aa:bb::cc"]) {
      const tab = new TestBrowser(sessions);
      await tab.visit((session) => session.login("ada-lovelace"), { ...POST, ...FROM, peer: from });
      await tab.visit((session) => session.userId, { ...FROM, peer: "198.51.100.7" });
      await tab.visit((session) => session.set("x", 1), { ...POST, ...FROM, peer: from });
    }
    const before = remainsOf(folder);
    for (const kept of ["Teapot Browser", "Kettle", "203.0.113.0/24", "2001:db8:aa::/48"]) {
      expect(holds(before, kept), kept).toBe(true);
    }
    for (const never of [AGENT, ADDRESS, "2001:db8:aa:bb", "198.51.100"]) {
      expect(holds(before, never), never).toBe(false);
    }
    await sessions.erase("ada-lovelace");
    const after = remainsOf(folder);
    for (const trace of ["Teapot", "Kettle", "203.0.113", "2001:db8:aa"]) {
      expect(holds(after, trace), trace).toBe(false);
    }
    expect(told).toHaveLength(6);
    expect(JSON.stringify(told)).not.toMatch(/203\.0\.113|2001:db8|198\.51/);
    await sessions.close();
  });
});
