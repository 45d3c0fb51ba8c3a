/**
 * Promise 4: a stolen store or log is worthless (rows I2, I5, S1, A2). Every secret made in a scenario is searched for
 * in everything that was stored, reported or printed, in every form it could take; and whatever looks like a token in
 * a dump is tried as a cookie.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSessions } from "../../src/create-sessions.ts";
import type { SessionStore } from "../../src/stores/contract.ts";
import { fileStore } from "../../src/stores/file.ts";
import { sqliteStore } from "../../src/stores/sqlite.ts";
import { TEST_ORIGIN, TestBrowser } from "../../src/testing/browser.ts";
import { fakeClock } from "../../src/testing/clock.ts";
import { formsOf } from "./support/theft.ts";

const POST = { method: "POST" } as const;
const MINUTE = 60_000;

/** The cookie values and CSRF tokens of a scenario that rotates, renews, logs in and out. */
async function scenario(
  store: SessionStore,
): Promise<{ tokens: Set<string>; printed: string; live: TestBrowser }> {
  const clock = fakeClock();
  const sessions = createSessions<Record<string, unknown>>({
    store,
    origin: TEST_ORIGIN,
    mode: "development",
    clock: clock.now,
  });
  const printed: string[] = [];
  const spies = (["log", "info", "warn", "error", "debug"] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((...args) => void printed.push(inspect(args, { depth: 9 }))),
  );
  for (const event of ["created", "ended", "theft", "csrfDenied", "undecodable"] as const) {
    sessions.on(event, (detail) => printed.push(inspect(detail, { depth: 9 })));
  }
  const tokens = new Set<string>();
  const tab = new TestBrowser(sessions);
  const note = (): void => {
    for (const value of tab.jar.values()) tokens.add(value);
  };
  const step = async (...args: Parameters<TestBrowser["visit"]>): Promise<void> => {
    const visited = await tab.visit(...args);
    note();
    printed.push(inspect([visited.error, await sessions.list("ada")], { depth: 9 }));
  };
  await step((session) => void tokens.add(session.csrfToken()));
  await step((session) => session.set("cart", ["tea"]), POST);
  await step((session) => session.login("ada", { label: "laptop" }), POST);
  const old = tab.copy();
  await step((session) => session.renew(), POST);
  for (let turn = 0; turn < 4; turn++) {
    clock.advance(16 * MINUTE);
    await step((session) => session.userId);
    await step((session) => session.userId);
  }
  await old.visit((session) => session.set("late", 1), POST);
  await step((session) => session.set("x", 1), { ...POST, headers: { "sec-fetch-site": "cross-site" } });
  await step((session) => session.set("x", () => {}), POST);
  printed.push(inspect(sessions, { depth: 9, showHidden: true }), inspect(sessions.describe(), { depth: 9 }));
  await tab.visit((session) => void printed.push(inspect(session, { depth: 9, showHidden: true })));
  for (const spy of spies) spy.mockRestore();
  return { tokens, printed: printed.join("\n"), live: tab };
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

describe.each<[string, (folder: string) => SessionStore]>([
  ["SQLite", (folder) => sqliteStore(join(folder, "sessions.db"))],
  ["files", (folder) => fileStore(join(folder, "sessions"))],
])("a stolen copy of %s", (_, open) => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sojourn-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("holds no secret in any form, and nothing in it opens a session", async () => {
    const store = open(folder);
    const { tokens, live } = await scenario(store);
    expect(tokens.size).toBeGreaterThan(5);
    const files = await filesBelow(folder);
    const contents = await Promise.all(files.map((file) => readFile(file)));
    const dump = Buffer.concat([...contents, Buffer.from(files.join("\n"))]);
    for (const token of tokens) for (const form of formsOf(token)) expect(dump.includes(form)).toBe(false);

    const [name = ""] = live.jar.keys();
    const texts = new Set(dump.toString("latin1").match(/[A-Za-z0-9_-]{64}/g));
    for (let at = 0; at + 48 <= Math.min(dump.length, 60_000); at += 1)
      texts.add(dump.subarray(at, at + 48).toString("base64url"));
    const thief = live.copy();
    for (const candidate of texts) {
      thief.jar.set(name, candidate);
      expect((await thief.visit((session) => session.userId)).value).toBeNull();
    }
    expect((await live.visit((session) => session.userId)).value).toBe("ada");
    await store.close();
  });

  it("goes with logs, events, errors and inspected objects that hold no secret either", async () => {
    const store = open(folder);
    const { tokens, printed } = await scenario(store);
    const text = Buffer.from(printed);
    for (const token of tokens) for (const form of formsOf(token)) expect(text.includes(form)).toBe(false);
    expect(printed).toContain("laptop");
    await store.close();
  });
});
