import { fork } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { holds, remainsOf } from "../../../test/support/remains.ts";
import { at, newVersion, recordOf, scratchFolder, since } from "../../../test/support/stored-records.ts";
import type { SessionRecord } from "../../core/record.ts";
import { type SqliteHandle, type SqliteStore, sqliteStore } from "../sqlite.ts";

const MB = 1024 * 1024;

async function openStore(target: string | SqliteHandle): Promise<SqliteStore> {
  const store = sqliteStore(target);
  await store.open();
  onTestFinished(() => store.close());
  return store;
}

function openHandle(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  onTestFinished(() => {
    if (db.isOpen) db.close();
  });
  return db;
}

function recordOfPerson(userId: string, bytes = 400): SessionRecord {
  return recordOf(userId, {
    label: `label-of-${userId}`,
    about: `{"about":"${userId}"}`,
    payload: Buffer.alloc(bytes, `data-of-${userId} `),
  });
}

async function add(store: SqliteStore, ...records: readonly SessionRecord[]): Promise<void> {
  for (const record of records) {
    expect(await store.create(record, { ...at(0), since: since() })).toEqual({ ok: true });
  }
}

test("nothing is left in file and log, with another process in the database and after 10,000 sessions", {
  timeout: 120_000,
}, async () => {
  const path = join(scratchFolder(), "sessions.db");
  const other = fork(new URL("../../../test/conformance/processes/worker.ts", import.meta.url));
  onTestFinished(() => void other.kill());
  other.send({ job: "open", path });
  await once(other, "message");
  const store = await openStore(path);
  const people = Array.from({ length: 100 }, (_, i) => `person-${i}-of-many`);
  for (let i = 0; i < 10_000; i++) {
    const record = recordOfPerson(people[i % 100] ?? "", 200 + ((i * 7919) % 1500));
    await add(store, record);
    if (i % 2) continue;
    const payload = Buffer.alloc(200 + ((i * 104_729) % 1500), record.payload);
    await store.save({ ...record, version: newVersion(), payload }, record.version, at(1));
    if (i % 6 === 0) await store.delete(record.id, "logged-out", at(1));
  }
  expect(await store.erase(people[0] ?? "", at(2))).toBeGreaterThan(50);
  const remains = remainsOf(dirname(path));
  expect(holds(remains, "person-0-of-many")).toBe(false);
  expect(holds(remains, "person-1-of-many")).toBe(true);
  expect(statSync(`${path}-wal`).size).toBe(0);
});

test("a mark names nobody, and what it keeps out it keeps out in other processes too", async () => {
  const path = join(scratchFolder(), "sessions.db");
  const store = await openStore(path);
  await store.erase("ada-lovelace", at(0));
  await store.deleteByUser("ada-lovelace", at(1));
  const db = openHandle(path);
  const [mark, ...others] = db.prepare("SELECT * FROM sojourn_marks").all();
  expect(others).toEqual([]);
  expect(mark).toMatchObject({ user: expect.any(Uint8Array), revoked_at: at(1).now });
  expect(holds(remainsOf(dirname(path)), "ada-lovelace")).toBe(false);
  const late = { ...at(2), since: since() };
  expect(await (await openStore(path)).create(recordOf("ada-lovelace"), late)).toEqual({
    ok: false,
    reason: "revoked",
  });
});

test("what ended elsewhere since the last erasure goes with the next one, whoever's it was", async () => {
  const path = join(scratchFolder(), "sessions.db");
  const [store, other] = [await openStore(path), await openStore(path)];
  await store.erase("nobody", at(0));
  await store.erase("nobody", at(0)); // nothing to do, which is noticed
  for (const through of [store, other]) {
    const record = recordOfPerson("ada-lovelace", 9000);
    await add(through, record);
    await through.delete(record.id, "logged-out", at(1));
    await store.erase("nobody", at(2));
    expect(holds(remainsOf(dirname(path)), "ada-lovelace")).toBe(false);
  }
});

