import { describe, expect, test } from "vitest";
import { InvalidOptionError, StoreFault } from "../errors.ts";
import { listen } from "../testing/store-contract/checks.ts";
import {
  at,
  begunAt,
  newId,
  newVersion,
  revised,
  START,
  userRecord,
  visitorRecord,
} from "../testing/store-contract/records.ts";
import type { SessionStore } from "./contract.ts";
import { memoryStore } from "./memory.ts";

async function filled(...records: readonly ReturnType<typeof userRecord>[]): Promise<SessionStore> {
  const store = memoryStore({ maxSessions: records.length });
  for (const record of records) await store.create(record, begunAt());
  return store;
}

async function isLive(store: SessionStore, id: string, offset = 0): Promise<boolean> {
  const found = await store.load(id, at(offset));
  return found !== null && !("ended" in found);
}

describe("memoryStore's options", () => {
  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 10_000_001, "5", null])(
    "refuse maxSessions: %s",
    (maxSessions) => {
      expect(() => memoryStore({ maxSessions: maxSessions as number })).toThrow(InvalidOptionError);
    },
  );

  test("refuse a name that is not known, and say what there is", () => {
    const options = { maxSesions: 5 };
    expect(() => memoryStore(options as object)).toThrow(
      "memoryStore.maxSesions: is not known. There is: maxSessions",
    );
  });

  test("refuse what is no object", () => {
    expect(() => memoryStore(5 as unknown as object)).toThrow(InvalidOptionError);
  });

  test("take one session and ten million", () => {
    expect(memoryStore({ maxSessions: 1 }).name).toBe("memory");
    expect(memoryStore({ maxSessions: 10_000_000 }).name).toBe("memory");
  });
});

describe("a memory store that is full", () => {
  test("ends an expired session first, with the deadline it met", async () => {
    const expired = userRecord("ada", { idleUntil: START + 1000 });
    const visitor = visitorRecord();
    const store = await filled(visitor, expired);
    const ends = listen();
    expect(await store.create(userRecord(), begunAt(1000, ends))).toEqual({ ok: true });
    ends.are([[expired, "idle"]]);
    expect(await isLive(store, visitor.id, 1000)).toBe(true);
  });

  test("ends the visitor's session used longest ago, with reason limit", async () => {
    const [first, second, third] = [visitorRecord(), visitorRecord(), visitorRecord()];
    const store = await filled(first, second, third);
    await store.touch(first.id, first.idleUntil + 1, at(1000));
    await store.save(revised(second, 2000), second.version, at(2000));
    const ends = listen();
    await store.create(visitorRecord(), begunAt(3000, ends));
    ends.are([[third, "limit"]]);
    await store.create(visitorRecord(), begunAt(3000));
    expect(await isLive(store, first.id, 3000)).toBe(false);
    expect(await isLive(store, second.id, 3000)).toBe(true);
  });

  test("gives up visitors for sign-ins, and never a sign-in for a visitor", async () => {
    const visitor = visitorRecord();
    const user = userRecord("ada", { createdAt: START - 9_000_000, seenAt: START - 9_000_000 });
    const store = await filled(user, visitor);
    await store.create(userRecord("bob"), begunAt());
    expect(await isLive(store, user.id)).toBe(true);
    expect(await isLive(store, visitor.id)).toBe(false);
    await expect(store.create(visitorRecord(), begunAt())).rejects.toThrow(StoreFault);
  });

  test("is unavailable when all are signed in; nobody ends, and room comes with the next end", async () => {
    const records = [userRecord("ada"), userRecord("bob")];
    const store = await filled(...records);
    const late = userRecord("eve");
    const ends = listen();
    await expect(store.create(late, begunAt(0, ends))).rejects.toMatchObject({
      kind: "unavailable",
      message: expect.stringContaining("maxSessions"),
    });
    ends.are([]);
    for (const { id } of records) expect(await isLive(store, id)).toBe(true);
    await store.delete(records[0]?.id ?? "", "logged-out", at());
    expect(await store.create(late, begunAt())).toEqual({ ok: true });
  });

  test("takes a login that replaces a session or ends another of its user", async () => {
    const [ada, bob] = [userRecord("ada"), userRecord("bob")];
    const store = await filled(ada, bob);
    expect(await store.create(userRecord("ada"), begunAt(0, { replaces: ada }))).toEqual({ ok: true });
    const limit = { max: 1, over: "evict-oldest" } as const;
    expect(await store.create(userRecord("bob"), begunAt(0, { limit }))).toEqual({ ok: true });
    expect(await isLive(store, bob.id)).toBe(false);
  });

  test("ends nobody for a create that is refused or repeated", async () => {
    const [visitor, user] = [visitorRecord(), userRecord()];
    const store = await filled(visitor, user);
    await store.deleteByUser("ada", { ...at(), except: user.id });
    const conflicting = { replaces: { id: user.id, version: newVersion() } };
    await store.create(user, begunAt());
    await store.create({ ...user, version: newVersion() }, begunAt());
    await store.create(userRecord(), { ...at(), since: { startedAt: START } });
    await store.create(userRecord(), begunAt(1, conflicting));
    await store.create(userRecord(), begunAt(1, { limit: { max: 1, over: "refuse" } }));
    expect(await isLive(store, visitor.id)).toBe(true);
  });

  test("remembers as many ends as it may hold sessions, the latest", async () => {
    const store = memoryStore({ maxSessions: 3 });
    const records = Array.from({ length: 4 }, () => visitorRecord());
    for (const [i, record] of records.entries()) {
      await store.create(record, begunAt(i));
      await store.delete(record.id, "revoked", at(i));
    }
    const found = await Promise.all(records.map(({ id }) => store.load(id, at(10))));
    expect(found.map((end) => end !== null)).toEqual([false, true, true, true]);
  });
});

