import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { at, MINUTE, NOW, newVersion, recordOf, since } from "../../test/support/stored-records.ts";
import type { SessionRecord } from "../core/record.ts";
import { StoreFault } from "../errors.ts";
import type { SessionStore } from "./contract.ts";
import { type CopyCounts, type CopyOptions, type CopyProgress, copySessions } from "./copy.ts";
import { memoryStore } from "./memory.ts";

let from: SessionStore;
let to: SessionStore;
let now: number;
beforeEach(() => {
  [from, to, now] = [memoryStore(), memoryStore(), NOW];
});

const copy = (options: CopyOptions = {}): Promise<CopyCounts> =>
  copySessions(from, to, { clock: () => now, ...options });

async function add(store: SessionStore, record: SessionRecord): Promise<SessionRecord> {
  expect(await store.create(record, { ...at(0), since: since() })).toEqual({ ok: true });
  return record;
}

/** The next state of a session that was used `after` ms after it began. */
function used(record: SessionRecord, after: number): SessionRecord {
  const payload = Buffer.from(`used after ${after}`);
  return {
    ...record,
    version: newVersion(),
    seenAt: NOW + after,
    idleUntil: NOW + after + record.idleFor,
    payload,
  };
}

const NONE: CopyCounts = {
  copied: 0,
  updated: 0,
  unchanged: 0,
  kept: 0,
  ended: 0,
  extra: 0,
  damaged: 0,
};

