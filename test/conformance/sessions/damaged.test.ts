/** A stored session that was damaged is a fresh session and one event for its browser, and nothing for all others. */
import { mkdtemp, readdir, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createSessions } from "../../../src/create-sessions.ts";
import { fileStore } from "../../../src/stores/file.ts";
import { TEST_ORIGIN, TestBrowser } from "../../../src/testing/browser.ts";

const POST = { method: "POST" } as const;

it("a truncated session file locks nobody out", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sojourn-"));
  const sessions = createSessions({ store: fileStore(join(folder, "data")), origin: TEST_ORIGIN });
  const [mine, theirs] = [new TestBrowser(sessions), new TestBrowser(sessions)];
  await mine.visit((session) => session.login("ada"), POST);
  const { value: id = "" } = await mine.visit((session) => session.id);
  const files = await readdir(join(folder, "data", "sessions"), { recursive: true, withFileTypes: true });
  const [file, ...others] = files.filter((entry) => entry.isFile());
  expect([file !== undefined, others]).toEqual([true, []]);
  await truncate(join(file?.parentPath ?? "", file?.name ?? ""), 40);
  await theirs.visit((session) => session.login("bob"), POST);

  const undecodable: string[] = [];
  sessions.on("undecodable", (detail) => undecodable.push(detail.id));
  const seen = await mine.visit((session) => session.userId);
  expect([seen.status, seen.value, seen.setCookies, undecodable]).toEqual([200, null, [], [id]]);
  expect((await mine.visit((session) => session.login("ada"), POST)).status).toBe(200);
  expect((await mine.visit((session) => session.userId)).value).toBe("ada");
  expect((await theirs.visit((session) => session.userId)).value).toBe("bob");
  await sessions.close();
  await rm(folder, { recursive: true });
});
