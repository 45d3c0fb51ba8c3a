/** A rolling deployment: processes of two versions of an application write into the same sessions of one SQLite file. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createSessions } from "../../../src/create-sessions.ts";
import { TestBrowser } from "../../../src/testing/browser.ts";
import { shopOf } from "./version-shop.ts";

async function said(child: ChildProcess): Promise<unknown> {
  const [message] = (await once(child, "message")) as unknown[];
  return message;
}

it("nobody is logged out, and nothing that either version wrote is lost", { timeout: 30_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "sojourn-"));
  const path = join(folder, "sessions.db");
  const first = createSessions(shopOf(1, path));
  const tabs = await Promise.all(
    ["ada", "bob"].map(async (user) => {
      const tab = new TestBrowser(first);
      await tab.visit(
        async (session) => {
          await session.login(user);
          session.set("name", user);
        },
        { method: "POST" },
      );
      return tab;
    }),
  );
  const children = [1, 2, 1, 2].map((version, worker) => {
    const child = fork(new URL("version-worker.ts", import.meta.url), { stdio: "inherit" });
    child.send({ path, jars: tabs.map((tab) => [...tab.jar]), version, worker, rounds: 5 });
    return child;
  });
  for (const ready of await Promise.all(children.map(said))) expect(ready).toBe("ready");
  const reports = children.map(said);
  for (const child of children) child.send("go");
  expect(new Set((await Promise.all(reports)).flat())).toEqual(new Set([200]));

  const second = createSessions(shopOf(2, path));
  for (const tab of tabs) {
    const { value } = await tab.copy(second).visit((session) => ({
      user: session.userId,
      greeting: session.get("greeting"),
      count: session.get("count"),
      keys: session.keys().filter((key) => key.startsWith("round-")).length,
    }));
    const user = String(value?.user);
    expect(value).toEqual({ user, greeting: `Hello ${user}`, count: 20, keys: 20 });
    expect((await tab.visit((session) => session.get("name"))).value).toBe(user);
  }
  await Promise.all([first.close(), second.close()]);
  await rm(folder, { recursive: true });
});
