/** Two nodes, each with a cache of its own in front of one store, and nobody who tells them of each other's changes. */
import { describe, expect, test } from "vitest";
import type { Session } from "../../../src/core/types.ts";
import { createSessions } from "../../../src/create-sessions.ts";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import { redisStore } from "../../../src/stores/redis.ts";
import { type NearOptions, tiered } from "../../../src/stores/tiered.ts";
import { TEST_ORIGIN, TestBrowser } from "../../../src/testing/browser.ts";
import { fakeClock } from "../../../src/testing/clock.ts";
import { countCalls } from "../../../src/testing/counting-store.ts";
import { withFaults } from "../../../src/testing/faulty-store.ts";

const MAX_AGE = 10_000;
const POST = { method: "POST" } as const;

function twoNodes() {
  const clock = fakeClock();
  const { store, faults } = withFaults(memoryStore());
  const node = () => {
    const counted = countCalls(store);
    const sessions = createSessions({
      store: tiered({ maxAge: MAX_AGE }, counted.store),
      origin: TEST_ORIGIN,
      clock: clock.now,
      mode: "production",
      accept: ["clock", "durable"],
      onTheft: "end",
    });
    return { sessions, counts: counted.counts };
  };
  const here = node();
  const there = node();
  const at = (tab: TestBrowser) => tab.copy(there.sessions);
  /** A browser that signed in here, and whose session was read there. */
  const signedIn = async () => {
    const tab = new TestBrowser(here.sessions);
    await tab.visit((session) => session.login("ada"), POST);
    await at(tab).visit((session) => session.userId);
    there.counts.reset();
    return tab;
  };
  return { here, there, at, clock, faults, signedIn };
}

const whose = async (tab: TestBrowser) => (await tab.visit((session) => session.userId)).value;

describe("a session that was read there", () => {
  test("is read again without the store, until it is as old as a copy may be", async () => {
    const { there, at, clock, signedIn } = twoNodes();
    const tab = await signedIn();
    clock.advance(MAX_AGE - 1);
    expect([await whose(at(tab)), there.counts.calls]).toEqual(["ada", {}]);
    clock.advance(1);
    expect([await whose(at(tab)), there.counts.calls]).toEqual(["ada", { load: 1 }]);
  });

  test("and revoked here is read for that long at most, and never written to", async () => {
    const { here, at, clock, signedIn } = twoNodes();
    const tab = await signedIn();
    await here.sessions.revokeAll("ada");
    expect(await whose(tab)).toBeNull();
    clock.advance(MAX_AGE - 1);
    expect(await whose(at(tab))).toBe("ada");
    const write = await at(tab).visit((session) => session.set("cart", ["tea"]), POST);
    expect(write.error).toMatchObject({ code: "SESSION_ENDED", reason: "revoked", status: 401 });
    expect(await whose(at(tab))).toBeNull(); // and whoever tried it knows
  });

  test("and revoked here is gone there when that time is over, whatever is read meanwhile", async () => {
    const { here, at, clock, signedIn } = twoNodes();
    const tab = await signedIn();
    await here.sessions.revokeAll("ada");
    const seen: unknown[] = [];
    for (let second = 0; second <= 10; second++) {
      seen.push(await whose(at(tab)));
      clock.advance(1000);
    }
    expect(seen).toEqual([...Array.from({ length: 10 }, () => "ada"), null]);
  });

  test("loses no write made here, for what was read too early is read again", async () => {
    const { at, signedIn } = twoNodes();
    const tab = await signedIn();
    const add = (item: string) => (session: Session<Record<string, unknown>>) =>
      session.update("cart", (cart) => [...(Array.isArray(cart) ? cart : []), item]);
    await tab.visit(add("tea"), POST);
    await at(tab).visit(add("milk"), POST);
    expect((await tab.visit((session) => session.get("cart"))).value).toEqual(["tea", "milk"]);
  });

  test("is known by the secret that a renewal here gave it, and that is taken for no theft", async () => {
    const { there, at, signedIn } = twoNodes();
    const thefts: unknown[] = [];
    there.sessions.on("theft", (event) => thefts.push(event));
    const tab = await signedIn();
    await tab.visit((session) => session.renew(), POST);
    expect([await whose(at(tab)), await whose(tab), thefts]).toEqual(["ada", "ada", []]);
  });

  test("gives the secret that a renewal here took from it no more than reading", async () => {
    const { at, signedIn } = twoNodes();
    const tab = await signedIn();
    const old = at(tab);
    await tab.visit((session) => session.renew(), POST);
    expect(await whose(old)).toBe("ada");
    const write = await old.visit((session) => session.set("cart", ["tea"]), POST);
    expect(write.error).toMatchObject({ code: "SESSION_ENDED", status: 409 });
  });

  test("asks the store once more for a secret that nobody knows, and refuses it", async () => {
    const { there, at, signedIn } = twoNodes();
    const tab = at(await signedIn());
    const [name = "", token = ""] = [...tab.jar][0] ?? [];
    tab.jar.set(name, `${token.slice(0, 22)}${"A".repeat(42)}`);
    expect([await whose(tab), there.counts.calls]).toEqual([null, { load: 1 }]);
  });

  test("is read through an outage for as long as its copy lasts; then the outage is an error", async () => {
    const { at, clock, faults, signedIn } = twoNodes();
    const tab = await signedIn();
    const mend = faults.outage();
    expect(await whose(at(tab))).toBe("ada");
    const write = await at(tab).visit((session) => session.set("cart", ["tea"]), POST);
    expect(write.error).toMatchObject({ code: "STORE_UNAVAILABLE", status: 503 });
    clock.advance(MAX_AGE);
    const read = await at(tab).visit((session) => session.userId);
    expect(read.error).toMatchObject({ code: "STORE_UNAVAILABLE", status: 503 });
    mend();
    expect(await whose(at(tab))).toBe("ada");
  });
});

