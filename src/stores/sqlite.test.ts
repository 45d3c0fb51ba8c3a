import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import {
  at,
  MINUTE,
  NOW,
  newVersion,
  recordOf,
  scratchFolder,
  since,
} from "../../test/support/stored-records.ts";
import type { SessionHeader } from "../core/record.ts";
import { InvalidOptionError, StoreFault } from "../errors.ts";
import { type SqliteHandle, type SqliteStore, sqliteStore } from "./sqlite.ts";

async function openStore(target: string | SqliteHandle): Promise<SqliteStore> {
  const store = sqliteStore(target);
  await store.open();
  onTestFinished(() => store.close());
  return store;
}

function openHandle(path = ":memory:"): DatabaseSync {
  const db = new DatabaseSync(path);
  onTestFinished(() => db.close());
  return db;
}

test("a folder and a file that are missing are made, for their owner only", async () => {
  const folder = join(scratchFolder(), "var", "data");
  const store = await openStore(join(folder, "sessions.db"));
  await store.create(recordOf(null), { ...at(0), since: since() });
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const suffix of ["", "-wal", "-shm"]) {
    expect(statSync(join(folder, `sessions.db${suffix}`)).mode & 0o777).toBe(0o600);
  }
});

test("a file that others may read is served, with a warning", async () => {
  const path = join(scratchFolder(), "sessions.db");
  writeFileSync(path, "");
  chmodSync(path, 0o644);
  const store = sqliteStore(path);
  onTestFinished(() => store.close());
  expect(await store.open()).toEqual([expect.stringContaining("chmod 600")]);
});

test("sessions are there again after the store was closed and opened", async () => {
  const path = join(scratchFolder(), "sessions.db");
  const record = recordOf("ada", { label: "Firefox on Linux", persistent: true });
  const before = await openStore(path);
  await before.create(record, { ...at(0), since: since() });
  await before.close();
  const after = await openStore(path);
  expect(await after.load(record.id, at(1))).toEqual({
    ...record,
    credentials: new Uint8Array(record.credentials),
    payload: new Uint8Array(record.payload),
  });
});

test("what a store before opening, after closing or past its deadline is asked, it refuses", async () => {
  const store = sqliteStore(":memory:");
  await expect(store.load(recordOf(null).id, at(0))).rejects.toMatchObject({ kind: "unavailable" });
  await store.open();
  const late = at(0, { signal: AbortSignal.abort() });
  const record = recordOf(null);
  await expect(store.create(record, { ...late, since: since() })).rejects.toMatchObject({ kind: "timeout" });
  expect(await store.load(record.id, at(0))).toBeNull();
  await store.close();
  await expect(store.load(record.id, at(0))).rejects.toMatchObject({ kind: "closed" });
  await expect(store.open()).rejects.toMatchObject({ kind: "closed" });
});

test.each([
  ["a file that is no database", (path: string) => writeFileSync(path, "x".repeat(5000)), "corrupt"],
  ["a folder", (path: string) => mkdirSync(path), "unavailable"],
  ["a file below another file", (path: string) => writeFileSync(join(path, ".."), ""), "unavailable"],
])("%s is refused with its name", async (_, prepare, kind) => {
  const path = join(scratchFolder(), "sub", "sessions.db");
  if (kind === "corrupt" || _ === "a folder") mkdirSync(join(path, ".."));
  prepare(path);
  const store = sqliteStore(path);
  const failure = await store.open().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StoreFault);
  expect(failure).toMatchObject({ kind, message: expect.stringContaining(path) });
  await expect(store.load(recordOf(null).id, at(0))).rejects.toThrow(StoreFault);
});

test("a page that is damaged is an error, not a missing session", async () => {
  const path = join(scratchFolder(), "sessions.db");
  const record = recordOf(null);
  const before = await openStore(path);
  await before.create(record, { ...at(0), since: since() });
  await before.close();
  const bytes = readFileSync(path);
  bytes.fill(0xff, 8192);
  writeFileSync(path, bytes);
  const after = sqliteStore(path);
  onTestFinished(() => after.close());
  const load = async (): Promise<unknown> => {
    await after.open();
    return after.load(record.id, at(0));
  };
  await expect(load()).rejects.toMatchObject({ kind: "corrupt" });
});

