/** Sessions in cookies, and another store that remembers which of them ended. */
import { describe, expect, it } from "vitest";
import { StoreFault } from "../../../src/errors.ts";
import type { TestBrowser } from "../../../src/testing/browser.ts";
import { clock, epochWorld, POST } from "./world.ts";

type World = ReturnType<typeof epochWorld>;

async function signedIn({ browser }: World, userId = "ada"): Promise<TestBrowser> {
  const tab = browser();
  await tab.visit((session) => session.login(userId), POST);
  return tab;
}

async function whoIs(tab: TestBrowser, sessions?: object): Promise<string | null | undefined> {
  return (await tab.copy(sessions).visit((session) => session.userId)).value;
}

async function idOf(tab: TestBrowser): Promise<string> {
  return (await tab.visit((session) => session.id)).value ?? "";
}

describe("what ended stays ended, for every copy and in every process", () => {
  it("after a logout", async () => {
    const world = epochWorld();
    const tab = await signedIn(world);
    const copy = tab.copy();
    await tab.visit((session) => session.logout(), POST);
    expect([await whoIs(copy), await whoIs(copy, world.there)]).toEqual([null, null]);
  });

  it("after a login in its place, and a visitor's as well", async () => {
    const world = epochWorld();
    const tab = world.browser();
    await tab.visit((session) => session.set("cart", ["tea"]), POST);
    const visitor = tab.copy();
    await tab.visit((session) => session.login("ada"), POST);
    const first = tab.copy();
    await tab.visit((session) => session.login("ada"), POST);
    expect((await visitor.visit((session) => session.get("cart"))).value).toBeUndefined();
    expect([await whoIs(first, world.there), await whoIs(tab, world.there)]).toEqual([null, "ada"]);
  });

  it("after a renewal: the copy from before it", async () => {
    const world = epochWorld();
    const tab = await signedIn(world);
    const copy = tab.copy();
    await tab.visit((session) => session.renew(), POST);
    expect([await whoIs(copy, world.there), await whoIs(tab, world.there)]).toEqual([null, "ada"]);
    await tab.visit((session) => session.renew(), POST);
    await tab.visit((session) => session.logout(), POST);
    expect(await whoIs(tab)).toBeNull();
  });

  it("after revoke(), of its own user alone", async () => {
    const world = epochWorld();
    const [tab, other] = [await signedIn(world), await signedIn(world)];
    const id = await idOf(tab);
    await world.there.revoke("bob", id);
    expect(await whoIs(tab)).toBe("ada");
    expect(await world.there.revoke("ada", id)).toBe(true);
    expect([await whoIs(tab), await whoIs(other)]).toEqual([null, "ada"]);
    expect(await world.here.revoke("ada", "no id")).toBe(false);
  });

  it("after revokeAll() and erase(), of that user alone", async () => {
    for (const end of ["revokeAll", "erase"] as const) {
      const world = epochWorld();
      const [tab, other, bob] = [await signedIn(world), await signedIn(world), await signedIn(world, "bob")];
      await world.there[end]("ada");
      expect([await whoIs(tab), await whoIs(other), await whoIs(bob)]).toEqual([null, null, "bob"]);
      clock.advance(1);
      const again = await signedIn(world);
      expect(await whoIs(again, world.there)).toBe("ada");
    }
  });

  it("after revokeEveryone(), visitors included", async () => {
    const world = epochWorld();
    const [tab, visitor] = [await signedIn(world), world.browser()];
    await visitor.visit((session) => session.set("cart", ["tea"]), POST);
    await world.there.revokeEveryone();
    expect(await whoIs(tab)).toBeNull();
    expect((await visitor.visit((session) => session.get("cart"))).value).toBeUndefined();
    expect(await whoIs(await signedIn(world))).toBe("ada");
  });

  it("whatever a request that was under way answers", async () => {
    const world = epochWorld();
    const tab = await signedIn(world);
    const writing = await tab.visitLater((session) => session.set("a", 1), POST);
    await tab.visit((session) => session.logout(), POST);
    writing.deliver();
    expect(await whoIs(tab)).toBeNull();
  });

  it("and a request that wrote into it is told", async () => {
    const world = epochWorld();
    const tab = await signedIn(world);
    const revoked = await tab.visit(async (session) => {
      session.set("a", 1);
      await world.there.revokeAll("ada");
    }, POST);
    expect([revoked.status, revoked.error?.code, revoked.setCookies]).toEqual([401, "SESSION_ENDED", []]);
  });
});

describe("revokeAll with an exception", () => {
  it("spares that session, as often as it is named, and no longer", async () => {
    const world = epochWorld();
    const [tab, other] = [await signedIn(world), await signedIn(world)];
    const except = await idOf(tab);
    for (let times = 0; times < 3; times++) {
      await world.there.revokeAll("ada", { except });
      expect([await whoIs(tab), await whoIs(other)]).toEqual(["ada", null]);
    }
    await world.there.revokeAll("ada", { except: await idOf(other) });
    expect(await whoIs(tab)).toBeNull();
  });

  it("brings back nothing that had ended before", async () => {
    const world = epochWorld();
    const tab = await signedIn(world);
    const id = await idOf(tab);
    await world.there.revokeAll("ada");
    await world.there.revokeAll("ada", { except: id });
    await world.there.revokeAll("ada", { except: id });
    expect(await whoIs(tab)).toBeNull();
  });
});

