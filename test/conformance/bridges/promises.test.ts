/** What a bridge keeps of the promises, what it refuses, and how wide the gap is where it cannot keep one. */
import session, { type Callback, type SessionData, type Store } from "express-session";
import { describe, expect, it } from "vitest";
import type { SessionOptions, Sessions } from "../../../src/core/manager-types.ts";
import { createSessions } from "../../../src/create-sessions.ts";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { type ExpressStoreLike, fromExpressStore } from "../../../src/stores/express-session.ts";
import { gate, TEST_ORIGIN, TestBrowser } from "../../../src/testing/browser.ts";
import { fakeClock } from "../../../src/testing/clock.ts";
import { at, begunAt, revised, userRecord } from "../../../src/testing/store-contract/records.ts";

const POST = { method: "POST" } as const;
const ACCEPT = ["cas", "noRevival", "revokeUser"];

/** As another process reaches the store: it waits for nobody's turn here. */
function asFromElsewhere(
  store: Store,
  hurdles: { before?(key: string, method: string): Promise<void> } = {},
) {
  return {
    get(key: string, done: Callback) {
      void (hurdles.before?.(key, "get") ?? Promise.resolve()).then(() => store.get(key, done));
    },
    set(key: string, data: SessionData, done?: Callback) {
      void (hurdles.before?.(key, "set") ?? Promise.resolve()).then(() => store.set(key, data, done));
    },
    destroy: (key: string, done?: Callback) => store.destroy(key, done),
    all: (done: Callback) => Reflect.get(store, "all").call(store, done),
  };
}

function managing(
  store: SessionStore,
  options: Partial<SessionOptions<Record<string, unknown>>> = {},
): Sessions<Record<string, unknown>> {
  return createSessions({ store, origin: TEST_ORIGIN, accept: ACCEPT, ...options });
}

describe("what is refused", () => {
  const store = fromExpressStore(new session.MemoryStore());

  it.each(["cas", "noRevival", "revokeUser"])("a manager that does not accept the lack of %s", (lack) => {
    const accept = ACCEPT.filter((name) => name !== lack);
    expect(() => createSessions({ store, origin: TEST_ORIGIN, accept })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringContaining(lack) }),
    );
  });

  it("sessionsPerUser, which needs an index", () => {
    const sessionsPerUser = { max: 2, over: "evict-oldest" } as const;
    expect(() => createSessions({ store, origin: TEST_ORIGIN, accept: ACCEPT, sessionsPerUser })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringContaining("userIndex") }),
    );
  });

  it("lists, and erasure where the store cannot say what it holds", async () => {
    const silent = asFromElsewhere(new session.MemoryStore());
    await using sessions = managing(fromExpressStore({ ...silent, all: undefined } as ExpressStoreLike));
    const tab = new TestBrowser(sessions);
    await tab.visit((one) => one.login("ada"), POST);
    await expect(sessions.list("ada")).rejects.toMatchObject({ code: "STORE_LACKS", guarantee: "userIndex" });
    await expect(sessions.erase("ada")).rejects.toMatchObject({
      code: "STORE_LACKS",
      guarantee: "revokeUser",
    });
  });
});