test("a schema of a newer version is refused in plain words and left as it is", async () => {
  const path = join(scratchFolder(), "sessions.db");
  await (await openStore(path)).close();
  const db = openHandle(path);
  db.exec("UPDATE sojourn_meta SET value = 99 WHERE name = 'schema'");
  await expect(sqliteStore(path).open()).rejects.toThrow(/newer version of Sojourn \(schema 99/);
  expect(db.prepare("SELECT value FROM sojourn_meta").get()).toEqual({ value: 99 });
});

test("a read-only database is a fault that says so", async () => {
  const path = join(scratchFolder(), "sessions.db");
  await (await openStore(path)).close();
  const db = new DatabaseSync(path, { readOnly: true });
  onTestFinished(() => db.close());
  await expect(sqliteStore(db).open()).rejects.toThrow(/read-only/);
});

test("a full disk is a fault that applies nothing", async () => {
  const db = openHandle();
  const store = await openStore(db);
  const record = recordOf("ada");
  await store.create(record, { ...at(0), since: since() });
  const { page_count: pages } = db.prepare("PRAGMA page_count").get() as { page_count: number };
  db.exec(`PRAGMA max_page_count = ${pages}`);
  const big = { ...record, version: newVersion(), payload: new Uint8Array(100_000) };
  await expect(store.save(big, record.version, at(1))).rejects.toMatchObject({
    kind: "unavailable",
    message: expect.stringContaining("disk is full"),
  });
  expect(await store.load(record.id, at(1))).toMatchObject({ version: record.version });
});

test("a database that stays locked is waited for without blocking, then answered busy", async () => {
  const path = join(scratchFolder(), "sessions.db");
  const store = await openStore(path);
  const record = recordOf(null);
  await store.create(record, { ...at(0), since: since() });
  const other = openHandle(path);
  other.exec("BEGIN IMMEDIATE");
  const write = store.touch(record.id, NOW + 40 * MINUTE, at(1));
  let turns = 0;
  const timer = setInterval(() => turns++, 5);
  await expect(write).rejects.toMatchObject({ kind: "busy" });
  clearInterval(timer);
  expect(turns).toBeGreaterThan(5);
  expect(await store.load(record.id, at(1))).toMatchObject({ idleUntil: record.idleUntil });
  other.exec("ROLLBACK");
});

test("a write that waits for a lock goes through when it is free, and close waits for it", async () => {
  const path = join(scratchFolder(), "sessions.db");
  const store = await openStore(path);
  const other = openHandle(path);
  const record = recordOf("ada");
  other.exec("BEGIN IMMEDIATE");
  const write = store.create(record, { ...at(0), since: since() });
  const closing = store.close();
  other.exec("ROLLBACK");
  expect(await write).toEqual({ ok: true });
  await closing;
  expect(await (await openStore(path)).load(record.id, at(0))).toMatchObject({ userId: "ada" });
});

test("a write that waits gives up when its caller does, and is not applied later", async () => {
  const path = join(scratchFolder(), "sessions.db");
  const store = await openStore(path);
  const other = openHandle(path);
  const record = recordOf("ada");
  const caller = new AbortController();
  other.exec("BEGIN IMMEDIATE");
  const write = store.create(record, { ...at(0, { signal: caller.signal }), since: since() });
  caller.abort();
  await expect(write).rejects.toMatchObject({ kind: "timeout" });
  other.exec("ROLLBACK");
  expect(await store.load(record.id, at(0))).toBeNull();
});

test("the log stays bounded over 20,000 writes", async () => {
  const path = join(scratchFolder(), "sessions.db");
  const store = await openStore(path);
  const records = Array.from({ length: 100 }, () => recordOf("ada"));
  for (const record of records) await store.create(record, { ...at(0), since: since() });
  const versions = records.map((record) => record.version);
  for (let write = 0; write < 20_000; write++) {
    const place = write % 100;
    const record = records[place];
    if (!record) continue;
    const version = newVersion();
    await store.save({ ...record, version }, versions[place] ?? "", at(1));
    versions[place] = version;
  }
  expect(statSync(`${path}-wal`).size).toBeLessThan(8 * 1024 * 1024);
});

test("nothing of an ended session is left in its row", async () => {
  const db = openHandle();
  const store = await openStore(db);
  const record = recordOf("ada", { label: "Firefox" });
  await store.create(record, { ...at(0), since: since() });
  await store.delete(record.id, "logged-out", at(1));
  const row = db.prepare("SELECT * FROM sojourn_sessions").get();
  const left = Object.fromEntries(Object.entries(Object(row)).filter(([, value]) => value !== null));
  expect(left).toEqual({
    id: new Uint8Array(Buffer.from(record.id, "base64url")),
    reason: "logged-out",
    place: 1,
    seen_at: NOW + 1,
    sweep_at: NOW + 1 + 10 * MINUTE,
    idle_until: 0,
    absolute_until: 0,
  });
});

test("texts that a database or a file might cut or mend come back as they were", async () => {
  const store = await openStore(":memory:");
  const names = ["a", "a\0", "a\0b", "\ud800", "\udfff", "\ufffd", "a\u0000\ud800"];
  for (const name of names) await store.create(recordOf(name, { label: name }), { ...at(0), since: since() });
  for (const name of names) {
    const { sessions } = await store.listByUser(name, { ...at(0), limit: 9 });
    expect(sessions.map((session) => [session.userId, session.label])).toEqual([[name, name]]);
    expect(await store.deleteByUser(name, at(0))).toBe(1);
  }
});

test("a sweep passes by what was used since its deadline was first known, and comes back to it", async () => {
  const store = await openStore(":memory:");
  const used = recordOf("ada");
  const idle = recordOf("ada");
  for (const record of [used, idle]) await store.create(record, { ...at(0), since: since() });
  await store.touch(used.id, NOW + 50 * MINUTE, at(20 * MINUTE));
  expect(await store.sweep({ ...at(30 * MINUTE), limit: 10 })).toEqual({ removed: 1, more: false });
  expect(await store.load(used.id, at(30 * MINUTE))).toMatchObject({ id: used.id });
  expect(await store.sweep({ ...at(50 * MINUTE), limit: 10 })).toEqual({ removed: 1, more: false });
});

test("a sweep finds what ends soon among neighbours that end late, whichever came first", async () => {
  const store = await openStore(":memory:");
  for (const minutes of [60, 30, 45]) {
    const record = recordOf(null, { idleUntil: NOW + minutes * MINUTE });
    await store.create(record, { ...at(0), since: since() });
  }
  for (const minutes of [30, 45, 60]) {
    const before = { ...at(minutes * MINUTE - 1), limit: 10 };
    expect((await store.sweep(before)).removed).toBe(0);
    expect((await store.sweep({ ...at(minutes * MINUTE), limit: 10 })).removed).toBe(1);
  }
});

test("a sweep ends in time, however much there is to forget", async () => {
  const db = openHandle();
  const store = await openStore(db);
  for (let n = 0; n < 50; n++) {
    const record = recordOf(null);
    await store.create(record, { ...at(0), since: since() });
    await store.delete(record.id, "logged-out", at(0));
  }
  const call = { ...at(10 * MINUTE), limit: 3 };
  expect(await store.sweep(call)).toEqual({ removed: 0, more: true });
  expect(await store.sweep(call)).toEqual({ removed: 0, more: true });
  expect(await store.sweep(call)).toEqual({ removed: 0, more: false });
});

test("sweeps forget tombstones and marks when their time is over", async () => {
  const db = openHandle();
  const store = await openStore(db);
  await store.create(recordOf("ada"), { ...at(0), since: since() });
  await store.deleteByUser("ada", at(1));
  const count = (table: string): unknown => db.prepare(`SELECT count(*) AS rows FROM ${table}`).get();
  await store.sweep({ ...at(10 * MINUTE), limit: 10 });
  expect([count("sojourn_sessions"), count("sojourn_marks")]).toEqual([{ rows: 1 }, { rows: 1 }]);
  await store.sweep({ ...at(15 * MINUTE + 1), limit: 10 });
  expect([count("sojourn_sessions"), count("sojourn_marks")]).toEqual([{ rows: 0 }, { rows: 0 }]);
});

test("thousands of sessions of one user end while others are served in between", async () => {
  const store = await openStore(":memory:");
  const records = Array.from({ length: 3000 }, () => recordOf("ada"));
  for (const record of records) await store.create(record, { ...at(0), since: since() });
  const ended: SessionHeader[] = [];
  let turns = 0;
  let isOver = false;
  const tick = (): void => {
    turns++;
    if (!isOver) setImmediate(tick);
  };
  setImmediate(tick);
  const count = await store.deleteByUser("ada", at(1, { onEnded: (session) => ended.push(session) }));
  isOver = true;
  expect(count).toBe(3000);
  expect(new Set(ended.map((session) => session.id))).toEqual(new Set(records.map((record) => record.id)));
  expect(turns).toBeGreaterThan(2);
});

test("compact gives the space of ended sessions back", async () => {
  const path = join(scratchFolder(), "sessions.db");
  const store = await openStore(path);
  const record = recordOf("ada", { payload: new Uint8Array(500_000) });
  await store.create(record, { ...at(0), since: since() });
  await store.deleteAll(at(1));
  await store.compact();
  expect(statSync(path).size).toBeLessThan(100_000);
});

test("health tells when the file was replaced behind the store's back", async () => {
  const path = join(scratchFolder(), "sessions.db");
  const store = await openStore(path);
  expect(await store.health(at(0))).toEqual({ ok: true });
  renameSync(path, `${path}.moved`);
  expect(await store.health(at(0))).toMatchObject({ ok: false });
});

test("a given handle keeps its settings, and stays open when the store is closed", async () => {
  const path = join(scratchFolder(), "app.db");
  const db = openHandle(path);
  db.exec("CREATE TABLE orders (id INTEGER PRIMARY KEY)");
  const store = sqliteStore(db);
  expect(await store.open()).toEqual([expect.stringContaining("journal mode is delete")]);
  const record = recordOf("ada");
  await store.create(record, { ...at(0), since: since() });
  await store.close();
  expect(db.prepare("SELECT count(*) AS rows FROM orders").get()).toEqual({ rows: 0 });
  expect(await (await openStore(db)).load(record.id, at(0))).toMatchObject({ userId: "ada" });
});

test("a handle that reads integers as BigInt is refused in plain words", async () => {
  const db = openHandle();
  const handle: SqliteHandle = {
    exec: (sql) => db.exec(sql),
    prepare(sql) {
      const statement = db.prepare(sql);
      statement.setReadBigInts(true);
      return statement;
    },
  };
  await expect(sqliteStore(handle).open()).rejects.toThrow(/BigInt/);
});

test("a library that returns rows as objects only will do", async () => {
  const db = openHandle();
  const store = await openStore({
    exec: (sql) => db.exec(sql),
    prepare(sql) {
      const statement = db.prepare(sql);
      return {
        run: (...values) => statement.run(...values),
        get: (...values) => statement.get(...values),
        all: (...values) => statement.all(...values),
      };
    },
  });
  const record = recordOf("ada", { label: "Firefox" });
  await store.create(record, { ...at(0), since: since() });
  expect(await store.load(record.id, at(0))).toMatchObject({ userId: "ada", label: "Firefox" });
  expect(await store.load(recordOf("ada").id, at(0))).toBeNull();
  expect((await store.listByUser("ada", { ...at(0), limit: 5 })).sessions).toHaveLength(1);
  expect(await store.deleteByUser("ada", at(0))).toBe(1);
});

test("a write never becomes part of a transaction its owner may roll back", async () => {
  const db = openHandle();
  const store = await openStore(db);
  const record = recordOf(null);
  db.exec("BEGIN");
  const write = store.create(record, { ...at(0), since: since() });
  db.exec("ROLLBACK");
  expect(await write).toEqual({ ok: true });
  expect(await store.load(record.id, at(0))).toMatchObject({ id: record.id });
});

test("two opens at once are one, and a failed one may be repeated", async () => {
  const path = join(scratchFolder(), "sessions.db");
  mkdirSync(path);
  const store = sqliteStore(path);
  onTestFinished(() => store.close());
  await expect(Promise.all([store.open(), store.open()])).rejects.toThrow(StoreFault);
  rmdirSync(path);
  await Promise.all([store.open(), store.open()]);
  expect(existsSync(path)).toBe(true);
});

test.each([
  ["an empty path", () => sqliteStore(" ")],
  ["a file: URL", () => sqliteStore("file:sessions.db?mode=memory")],
  ["a path with NUL", () => sqliteStore("sessions.db\0")],
  ["an object that is no database", () => sqliteStore({} as SqliteHandle)],
  ["an unknown option", () => sqliteStore(":memory:", { durable: "yes" } as object)],
  ["an impossible durability", () => sqliteStore(":memory:", { durability: "maybe" as "power-loss" })],
])("%s is refused at once", (_, make) => {
  expect(make).toThrow(InvalidOptionError);
});

test("guarantees follow the path and the durability", () => {
  expect(sqliteStore("x.db").guarantees).toMatchObject({ shared: "host", durable: "process-crash" });
  expect(sqliteStore("x.db", { durability: "power-loss" }).guarantees.durable).toBe("power-loss");
  expect(sqliteStore(":memory:").guarantees).toMatchObject({ shared: "process", durable: "no" });
});