test("who acts for somebody writes nothing there once their own session was revoked here", async () => {
  const { here, at } = twoNodes();
  const tab = new TestBrowser(here.sessions);
  await tab.visit((session) => session.login("ada"), POST);
  await tab.visit((session) => session.actAs("bob"), POST);
  const acting = at(tab);
  expect(await whose(acting)).toBe("bob");
  await here.sessions.revokeAll("ada");
  const write = await acting.visit((session) => session.set("cart", ["tea"]), POST);
  expect(write.error?.status).toBe(401);
});

test("on one node an end is seen by the next request, also one that only made way", async () => {
  const clock = fakeClock();
  await using sessions = createSessions({
    store: tiered({ maxAge: MAX_AGE }, memoryStore()),
    origin: TEST_ORIGIN,
    clock: clock.now,
    sessionsPerUser: { max: 2, over: "evict-oldest" },
  });
  const login = async () => {
    const tab = new TestBrowser(sessions);
    await tab.visit((session) => session.login("ada"), POST);
    expect(await whose(tab)).toBe("ada");
    clock.advance(1);
    return tab;
  };
  const [first, second] = [await login(), await login()];
  const third = await login();
  expect([await whose(first), await whose(second), await whose(third)]).toEqual([null, "ada", "ada"]);
  await sessions.revokeEveryone();
  expect([await whose(second), await whose(third)]).toEqual([null, null]);
});

test("what only some stores have is handed on", async () => {
  const client = { send: async () => null };
  const near = { maxAge: "5s" } as const;
  expect(tiered(near, redisStore(client)).tag).toBeUndefined();
  const store = tiered(near, redisStore(client, { slots: true }));
  expect([store.guarantees.slots, store.guarantees.staleFor, typeof store.tag]).toEqual([
    true,
    5000,
    "function",
  ]);
  expect(typeof tiered(near, memoryStore()).scan).toBe("function");
});

describe("refused at once", () => {
  test.each([
    [{}, "tiered.maxAge"],
    [{ maxAge: "61s" }, "tiered.maxAge"],
    [{ maxAge: "0s" }, "tiered.maxAge"],
    [{ maxAge: "5s", maxBytes: 0 }, "tiered.maxBytes"],
    [{ maxAge: "5s", invalidations: {} }, "tiered.invalidations"],
    [{ maxAge: "5s", maxSessions: 10 }, "tiered.maxSessions"],
  ])("%j", (near, option) => {
    expect(() => tiered(near as NearOptions, memoryStore())).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", option }),
    );
  });

  test("what is no store", () => {
    expect(() => tiered({ maxAge: "5s" }, {} as SessionStore)).toThrow(/must be a store/);
  });
});
