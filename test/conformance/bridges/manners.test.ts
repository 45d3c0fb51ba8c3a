/** The ways of foreign stores that a bridge has to get along with. */
import { EventEmitter } from "node:events";
import session, { type Callback, type SessionData } from "express-session";
import { createStorage } from "unstorage";
import { describe, expect, it, vi } from "vitest";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { type ExpressStoreLike, fromExpressStore } from "../../../src/stores/express-session.ts";
import { fromUnstorage } from "../../../src/stores/unstorage.ts";
import { gate } from "../../../src/testing/browser.ts";
import { at, begunAt, revised, userRecord } from "../../../src/testing/store-contract/records.ts";
import { elsewhere } from "../mutants/mutant.ts";

/** A store that keeps rows like any other; `manners` say how it answers. */
function storeWith(
  manners: (rows: Map<string, string>) => Partial<Record<"get" | "set" | "destroy", unknown>>,
) {
  const rows = new Map<string, string>();
  const plain: ExpressStoreLike = {
    get: (sid: string, done: Callback) => done(null, parsed(rows.get(sid))),
    set: (sid: string, data: SessionData, done?: Callback) => {
      rows.set(sid, JSON.stringify(data));
      done?.(null);
    },
    destroy: (sid: string, done?: Callback) => {
      rows.delete(sid);
      done?.(null);
    },
  };
  return { rows, store: { ...plain, ...manners(rows) } as ExpressStoreLike };
}

function parsed(text: string | undefined): SessionData | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as SessionData);
}

const MANNERS: Readonly<Record<string, Parameters<typeof storeWith>[0]>> = {
  "answers at once": () => ({}),
  "answers twice": (rows) => ({
    get: (sid: string, done: Callback) => {
      done(null, parsed(rows.get(sid)));
      done(new Error("again"));
    },
  }),
  "finds nothing as null": (rows) => ({
    get: (sid: string, done: Callback) => done(null, parsed(rows.get(sid)) ?? null),
  }),
  "finds nothing as an error of a file": (rows) => ({
    get: (sid: string, done: Callback) => {
      const found = parsed(rows.get(sid));
      if (found) done(null, found);
      else done(Object.assign(new Error("no such file"), { code: "ENOENT" }));
    },
  }),
  "takes no callback and answers with promises": (rows) => ({
    get: async (sid: string) => parsed(rows.get(sid)),
    set: async (sid: string, data: SessionData) => void rows.set(sid, JSON.stringify(data)),
  }),
  "answers both ways, its promise before its work is done": (rows) => ({
    get: async (sid: string, done: Callback) => void setImmediate(() => done(null, parsed(rows.get(sid)))),
    set: async (sid: string, data: SessionData, done: Callback) =>
      void setImmediate(() => {
        rows.set(sid, JSON.stringify(data));
        done(null);
      }),
  }),
};

describe.each(Object.entries(MANNERS))("a store that %s", (_, manners) => {
  it("keeps a session through create, save and delete", async () => {
    await using bridge = fromExpressStore(storeWith(manners).store);
    await bridge.open();
    const record = userRecord();
    expect(await bridge.load(record.id, at())).toBeNull();
    expect(await bridge.create(record, begunAt())).toEqual({ ok: true });
    const next = revised(record);
    expect(await bridge.save(next, record.version, at(60_000))).toBe("saved");
    expect(await bridge.load(record.id, at(60_000))).toMatchObject({ version: next.version });
    expect(await bridge.delete(record.id, "logged-out", at(60_000))).toBe("deleted");
    expect(await bridge.save(next, next.version, at(60_000))).toBe("gone");
  });
});

const FAILURES: Readonly<Record<string, unknown>> = {
  throws: () => {
    throw new Error("down");
  },
  "hands over an error": (...given: readonly unknown[]) => (given.at(-1) as Callback)(new Error("down")),
  rejects: async (_sid: string, _done: Callback) => Promise.reject(new Error("down")),
};

describe.each(Object.entries(FAILURES))("a store that %s", (_, get) => {
  it("is unavailable, and nobody is signed out by it", async () => {
    await using bridge = fromExpressStore(storeWith(() => ({ get })).store);
    const fault = { code: "STORE_FAULT", kind: "unavailable", cause: { message: "down" } };
    await expect(bridge.load(userRecord().id, at())).rejects.toMatchObject(fault);
    expect(await bridge.health(at())).toMatchObject({ ok: false });
  });
});

it("a store that never answers is given up at the deadline, also by close", async () => {
  const bridge = fromExpressStore(storeWith(() => ({ get() {} })).store);
  const giveUp = new AbortController();
  const loading = bridge.load(userRecord().id, { ...at(), signal: giveUp.signal });
  giveUp.abort();
  await expect(loading).rejects.toMatchObject({ kind: "timeout" });
  await bridge.close();
});