describe("a session that ended in another process", () => {
  it("stays ended for a save that begins afterwards, for ten minutes as what it was, then as unknown", async () => {
    const foreign = new session.MemoryStore();
    await using here = fromExpressStore(asFromElsewhere(foreign));
    await using there = fromExpressStore(asFromElsewhere(foreign));
    const record = userRecord();
    await here.create(record, begunAt());
    expect(await there.delete(record.id, "logged-out", at(1))).toBe("deleted");
    expect(await here.save(revised(record), record.version, at(2))).toBe("gone");
    expect(await here.touch(record.id, at(2).now + 1, at(2))).toBe(false);
    expect(await here.load(record.id, at(600_000))).toMatchObject({ ended: "logged-out" });
    expect(await here.load(record.id, at(600_001))).toBeNull();
    expect(await here.save(revised(record), record.version, at(600_001))).toBe("gone");
  });

  it("comes back by a save whose read came before the end and whose write after: that is the gap", async () => {
    const foreign = new session.MemoryStore();
    const [reached, parked] = [gate(), gate()];
    let isParking = false;
    const slow = asFromElsewhere(foreign, {
      async before(_key, method) {
        if (!isParking || method !== "set") return;
        reached.open();
        await parked.passed;
      },
    });
    await using here = fromExpressStore(slow);
    await using there = fromExpressStore(asFromElsewhere(foreign));
    const record = userRecord();
    await here.create(record, begunAt());
    isParking = true;
    const saving = here.save(revised(record), record.version, at(1));
    await reached.passed;
    expect(await there.delete(record.id, "logged-out", at(2))).toBe("deleted");
    parked.open();
    expect(await saving).toBe("saved");
    expect(await there.load(record.id, at(3))).toMatchObject({ id: record.id });
  });

  it("that was revoked with all of its user's does not come back even then", async () => {
    const foreign = new session.MemoryStore();
    const [reached, parked] = [gate(), gate()];
    let isParking = false;
    const slow = asFromElsewhere(foreign, {
      async before(_key, method) {
        if (!isParking || method !== "set") return;
        reached.open();
        await parked.passed;
      },
    });
    await using here = fromExpressStore(slow);
    await using there = fromExpressStore(asFromElsewhere(foreign));
    const record = userRecord("ada");
    await here.create(record, begunAt());
    isParking = true;
    const saving = here.save(revised(record), record.version, at(1));
    await reached.passed;
    await there.deleteByUser("ada", at(2));
    parked.open();
    await saving;
    isParking = false;
    expect(await there.load(record.id, at(3))).toMatchObject({ ended: "revoked" });
  });
});

describe("revokeAll", () => {
  it("ends all sessions of a user at their next request, tells of each, and spares the one it names", async () => {
    const clock = fakeClock();
    await using sessions = managing(fromExpressStore(new session.MemoryStore()), {
      clock: clock.now,
      mode: "development",
    });
    const [one, two, other] = [
      new TestBrowser(sessions),
      new TestBrowser(sessions),
      new TestBrowser(sessions),
    ];
    for (const tab of [one, two]) await tab.visit((me) => me.login("ada"), POST);
    await other.visit((me) => me.login("bob"), POST);
    const told: unknown[] = [];
    sessions.on("ended", ({ userId, reason }) => told.push([userId, reason]));
    clock.advance(1);
    const { value: id } = await one.visit((me) => me.id);
    expect(await sessions.revokeAll("ada", { except: id ?? "" })).toBe(0);
    const who = async (tab: TestBrowser): Promise<unknown> => (await tab.visit((me) => me.userId)).value;
    expect([await who(one), await who(two), await who(other)]).toEqual(["ada", null, "bob"]);
    expect(told).toEqual([["ada", "revoked"]]);
    await sessions.revokeAll("ada");
    expect(await who(one)).toBeNull();
    clock.advance(1);
    await two.visit((me) => me.login("ada"), POST);
    expect(await who(two)).toBe("ada");
  });

  it("ends a login under way in another process, wherever it stands", async () => {
    for (const method of ["get", "set"]) {
      const foreign = new session.MemoryStore();
      const [reached, parked] = [gate(), gate()];
      const record = userRecord("ada");
      const slow = asFromElsewhere(foreign, {
        async before(key, called) {
          if (called !== method || !key.includes(record.id)) return;
          reached.open();
          await parked.passed;
        },
      });
      await using here = fromExpressStore(slow);
      await using there = fromExpressStore(asFromElsewhere(foreign));
      const creating = here.create(record, begunAt());
      await reached.passed;
      await there.deleteByUser("ada", at(1));
      parked.open();
      const created = await creating;
      const found = await there.load(record.id, at(2));
      expect([created.ok, found && "ended" in found], method).toEqual(
        method === "get" ? [false, null] : [true, true],
      );
      const later = userRecord("ada");
      expect(await there.create(later, begunAt(2))).toEqual({ ok: true });
      expect(await there.load(later.id, at(3))).toMatchObject({ id: later.id });
    }
  });
});