describe("a copy", () => {
  test("has every session as it is, in pages of any size", async () => {
    const records = ["ada", "ada", "bob", null, null].map((userId) => recordOf(userId));
    for (const record of records) await add(from, record);
    for (const pageSize of [1, 2, 500]) {
      to = memoryStore();
      expect(await copy({ pageSize })).toEqual({ ...NONE, copied: 5 });
      for (const record of records) {
        expect(await to.load(record.id, at(0))).toEqual(await from.load(record.id, at(0)));
      }
      expect((await to.listByUser("ada", { ...at(0), limit: 9 })).sessions).toHaveLength(2);
    }
  });

  test("made again takes along what was used, saved and ended meanwhile", async () => {
    const [same, touched, saved, ended] = await Promise.all(
      [1, 2, 3, 4].map(() => add(from, recordOf("ada"))),
    );
    if (!same || !touched || !saved || !ended) throw new Error("four were made");
    await copy();
    await from.touch(touched.id, NOW + 40 * MINUTE, at(MINUTE));
    await from.save(used(saved, MINUTE), saved.version, at(MINUTE));
    await from.delete(ended.id, "logged-out", at(MINUTE));
    now = NOW + MINUTE;
    expect(await copy()).toEqual({ ...NONE, unchanged: 1, updated: 2, ended: 1 });
    for (const { id } of [same, touched, saved]) {
      expect(await to.load(id, at(MINUTE))).toEqual(await from.load(id, at(MINUTE)));
    }
    expect(await to.load(ended.id, at(MINUTE))).toMatchObject({ ended: "logged-out" });
    expect(await copy()).toEqual({ ...NONE, unchanged: 3 });
  });

  test("takes along what changed in one thing alone", async () => {
    const changes: readonly Partial<SessionRecord>[] = [
      { version: newVersion(), payload: Buffer.from("of the same millisecond") },
      { seenAt: NOW + 1 },
      { idleUntil: NOW + 31 * MINUTE },
    ];
    for (const change of changes) {
      const record = await add(to, recordOf("ada"));
      await add(from, { ...record, ...change });
    }
    expect(await copy()).toEqual({ ...NONE, updated: 3 });
  });

  test("leaves no timer behind", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    for (let i = 0; i < 5; i++) await add(from, recordOf("ada"));
    await copy();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  test("ends nothing in to for a row of from that nobody can read", async () => {
    const record = await add(to, recordOf("ada"));
    await add(from, recordOf("bob"));
    from.load = async () => {
      throw new StoreFault("damaged", "scribble");
    };
    expect(await copy({ prune: true })).toEqual({ ...NONE, copied: 1 });
    expect(await to.load(record.id, at(0))).toMatchObject({ userId: "ada" });
  });

  test("goes on where it was cut short", async () => {
    for (let i = 0; i < 5; i++) await add(from, recordOf(`user-${i}`));
    const seen: CopyProgress[] = [];
    const stop = (progress: CopyProgress): void => {
      seen.push(progress);
      if (seen.length === 2) throw new Error("cut short");
    };
    await expect(copy({ pageSize: 2, onProgress: stop })).rejects.toThrow("cut short");
    const { after } = seen[1] ?? {};
    expect(seen[1]).toEqual({ ...NONE, copied: 4, part: "copying", after });
    const ended = await add(to, recordOf("eve"));
    await add(from, ended);
    await from.delete(ended.id, "revoked", at(0));
    const parts: string[] = [];
    const rest = await copy({
      pageSize: 2,
      after: after ?? "",
      onProgress: ({ part }) => parts.push(part),
    });
    expect(rest).toEqual({ ...NONE, copied: 1, ended: 1 });
    expect([...new Set(parts)]).toEqual(["copying", "checking"]);
  });

  test("ends between two pages when its signal is aborted", async () => {
    for (let i = 0; i < 3; i++) await add(from, recordOf("ada"));
    const abort = new AbortController();
    const onProgress = (): void => abort.abort(new Error("enough"));
    await expect(copy({ pageSize: 1, signal: abort.signal, onProgress })).rejects.toThrow("enough");
    expect((await to.listByUser("ada", { ...at(0), limit: 9 })).sessions).toHaveLength(1);
  });

  test("by two runs at once is one copy", async () => {
    for (let i = 0; i < 40; i++) await add(from, recordOf(`user-${i}`));
    const counts = await Promise.all([copy({ pageSize: 7 }), copy({ pageSize: 9 })]);
    for (const { copied, unchanged } of counts) expect(copied + unchanged).toBe(40);
    expect(await copy()).toEqual({ ...NONE, unchanged: 40 });
  });
});

describe("what ended in from", () => {
  test("while it was on its way is not left in to", async () => {
    const record = await add(from, recordOf("ada"));
    const create = to.create.bind(to);
    to.create = async (copied, call) => {
      await from.delete(record.id, "logged-out", at(0));
      return create(copied, call);
    };
    expect(await copy()).toEqual({ ...NONE, copied: 1, ended: 1 });
    expect(await to.load(record.id, at(0))).toMatchObject({ ended: "logged-out" });
  });

  test("too long ago to be remembered is counted, and ended by a run that prunes", async () => {
    const { id } = await add(from, recordOf("ada"));
    await add(from, recordOf("bob"));
    await copy();
    await from.delete(id, "logged-out", at(0));
    now = NOW + 11 * MINUTE;
    await from.sweep({ now, limit: 10 });
    expect(await copy()).toEqual({ ...NONE, unchanged: 1, extra: 1 });
    expect(await copy({ prune: true })).toEqual({ ...NONE, unchanged: 1, ended: 1 });
    expect(await to.load(id, { now })).toMatchObject({ ended: "revoked" });
  });

  test("by its deadline ends with that deadline, when it lives in to a little longer", async () => {
    const record = await add(from, recordOf("ada"));
    await add(to, { ...record, idleUntil: record.idleUntil + MINUTE });
    now = record.idleUntil;
    expect(await copy()).toEqual({ ...NONE, ended: 1 });
    expect(await to.load(record.id, { now })).toMatchObject({ ended: "idle" });
  });
});

test("a session in use does not run out in to while nobody uses to", async () => {
  const record = await add(from, recordOf("ada"));
  await copy();
  for (const minutes of [20, 40, 60]) {
    await from.touch(record.id, NOW + (minutes + 30) * MINUTE, at(minutes * MINUTE));
  }
  now = NOW + 60 * MINUTE;
  expect(await copy()).toEqual({ ...NONE, updated: 1 });
  expect(await to.load(record.id, { now })).toEqual(await from.load(record.id, { now }));
});

describe("since the switch", () => {
  const switchedAt = NOW + MINUTE;
  beforeEach(() => {
    now = NOW + 2 * MINUTE;
  });

  test("what is used in to stays as it is there, and the rest is brought up to date", async () => {
    const [mine, theirs, late] = [recordOf("ada"), recordOf("bob"), recordOf("eve")];
    for (const record of [mine, theirs]) {
      await add(from, record);
      await add(to, record);
      await from.save(used(record, MINUTE - 1), record.version, at(MINUTE - 1));
    }
    await add(from, late);
    const there = used(mine, MINUTE + 1);
    await to.save(there, mine.version, at(MINUTE + 1));
    const fresh = await add(to, recordOf("zoe", { createdAt: NOW + MINUTE }));
    expect(await copy({ switchedAt })).toEqual({ ...NONE, copied: 1, updated: 1, kept: 1 });
    expect(await to.load(mine.id, { now })).toMatchObject({ version: there.version });
    expect(await to.load(theirs.id, { now })).toEqual(await from.load(theirs.id, { now }));
    expect(await to.load(fresh.id, { now })).toMatchObject({ userId: "zoe" });
  });

  test("what is used in to stays as it is there, also when somebody still uses from", async () => {
    const record = recordOf("ada");
    for (const store of [from, to]) await add(store, record);
    const there = used(record, MINUTE + 1);
    await to.save(there, record.version, at(MINUTE + 1));
    await from.save(used(record, MINUTE + 2), record.version, at(MINUTE + 2));
    expect(await copy({ switchedAt })).toEqual({ ...NONE, kept: 1 });
    expect(await to.load(record.id, { now })).toMatchObject({ version: there.version });
  });

  test("what is newer in to stays, also where it is older than the switch is said to be", async () => {
    const record = recordOf("ada");
    for (const store of [from, to]) await add(store, record);
    const there = used(record, MINUTE - 1);
    await to.save(there, record.version, at(MINUTE - 1));
    expect(await copy({ switchedAt })).toEqual({ ...NONE, kept: 1 });
    expect(await to.load(record.id, { now })).toMatchObject({ version: there.version });
  });

  test("nothing that ended in to comes back, by logout or by a revocation of all", async () => {
    const [out, revoked, visitor] = [recordOf("ada"), recordOf("bob"), recordOf(null)];
    for (const record of [out, revoked, visitor]) await add(from, record);
    await add(to, out);
    await to.delete(out.id, "logged-out", { now });
    await to.deleteByUser("bob", { now });
    expect(await copy({ switchedAt })).toEqual({ ...NONE, copied: 1, kept: 2 });
    expect(await to.load(out.id, { now })).toMatchObject({ ended: "logged-out" });
    expect(await to.load(revoked.id, { now })).toBeNull();
  });

  test("what ended in from ends, but for what ran out there", async () => {
    const [out, idle] = [recordOf("ada"), recordOf("bob")];
    for (const store of [from, to]) for (const record of [out, idle]) await add(store, record);
    await from.delete(out.id, "logged-out", { now });
    await from.delete(idle.id, "idle", { now });
    expect(await copy({ switchedAt })).toEqual({ ...NONE, ended: 1 });
    expect(await to.load(out.id, { now })).toMatchObject({ ended: "logged-out" });
    expect(await to.load(idle.id, { now })).toMatchObject({ userId: "bob" });
  });

  test("a run is refused when ends in to may be forgotten, and stops when it gets there", async () => {
    for (let i = 0; i < 3; i++) await add(from, recordOf("ada"));
    const onProgress = (): void => {
      now += 4 * MINUTE;
    };
    const late = { switchedAt, pageSize: 1, onProgress };
    await expect(copy(late)).rejects.toMatchObject({ code: "INVALID_OPTION", option: "switchedAt" });
    expect((await to.listByUser("ada", { now, limit: 9 })).sessions).toHaveLength(2);
    await expect(copy({ switchedAt })).rejects.toMatchObject({ option: "switchedAt" });
  });
});

test("a to that is in use, or stands in the place of from, is found out", async () => {
  const record = await add(from, recordOf("ada"));
  await add(to, used(record, MINUTE));
  await expect(copy()).rejects.toMatchObject({ code: "INVALID_OPTION", option: "switchedAt" });
});

test("memory is needed for one page, however many there are", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const seen: WeakRef<SessionRecord>[] = [];
  /** A store of 40 pages, made as they are asked for. */
  const endless: SessionStore = Object.assign(memoryStore(), {
    async scan({ after = "0", limit }: { after?: string; limit: number }) {
      const sessions = Array.from({ length: limit }, () => recordOf(null));
      seen.push(...sessions.map((record) => new WeakRef(record)));
      const next = Number(after) + 1;
      return { sessions, damaged: 0, after: next < 40 ? String(next) : null };
    },
  });
  /** Forgets what it is given. */
  const sink: SessionStore = Object.assign(memoryStore(), { create: async () => ({ ok: true }) });
  const alive: number[] = [];
  const onProgress = async ({ part }: CopyProgress): Promise<void> => {
    if (part === "checking") return;
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    alive.push(seen.filter((ref) => ref.deref()).length);
  };
  const { copied } = await copySessions(endless, sink, { clock: () => now, pageSize: 50, onProgress });
  expect(copied).toBe(2000);
  expect(Math.max(...alive)).toBeLessThanOrEqual(100); // the page that is through, and not yet let go of the one before
});