describe("a login that meets a revocation", () => {
  it("is refused if it began before, by its request or by its ticket", async () => {
    const world = epochWorld();
    const tab = world.browser();
    const late = await tab.visit(async (session) => {
      await world.there.revokeAll("ada");
      await session.login("ada");
    }, POST);
    expect(late.error).toMatchObject({ code: "SESSION_ENDED", reason: "revoked" });
    const ticket = await world.here.beginLogin("ada");
    await world.there.revokeAll("ada");
    clock.advance(1);
    const ticketed = await tab.visit((session) => session.login("ada", { ticket }), POST);
    expect(ticketed.error).toMatchObject({ code: "SESSION_ENDED", reason: "revoked" });
  });

  it("is let in with a ticket from after it, and ends with the next one, whatever the clocks say", async () => {
    const world = epochWorld();
    await world.there.revokeAll("ada");
    const ticket = await world.here.beginLogin("ada");
    const tab = world.browser();
    await tab.visit((session) => session.login("ada", { ticket }), POST);
    expect(await whoIs(tab)).toBe("ada");
    await world.there.revokeAll("ada"); // at the same millisecond
    expect(await whoIs(tab)).toBeNull();
  });
});

describe("with epochTtl", () => {
  it("a revocation counts at once where it was made, and after that time at the latest elsewhere", async () => {
    const world = epochWorld("10s");
    const tab = await signedIn(world);
    expect(await whoIs(tab, world.there)).toBe("ada");
    await world.here.revokeAll("ada");
    expect([await whoIs(tab), await whoIs(tab, world.there)]).toEqual([null, "ada"]);
    clock.advance(9_999);
    expect(await whoIs(tab, world.there)).toBe("ada");
    clock.advance(1);
    expect(await whoIs(tab, world.there)).toBeNull();
    expect(world.here.describe().store).toMatchObject({
      noRevival: true,
      staleFor: 10_000,
      revocation: "at once; for reading in other processes after at most 10000 ms",
    });
  });

  it("a write is stored under what is known now, not then", async () => {
    const world = epochWorld("10s");
    const tab = await signedIn(world);
    await whoIs(tab, world.there);
    await world.here.revokeAll("ada");
    const writing = await tab.copy(world.there).visit((session) => session.set("a", 1), POST);
    expect([writing.status, writing.setCookies]).toEqual([401, []]);
  });

  it("what was believed is not asked for again, and an outage in between costs nobody anything", async () => {
    const world = epochWorld("10s");
    const tab = await signedIn(world);
    await whoIs(tab);
    const recovered = world.faults.outage();
    expect(await whoIs(tab)).toBe("ada");
    clock.advance(10_000);
    expect((await tab.visit((session) => session.userId)).status).toBe(503);
    recovered();
    expect(await whoIs(tab)).toBe("ada");
  });
});

describe("where the store of the epochs does not answer", () => {
  it("a session is neither ended nor believed: 503, the cookies left alone", async () => {
    const world = epochWorld();
    const tab = await signedIn(world);
    const recovered = world.faults.outage();
    for (const visited of [
      await tab.visit((session) => session.userId),
      await tab.visit((session) => session.set("a", 1), POST),
      await tab.visit((session) => session.logout(), POST),
      await world.browser().visit((session) => session.login("bob"), POST),
    ]) {
      expect([visited.status, visited.error?.code, visited.setCookies]).toEqual([
        503,
        "STORE_UNAVAILABLE",
        [],
      ]);
    }
    await expect(world.here.revokeAll("ada")).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect((await world.browser().visit((session) => session.userId)).status).toBe(200);
    recovered();
    expect(await whoIs(tab)).toBe("ada");
  });

  it("nor where a note is damaged", async () => {
    const world = epochWorld();
    const tab = await signedIn(world);
    const { load } = world.epochs;
    const damaged = async (): Promise<never> => {
      throw new StoreFault("damaged", "A row is not whole.");
    };
    Object.assign(world.epochs, { load: damaged });
    expect((await tab.visit((session) => session.userId)).status).toBe(503);
    Object.assign(world.epochs, { load });
    expect(await whoIs(tab)).toBe("ada");
  });
});

it("what is for one use is kept there: second factors and hand-offs", async () => {
  const { browser } = epochWorld();
  const tab = browser();
  await tab.visit((session) => session.beginSecondFactor("ada", { methods: ["pwd"] }), POST);
  expect((await tab.visit((session) => session.userId)).value).toBeNull();
  expect((await tab.visit((session) => session.pendingLogin())).value).toMatchObject({ userId: "ada" });
  await tab.visit((session) => session.login("ada", { methods: ["otp"] }), POST);
  expect((await tab.visit((session) => session.methods)).value).toEqual(["pwd", "otp"]);
  const state = (await tab.visit((session) => session.handoff("oauth", { to: "/cart" }), POST)).value;
  const received = await tab.visit((session) => session.receive("oauth", state), POST);
  expect(received.value).toEqual({ to: "/cart" });
  expect((await tab.copy().visit((session) => session.receive("oauth", state), POST)).error?.code).toBe(
    "HANDOFF_REFUSED",
  );
});

it("a reading request asks for three notes, a visitor's for two, and one without a session for none", async () => {
  const { epochs, browser } = epochWorld();
  const { load } = epochs;
  let loads = 0;
  const counted: typeof load = (...given) => {
    loads += 1;
    return load(...given);
  };
  Object.assign(epochs, { load: counted });
  const tab = browser();
  await tab.visit((session) => session.login("ada"), POST);
  loads = 0;
  await tab.visit((session) => session.userId);
  expect(loads).toBe(3);
  const visitor = browser();
  await visitor.visit((session) => session.set("a", 1), POST);
  loads = 0;
  await visitor.visit((session) => session.get("a"));
  expect(loads).toBe(2);
  await browser().visit((session) => session.get("a"));
  expect(loads).toBe(2);
});