describe("a list of the keys", () => {
  const listing = (getKeys: () => Promise<string[]>): SessionStore =>
    fromUnstorage({ ...createStorage(), getKeys });

  it("that never comes is given up at the deadline, also by close", async () => {
    const store = listing(() => new Promise(() => {}));
    const giveUp = new AbortController();
    const call = { ...at(), signal: giveUp.signal };
    const scanning = store.scan?.({ ...call, limit: 9 }) ?? Promise.resolve();
    const answers = Promise.allSettled([
      store.sweep({ ...call, limit: 9 }),
      store.deleteAll(call),
      store.erase("ada", call),
      scanning,
    ]);
    for (let round = 0; round < 5; round++) await elsewhere();
    giveUp.abort();
    for (const answer of await answers) {
      expect(answer).toMatchObject({ status: "rejected", reason: { kind: "timeout" } });
    }
    await store.close();
  });

  it("that fails is a fault of the store", async () => {
    const store = listing(async () => {
      throw new Error("down");
    });
    const fault = { code: "STORE_FAULT", kind: "unavailable", cause: { message: "down" } };
    await expect(store.sweep({ ...at(), limit: 9 })).rejects.toMatchObject(fault);
    await expect(store.deleteAll(at())).rejects.toMatchObject(fault);
  });

  it("that tells neither ids nor sessions fails, rather than to find nobody there", async () => {
    const { store } = storeWith(() => ({}));
    const silent = {
      ...store,
      all: (done: (error: unknown, all: unknown) => void) => done(null, [{ data: "x" }]),
    };
    const bridge = fromExpressStore(silent);
    await expect(bridge.deleteAll(at())).rejects.toMatchObject({ kind: "unavailable" });
  });
});

it("a sweep frees what is over beside rows that nobody can read", async () => {
  const storage = createStorage();
  await using bridge = fromUnstorage(storage);
  const records = Array.from({ length: 6 }, () => userRecord());
  for (const record of records) await bridge.create(record, begunAt());
  for (const { id } of records.slice(0, 3)) await storage.setItem(`sojourn:session-${id}`, "scribble");
  const late = at(records[0]?.idleFor);
  expect(await bridge.sweep({ ...late, limit: 64 })).toEqual({ removed: 3, more: false });
});

it("a mark in the middle of being written is waited for", async () => {
  const [reached, landing] = [gate(), gate()];
  const storage = createStorage();
  let isByHalves = false;
  const slow = {
    ...storage,
    async setItem(key: string, value: unknown): Promise<void> {
      if (isByHalves) {
        await storage.setItem(key, "{");
        reached.open();
        await landing.passed;
      }
      await storage.setItem(key, value as object);
    },
  };
  await using bridge = fromUnstorage(slow);
  const [mine, other] = [userRecord("ada"), userRecord("ada")];
  for (const record of [mine, other]) await bridge.create(record, begunAt());
  isByHalves = true;
  const revoking = bridge.deleteByUser("ada", { ...at(1), except: mine.id });
  await reached.passed;
  isByHalves = false;
  const loading = Promise.all([mine, other].map(({ id }) => bridge.load(id, at(2))));
  for (let round = 0; round < 5; round++) await elsewhere();
  landing.open();
  await revoking;
  expect(await loading).toMatchObject([{ id: mine.id }, { ended: "revoked" }]);
});

it("a write that its caller gave up keeps its row until it is done, so that it brings nothing back", async () => {
  const [reached, landing] = [gate(), gate()];
  let parking = false;
  const { rows, store } = storeWith((all) => ({
    set: async (sid: string, data: SessionData, done: Callback) => {
      if (parking) {
        parking = false;
        reached.open();
        await landing.passed;
      }
      all.set(sid, JSON.stringify(data));
      done(null);
    },
  }));
  await using bridge = fromExpressStore(store);
  const record = userRecord();
  await bridge.create(record, begunAt());
  parking = true;
  const giveUp = new AbortController();
  const saving = bridge.save(revised(record), record.version, { ...at(1), signal: giveUp.signal });
  await reached.passed;
  giveUp.abort();
  await expect(saving).rejects.toMatchObject({ kind: "timeout" });
  let isEnded = false;
  const ending = bridge.delete(record.id, "logged-out", at(2)).finally(() => {
    isEnded = true;
  });
  // This store answers at once: without a turn to wait for, the end would be through by now, and the write land on it.
  for (let round = 0; round < 5; round++) await elsewhere();
  expect(isEnded).toBe(false);
  landing.open();
  expect(await ending).toBe("deleted");
  expect(await bridge.load(record.id, at(3))).toMatchObject({ ended: "logged-out" });
  expect(rows.size).toBe(1);
});

it("a write that is never answered gives its row back after half a minute", async () => {
  let isLost = false;
  const { store } = storeWith((rows) => ({
    set: (sid: string, data: SessionData, done: Callback) => {
      if (isLost) return;
      rows.set(sid, JSON.stringify(data));
      done(null);
    },
  }));
  await using bridge = fromExpressStore(store);
  const record = userRecord();
  await bridge.create(record, begunAt());
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  isLost = true;
  const giveUp = new AbortController();
  const saving = bridge.save(revised(record), record.version, { ...at(1), signal: giveUp.signal });
  for (let round = 0; round < 5; round++) await elsewhere();
  giveUp.abort();
  await expect(saving).rejects.toMatchObject({ kind: "timeout" });
  isLost = false;
  let isLoaded = false;
  const loading = bridge.load(record.id, at(2)).finally(() => {
    isLoaded = true;
  });
  await vi.advanceTimersByTimeAsync(29_999);
  expect(isLoaded).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await loading).toMatchObject({ version: record.version });
  vi.useRealTimers();
});

