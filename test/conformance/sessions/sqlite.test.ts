/** The promises about sessions, on the SQLite store. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSessions } from "../../../src/create-sessions.ts";
import { sqliteStore } from "../../../src/stores/sqlite.ts";
import { TEST_ORIGIN, TestBrowser } from "../../../src/testing/browser.ts";
import { sessionContract } from "../../../src/testing/session-contract/index.ts";

describe("sessions in SQLite", () => {
  let folder = "";
  let opened = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sojourn-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const open = async () => {
    opened += 1;
    return sqliteStore(join(folder, `${opened}.db`));
  };
  for (const { name, run } of sessionContract({ open })) it(name, run);

  it("of two managers lie in one file, opened by each for itself, and neither finds the other's", async () => {
    const path = join(folder, "shared.db");
    const make = (name: string) =>
      createSessions({ store: sqliteStore(path), origin: TEST_ORIGIN, cookie: { name } });
    await using site = make("site");
    await using staff = make("staff");
    const tab = new TestBrowser(site);
    await tab.visit((session) => session.login("1"), { method: "POST" });
    const there = new TestBrowser(staff);
    there.jar.set("__Host-Http-staff", tab.jar.get("__Host-Http-site") ?? "");
    expect((await there.visit((session) => session.userId)).value).toBeNull();
    expect([await staff.list("1"), await staff.revokeAll("1")]).toEqual([[], 0]);
    expect((await tab.visit((session) => session.userId)).value).toBe("1");
  });
});