test("onProgress is waited for, and its failure is the run's", async () => {
  for (let i = 0; i < 3; i++) await add(from, recordOf("ada"));
  const told: (string | null)[] = [];
  const onProgress = async ({ after }: CopyProgress): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    if (told.push(after) === 2) throw new Error("nowhere to write it");
  };
  await expect(copy({ pageSize: 1, onProgress })).rejects.toThrow("nowhere to write it");
  expect(told).toHaveLength(2);
  expect((await to.listByUser("ada", { ...at(0), limit: 9 })).sessions).toHaveLength(2);
});

test("a store that fails at one session is asked for nothing more", async () => {
  for (let i = 0; i < 200; i++) await add(from, recordOf(`user-${i}`));
  const create = to.create.bind(to);
  let calls = 0;
  to.create = async (record, call) => {
    if (++calls === 10) throw new StoreFault("too-large", "too large");
    await new Promise((resolve) => setImmediate(resolve));
    return create(record, call);
  };
  await expect(copy()).rejects.toThrow("too large");
  const before = calls;
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect([before, calls]).toEqual([before, before]);
  expect(calls).toBeLessThanOrEqual(64);
});

test("a from without any session prunes nothing", async () => {
  const record = await add(to, recordOf("ada"));
  await expect(copy({ prune: true })).rejects.toMatchObject({ code: "INVALID_OPTION", option: "prune" });
  expect(await to.load(record.id, at(0))).toMatchObject({ userId: "ada" });
  expect(await copy()).toEqual({ ...NONE, extra: 1 });
  to = memoryStore();
  expect(await copy({ prune: true })).toEqual(NONE);
});