describe("a memory store", () => {
  test("tells of ends when all is done, so that a listener may use the store", async () => {
    const store = memoryStore();
    const records = Array.from({ length: 5 }, () => userRecord());
    for (const record of records) await store.create(record, begunAt());
    const seen: Promise<unknown>[] = [];
    await store.deleteByUser("ada", {
      ...at(),
      onEnded: ({ id }) => {
        seen.push(
          store.load(id, at()),
          store.delete(id, "theft", at()),
          store.create(userRecord("bob"), begunAt()),
        );
      },
    });
    const answers = await Promise.all(seen);
    expect(answers.filter((answer) => answer === "gone")).toHaveLength(5);
    expect((await store.listByUser("bob", { ...at(), limit: 10 })).sessions).toHaveLength(5);
  });

  test("tells of what ended on the way also when the operation fails", async () => {
    const store = memoryStore({ maxSessions: 2 });
    const expired = userRecord("ada", { idleUntil: START + 1000 });
    await store.create(expired, begunAt());
    await store.create(userRecord("bob"), begunAt());
    await store.create(userRecord("bob"), begunAt()).catch(() => undefined);
    const ends = listen();
    await store.listByUser("ada", { ...at(1000), limit: 1, ...ends });
    ends.are([[expired, "idle"]]);
  });

  test("lets others have their turn while the sessions of a user with very many end", async () => {
    const crowd = Array.from({ length: 1000 }, () => userRecord("crowd"));
    const store = await filled(...crowd, userRecord("ada"));
    const order: string[] = [];
    const revoking = store.deleteByUser("crowd", at()).then((count) => order.push(`ended ${count}`));
    const [first] = crowd;
    const reading = store.listByUser("ada", { ...at(), limit: 1 }).then(() => order.push("listed"));
    await Promise.all([revoking, reading]);
    expect(order).toEqual(["listed", "ended 1000"]);
    expect(await isLive(store, first?.id ?? "")).toBe(false);
  });

  test("takes no cursor but its own", async () => {
    const store = memoryStore();
    for (const after of ["", "x", " ", newId(), "NaN x"]) {
      await expect(store.listByUser("ada", { ...at(), limit: 1, after })).rejects.toMatchObject({
        kind: "corrupt",
      });
    }
  });

  test("refuses credentials beyond reason", async () => {
    const store = memoryStore();
    const record = userRecord("ada", { credentials: new Uint8Array(65_536) });
    await expect(store.create(record, begunAt())).rejects.toMatchObject({ kind: "too-large" });
    await store.create({ ...record, credentials: new Uint8Array(65_535) }, begunAt());
    expect(await isLive(store, record.id)).toBe(true);
  });

  test("starts no timer", async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = timers();
    const store = memoryStore();
    await store.open();
    await store.create(userRecord(), begunAt());
    await store.sweep({ ...at(), limit: 10 });
    expect(timers()).toBe(before);
  });

  test("a closed one has let go of its sessions", async () => {
    const store = memoryStore();
    await store.create(userRecord(), begunAt());
    await store.close();
    expect(await store.health(at())).toEqual({ ok: false, detail: "closed" });
    await expect(store.open()).rejects.toMatchObject({ kind: "closed" });
  });
});
