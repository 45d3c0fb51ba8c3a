/** Rows L6 and N1: what strangers send costs no rows, and what makes no sense costs no store call. */
import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { createSessions } from "../../src/create-sessions.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { TEST_ORIGIN, TestBrowser } from "../../src/testing/browser.ts";
import { countCalls } from "../../src/testing/counting-store.ts";

const COOKIE = "__Host-Http-sid";

function counted() {
  const { store, counts } = countCalls(memoryStore());
  return { counts, sessions: createSessions({ store, origin: TEST_ORIGIN, mode: "development" }) };
}

it("L6: 10,000 visits of strangers leave no row and no cookie", async () => {
  const { sessions, counts } = counted();
  for (let visit = 0; visit < 10_000; visit++) {
    const { setCookies } = await new TestBrowser(sessions).visit((session) => session.get("cart"));
    expect(setCookies).toEqual([]);
  }
  expect(counts.calls).toEqual({});
});

it("L6: 10,000 logouts with made-up cookies leave no row and set no cookie", async () => {
  const { sessions, counts } = counted();
  for (let visit = 0; visit < 10_000; visit++) {
    const tab = new TestBrowser(sessions, new Map([[COOKIE, randomBytes(48).toString("base64url")]]));
    const { setCookies, status } = await tab.visit((session) => session.logout(), { method: "POST" });
    expect([setCookies, status]).toEqual([[], 200]);
  }
  expect(counts.calls).toEqual({ load: 10_000 });
});

it("N1: junk in the cookie costs no store call", async () => {
  const { sessions, counts } = counted();
  for (let length = 0; length < 300; length++) {
    const tab = new TestBrowser(sessions, new Map([[COOKIE, randomBytes(length).toString("latin1")]]));
    await tab.visit((session) => session.userId);
  }
  expect(counts.calls).toEqual({});
});

it("C12: of several cookies of one name the valid one counts, in any order, and at most four are tried", async () => {
  const { sessions, counts } = counted();
  const tab = new TestBrowser(sessions);
  await tab.visit((session) => session.login("ada"), { method: "POST" });
  const good = `${COOKIE}=${tab.jar.get(COOKIE)}`;
  const bad = (): string => `${COOKIE}=${randomBytes(48).toString("base64url")}`;
  const userOf = async (cookie: string) =>
    (await new TestBrowser(sessions).visit((session) => session.userId, { headers: { cookie } })).value;
  expect(await userOf(`${bad()}; ${good}`)).toBe("ada");
  expect(await userOf(`${good}; ${bad()}`)).toBe("ada");
  counts.reset();
  expect(await userOf([bad(), bad(), bad(), bad(), good].join("; "))).toBeNull();
  expect(counts.calls).toEqual({ load: 4 });
});