test("a store that fails ends the run, with its own fault", async () => {
  await add(from, recordOf("ada"));
  to.create = async () => {
    throw new StoreFault("unavailable", "away");
  };
  await expect(copy()).rejects.toThrow("away");
});

test("a store that hangs is given up after storeTimeout", async () => {
  await add(from, recordOf("ada"));
  to.create = (_, { signal }) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => reject(new StoreFault("timeout", "late")));
    });
  await expect(copy({ storeTimeout: "20ms" })).rejects.toThrow("late");
});

describe("refused at once", () => {
  const impossible: readonly (readonly [option: string, options: object])[] = [
    ["copySessions.prun", { prun: true }],
    ["prune", { prune: 1 }],
    ["prune", { prune: true, switchedAt: NOW }],
    ["pageSize", { pageSize: 0 }],
    ["pageSize", { pageSize: 10_001 }],
    ["switchedAt", { switchedAt: "yesterday" }],
    ["switchedAt", { switchedAt: NOW + 1 }],
    ["storeTimeout", { storeTimeout: "soon" }],
    ["after", { after: "somewhere" }],
  ];
  test.each(impossible)("%s: %o", async (option, options) => {
    await expect(copy(options)).rejects.toMatchObject({ code: "INVALID_OPTION", option });
  });

  test("stores that cannot be copied from or to", async () => {
    const without: SessionStore = Object.assign(Object.create(memoryStore()), { scan: undefined });
    const { guarantees } = to;
    const slotted: SessionStore = Object.assign(memoryStore(), {
      guarantees: { ...guarantees, slots: true },
    });
    for (const [option, a, b] of [
      ["from", without, to],
      ["to", from, without],
      ["to", from, slotted],
      ["to", from, from],
    ] as const) {
      await expect(copySessions(a, b)).rejects.toMatchObject({ code: "INVALID_OPTION", option });
    }
  });
});