describe("revokeEveryone", () => {
  const stores: readonly [string, (foreign: Store) => ExpressStoreLike][] = [
    ["that lists its sessions", (foreign) => foreign],
    [
      "that lists them without their names",
      (foreign) => ({
        ...asFromElsewhere(foreign),
        all: (done: (error: unknown, all: unknown) => void) =>
          Reflect.get(foreign, "all").call(foreign, (error: unknown, all: object) =>
            done(error, Object.values(all)),
          ),
      }),
    ],
    ["that does not", (foreign) => ({ ...asFromElsewhere(foreign), all: undefined }) as ExpressStoreLike],
  ];

  it.each(stores)(
    "on a store %s ends all, leaves what others keep there, and keeps nobody out afterwards",
    async (_, seen) => {
      const foreign = new session.MemoryStore();
      const theirs = { cookie: { originalMaxAge: 60_000 }, cart: ["bread"] };
      await new Promise((resolve) => foreign.set("their-own-sid", theirs, resolve));
      await using sessions = managing(fromExpressStore(seen(foreign)));
      const [tab, visitor] = [new TestBrowser(sessions), new TestBrowser(sessions)];
      await tab.visit((me) => me.login("ada"), POST);
      await visitor.visit((me) => me.set("cart", ["tea"]), POST);
      await sessions.revokeEveryone();
      expect((await tab.visit((me) => me.userId)).value).toBeNull();
      expect((await visitor.visit((me) => me.get("cart"))).value).toBeUndefined();
      await tab.visit((me) => me.login("ada"), POST);
      expect((await tab.visit((me) => me.userId)).value).toBe("ada");
      const left = await new Promise((resolve) =>
        foreign.get("their-own-sid", (_error, found) => resolve(found)),
      );
      expect(left).toMatchObject({ cart: ["bread"] });
    },
  );
});

describe("a row that nobody can read", () => {
  const key = (id: string): string => `sojourn-session-${id}`;
  /** Three sessions of ada's; the one that is listed first, unreadable. */
  async function withDamage() {
    const foreign = new session.MemoryStore();
    const bridge = fromExpressStore(foreign);
    const records = [userRecord("ada"), userRecord("ada"), userRecord("ada")];
    for (const record of records) await bridge.create(record, begunAt());
    const { sessions } = foreign as unknown as { sessions: Record<string, string> };
    const [first = "", ...others] = records.map(({ id }) => id);
    sessions[key(first)] = '{"cookie":{}}';
    return { bridge, first, others };
  }

  it("does not keep the others from being ended, and is ended with them", async () => {
    const { bridge, first, others } = await withDamage();
    let steps = 0;
    const onProgress = (): number => ++steps;
    await bridge.deleteAll({ ...at(1), onProgress });
    for (const id of [first, ...others]) {
      expect(await bridge.load(id, at(2))).toMatchObject({ ended: "revoked" });
    }
    expect(steps).toBe(3);
  });

  it("is left by erase, which ends the others and says so", async () => {
    const { bridge, first, others } = await withDamage();
    await expect(bridge.erase("ada", at(1))).rejects.toMatchObject({ code: "STORE_FAULT", kind: "damaged" });
    for (const id of others) expect(await bridge.load(id, at(2))).toMatchObject({ ended: "revoked" });
    await expect(bridge.load(first, at(2))).rejects.toMatchObject({ kind: "damaged" });
  });
});

it("erase leaves no user id and no data in the rows", async () => {
  const foreign = new session.MemoryStore();
  await using sessions = managing(fromExpressStore(foreign));
  const tab = new TestBrowser(sessions);
  await tab.visit(async (me) => {
    await me.login("ada@example.org");
    me.set("cart", ["elderflower"]);
  }, POST);
  const kept = (): string =>
    Object.values((foreign as unknown as { sessions: Record<string, string> }).sessions)
      .flatMap((row) => [
        row,
        ...[...row.matchAll(/"([\w-]{20,})"/g)].map(([, text = ""]) =>
          Buffer.from(text, "base64url").toString("latin1"),
        ),
      ])
      .join("\n");
  expect(kept()).toContain("ada@example.org");
  expect(kept()).toContain("elderflower");
  expect(await sessions.erase("ada@example.org")).toBe(1);
  expect(kept()).not.toContain("ada@example.org");
  expect(kept()).not.toContain("elderflower");
  expect((await tab.visit((me) => me.userId)).value).toBeNull();
});

it("for one process alone, 50 requests that write 50 keys at once keep all 50", async () => {
  const store = fromExpressStore(new session.MemoryStore(), { onlyProcess: true });
  await using sessions = managing(store, { accept: ["revokeUser"] });
  const tab = new TestBrowser(sessions);
  await tab.visit((me) => me.set("first", true), POST);
  await Promise.all(Array.from({ length: 50 }, (_, n) => tab.copy().visit((me) => me.set(`n${n}`, n), POST)));
  expect((await tab.visit((me) => me.keys().length)).value).toBe(51);
});
