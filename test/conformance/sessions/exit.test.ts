/** The background sweep starts with the first request, can be stopped, and never keeps a process alive. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it, vi } from "vitest";
import { createSessions } from "../../../src/create-sessions.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import { TEST_ORIGIN, TestBrowser } from "../../../src/testing/browser.ts";
import { fakeClock } from "../../../src/testing/clock.ts";

const DAY = 86_400_000;

it("a process that used sessions and forgot to close them ends by itself", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sojourn-"));
  const from = (path: string): string =>
    JSON.stringify(new URL(`../../../src/${path}`, import.meta.url).href);
  const program = `
    import { createSessions } from ${from("create-sessions.ts")};
    import { sqliteStore } from ${from("stores/sqlite.ts")};
    import { TestBrowser } from ${from("testing/browser.ts")};
    const sessions = createSessions({ store: sqliteStore(${JSON.stringify(join(folder, "s.db"))}), origin: "${TEST_ORIGIN}" });
    await new TestBrowser(sessions).visit((session) => session.set("x", 1), { method: "POST" });
    console.log("used");
  `;
  const ran = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], {
    timeout: 20_000,
  });
  expect(ran.stdout).toBe("used\n");
  await rm(folder, { recursive: true });
});

it("expired sessions are ended in the background once requests have begun, and no longer after close", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const clock = fakeClock();
  const store = memoryStore();
  const sessions = createSessions({ store, origin: TEST_ORIGIN, mode: "development", clock: clock.now });
  const ended: string[] = [];
  sessions.on("ended", ({ reason }) => ended.push(reason));
  expect(vi.getTimerCount()).toBe(0);
  for (let visitor = 0; visitor < 100; visitor++) {
    await new TestBrowser(sessions).visit((session) => session.set("n", visitor), { method: "POST" });
  }
  expect(vi.getTimerCount()).toBe(1);
  clock.advance(8 * DAY);
  vi.advanceTimersByTime(75_000);
  await vi.waitUntil(() => ended.length === 100);
  expect(ended).toEqual(Array.from({ length: 100 }, () => "idle"));
  await vi.waitUntil(() => vi.getTimerCount() === 1);
  await sessions.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});
