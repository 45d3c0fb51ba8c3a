/** What is left of the promises where a store lacks a guarantee: every case that does not name it holds without it. */
import { describe, expect, it } from "vitest";
import { createSessions } from "../../../src/create-sessions.ts";
import { TEST_ORIGIN, TestBrowser } from "../../../src/testing/browser.ts";
import { sessionContract } from "../../../src/testing/session-contract/index.ts";
import { guaranteesOf, WEAKNESSES, type Weakness, weakStore } from "../support/weaker.ts";

const POST = { method: "POST" } as const;

function weakest(lacks: Weakness["lacks"]): Weakness {
  const found = WEAKNESSES.find((weakness) => weakness.lacks === lacks);
  if (!found) throw new Error(`no store lacks ${lacks}`);
  return found;
}

describe.each(WEAKNESSES)("a store that $name", (weakness) => {
  const cases = sessionContract({
    open: async () => weakStore(weakness),
    guarantees: guaranteesOf(weakness),
  });

  it("keeps every promise that does not need more", async () => {
    const broken: string[] = [];
    for (const { name, run } of cases.filter(({ skip }) => skip === undefined)) {
      await run().catch((error: unknown) => broken.push(`${name}: ${String(error)}`));
    }
    expect(broken).toEqual([]);
  });

  it("is excused from some, with the guarantee as the reason", () => {
    const reasons = new Set(cases.map(({ skip }) => skip).filter((skip) => skip !== undefined));
    expect([...reasons]).toEqual([`the store does not guarantee ${weakness.lacks}`]);
  });
});

describe("what cannot be answered without an index", () => {
  it("is refused with a code that says so, and does nothing", async () => {
    const store = weakStore(weakest("userIndex"));
    await using sessions = createSessions({ store, origin: TEST_ORIGIN, accept: ["userIndex"] });
    const tab = new TestBrowser(sessions);
    await tab.visit((session) => session.login("ada"), POST);
    const lack = { code: "STORE_LACKS", status: 501, operation: "listByUser", guarantee: "userIndex" };
    await expect(sessions.list("ada")).rejects.toMatchObject(lack);
    const acting = await tab.visit((session) => session.actAs("bob"), POST);
    expect(acting.error).toMatchObject({ ...lack, operation: "actAs" });
    expect((await tab.visit((session) => [session.userId, session.actor])).value).toEqual(["ada", null]);
  });

  it("leaves erasure alone: nobody acts for anybody", async () => {
    const store = weakStore(weakest("userIndex"));
    await using sessions = createSessions({ store, origin: TEST_ORIGIN, accept: ["userIndex"] });
    const tab = new TestBrowser(sessions);
    await tab.visit((session) => session.login("ada"), POST);
    expect(await sessions.erase("ada")).toBe(1);
    expect((await tab.visit((session) => session.userId)).value).toBeNull();
  });
});

it("an operation that a store cannot do is no outage: it fails at once, with the store's own error", async () => {
  const store = weakStore(weakest("revokeUser"));
  await using sessions = createSessions({ store, origin: TEST_ORIGIN, accept: ["revokeUser"] });
  const failures: unknown[] = [];
  sessions.on("storeFailed", (detail) => failures.push(detail));
  const lack = { code: "STORE_LACKS", guarantee: "revokeUser" };
  await expect(sessions.revokeAll("ada")).rejects.toMatchObject(lack);
  await expect(sessions.erase("ada")).rejects.toMatchObject(lack);
  expect(failures).toEqual([]);
});