it("nothing is written while somebody reads the row, so that files are not read by halves", async () => {
  const [reading, landing] = [gate(), gate()];
  const storage = createStorage();
  let isParking = false;
  let writes = 0;
  await using bridge = fromUnstorage({
    ...storage,
    async getItem(key: string): Promise<unknown> {
      if (isParking) {
        isParking = false;
        reading.open();
        await landing.passed;
      }
      return storage.getItem(key);
    },
    async setItem(key: string, value: unknown): Promise<void> {
      writes += 1;
      await storage.setItem(key, value as object);
    },
  });
  const record = userRecord();
  await bridge.create(record, begunAt());
  isParking = true;
  const loading = bridge.load(record.id, at(1));
  await reading.passed;
  const saving = bridge.save(revised(record), record.version, at(1));
  for (let round = 0; round < 5; round++) await elsewhere();
  expect(writes).toBe(1);
  landing.open();
  expect(await loading).toMatchObject({ version: record.version });
  expect(await saving).toBe("saved");
});

it("a revocation by a clock that is behind keeps out whom an earlier one kept out", async () => {
  await using bridge = fromExpressStore(storeWith(() => ({})).store);
  await bridge.deleteByUser("ada", at(10));
  await bridge.deleteByUser("ada", at(5));
  expect(await bridge.create(userRecord("ada"), begunAt(7))).toEqual({ ok: false, reason: "revoked" });
});

it("an emitter whose error nobody else hears does not end the process", async () => {
  const emitter = Object.assign(new EventEmitter(), storeWith(() => ({})).store);
  const bridge = fromExpressStore(emitter);
  await bridge.open();
  emitter.emit("error", new Error("connection lost"));
  await bridge.close();
  expect(emitter.listenerCount("error")).toBe(0);
});

it("the lifetime is where each store looks for it, ten minutes past the session's own", async () => {
  const seen: SessionData[] = [];
  const { store } = storeWith(() => ({
    set: (_sid: string, data: SessionData, done: Callback) => {
      seen.push(data);
      done(null);
    },
  }));
  await using bridge = fromExpressStore(store);
  const before = Date.now();
  await bridge.create(userRecord(), begunAt());
  const life = 40 * 60_000;
  const { originalMaxAge, maxAge, expires } = seen[0]?.cookie ?? {};
  expect([originalMaxAge, maxAge]).toEqual([life, life]);
  expect(Number(expires)).toBeGreaterThanOrEqual(before + life);
  expect(Number(expires)).toBeLessThanOrEqual(Date.now() + life);
});

it("what is stored is ASCII, whatever the session holds", async () => {
  const { rows, store } = storeWith(() => ({}));
  await using bridge = fromExpressStore(store);
  const record = userRecord("ada \u0000 \u{1f98a} é", { label: "Füchse \u{1f98a}" });
  await bridge.create(record, begunAt());
  expect([...rows.values()].join("")).toMatch(/^[\x20-\x7e]*$/);
  expect(await bridge.load(record.id, at())).toMatchObject({ userId: record.userId, label: record.label });
});

it("a row of somebody else's under the name of a session is damaged, and never a session", async () => {
  const { rows, store } = storeWith(() => ({}));
  await using bridge = fromExpressStore(store);
  const [one, other] = [userRecord("ada"), userRecord("bob")];
  await bridge.create(one, begunAt());
  await bridge.create(other, begunAt());
  const ended = userRecord("eve");
  await bridge.create(ended, begunAt());
  await bridge.delete(ended.id, "logged-out", at());
  const key = (id: string): string => `sojourn-session-${id}`;
  for (const text of [
    rows.get(key(other.id)) ?? "",
    rows.get(key(ended.id)) ?? "",
    '{"cookie":{}}',
    "{}",
    '{"sojourn":{"head":"e30"}}',
    '"x"',
  ]) {
    rows.set(key(one.id), text);
    await expect(bridge.load(one.id, at())).rejects.toMatchObject({ kind: "damaged" });
  }
});

it.each([
  [() => fromExpressStore(undefined as never), "fromExpressStore.store"],
  [() => fromExpressStore({ get() {}, set() {} } as never), "fromExpressStore.store"],
  [() => fromExpressStore(new session.MemoryStore(), { ttl: 1 } as never), "fromExpressStore.ttl"],
  [
    () => fromExpressStore(new session.MemoryStore(), { onlyProcess: 1 } as never),
    "fromExpressStore.onlyProcess",
  ],
  [() => fromUnstorage({} as never), "fromUnstorage.storage"],
])("refuses at once what cannot work (%#)", (make, option) => {
  expect(make).toThrow(expect.objectContaining({ code: "INVALID_OPTION", option }));
});
