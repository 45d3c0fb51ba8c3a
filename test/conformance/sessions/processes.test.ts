/** Promise 2 across processes: four of them write into one session on one SQLite file at the same time. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createSessions } from "../../../src/create-sessions.ts";
import { sqliteStore } from "../../../src/stores/sqlite.ts";
import { TEST_ORIGIN, TestBrowser } from "../../../src/testing/browser.ts";

async function said(child: ChildProcess): Promise<unknown> {
  const [message] = (await once(child, "message")) as unknown[];
  return message;
}

it("100 increments and 100 keys from four processes are all there", { timeout: 30_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "sojourn-"));
  const path = join(folder, "sessions.db");
  const sessions = createSessions<Record<string, unknown>>({ store: sqliteStore(path), origin: TEST_ORIGIN });
  const tab = new TestBrowser(sessions);
  await tab.visit((session) => session.login("ada"), { method: "POST" });
  const children = [0, 1, 2, 3].map((worker) => {
    const child = fork(new URL("worker.ts", import.meta.url), { stdio: "inherit" });
    child.send({ path, jar: [...tab.jar], worker, increments: 25 });
    return child;
  });
  for (const ready of await Promise.all(children.map(said))) expect(ready).toBe("ready");
  const reports = children.map(said);
  for (const child of children) child.send("go");
  const statuses = (await Promise.all(reports)).flat();
  expect(statuses).toEqual(Array.from({ length: 100 }, () => 200));
  const { value } = await tab.visit((session) => [session.get("count"), session.keys().length]);
  expect(value).toEqual([100, 101]);
  await sessions.close();
  await rm(folder, { recursive: true });
});