test("an erasure under way when the store closes is complete", async () => {
  const path = join(scratchFolder(), "sessions.db");
  const store = await openStore(path);
  await add(store, ...Array.from({ length: 200 }, () => recordOfPerson("ada-lovelace")));
  const erasing = store.erase("ada-lovelace", at(1));
  await store.close();
  expect(await erasing).toBe(200);
  expect(holds(remainsOf(dirname(path)), "ada-lovelace")).toBe(false);
});

test("a reader that stays in the log makes it busy, with the sessions ended; repeated it finishes", async () => {
  const path = join(scratchFolder(), "sessions.db");
  const store = await openStore(path);
  const record = recordOfPerson("ada-lovelace");
  await add(store, record);
  const reader = openHandle(path);
  reader.exec("BEGIN");
  reader.prepare("SELECT count(*) FROM sojourn_sessions").get();
  await expect(store.erase("ada-lovelace", at(1))).rejects.toMatchObject({ kind: "busy" });
  expect(await store.load(record.id, at(2))).toEqual({ ended: "revoked", at: at(1).now });
  expect(holds(remainsOf(dirname(path)), "ada-lovelace")).toBe(true);
  reader.exec("COMMIT");
  expect(await store.erase("ada-lovelace", at(3))).toBe(0);
  expect(holds(remainsOf(dirname(path)), "ada-lovelace")).toBe(false);
});

test("a large file is not written again, its ended sessions are overwritten, and compact does the rest", {
  timeout: 60_000,
}, async () => {
  const path = join(scratchFolder(), "sessions.db");
  const store = await openStore(path);
  await add(store, ...Array.from({ length: 40 }, () => recordOfPerson("bob", MB)));
  const gone = recordOfPerson("ada-lovelace", 5 * 8192);
  await add(store, gone, recordOfPerson("ada-lovelace"), recordOfPerson("bob"));
  await store.deleteByUser("bob", at(1));
  expect(await store.erase("ada-lovelace", at(2))).toBe(2);
  expect(statSync(path).size).toBeGreaterThan(40 * MB);
  expect(holds(remainsOf(dirname(path)), "ada-lovelace")).toBe(false);
  expect(holds(remainsOf(dirname(path)), "data-of-bob")).toBe(true);
  await store.compact();
  expect(statSync(path).size).toBeLessThan(MB);
  expect(holds(remainsOf(dirname(path)), "data-of-bob")).toBe(false);
});

test.each(["OFF", "FAST", "ON"])(
  "on a handle the sessions are overwritten, and secure_delete is %s again afterwards",
  async (mode) => {
    const path = join(scratchFolder(), "app.db");
    const db = openHandle(path);
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA secure_delete = ${mode}; CREATE TABLE notes (text)`);
    db.prepare("INSERT INTO notes VALUES (?)").run("a note that was deleted");
    db.exec("DELETE FROM notes");
    const before = db.prepare("PRAGMA secure_delete").get();
    const store = await openStore(db);
    await add(store, recordOfPerson("ada-lovelace"), recordOfPerson("bob"));
    expect(await store.erase("ada-lovelace", at(1))).toBe(1);
    expect(db.prepare("PRAGMA secure_delete").get()).toEqual(before);
    const remains = remainsOf(dirname(path));
    expect(holds(remains, "ada-lovelace")).toBe(false);
    expect(holds(remains, "a note that was deleted")).toBe(mode === "OFF"); // the rest is its owner's
  },
);

test("to write a file again moves no row, so that revoking everyone meanwhile loses none", async () => {
  const path = join(scratchFolder(), "sessions.db");
  const store = await openStore(path);
  const records = Array.from({ length: 50 }, () => recordOfPerson("bob"));
  await add(store, ...records);
  const db = openHandle(path);
  db.exec("DELETE FROM sojourn_sessions WHERE place % 3 = 0");
  const rows = (): unknown => db.prepare("SELECT place, id FROM sojourn_sessions ORDER BY place").all();
  const before = rows();
  await store.erase("ada", at(1));
  expect(rows()).toEqual(before);
});
