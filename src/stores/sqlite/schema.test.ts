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
} from "../../../test/support/stored-records.ts";
import { fromBase64url } from "../../core/bytes.ts";
import type { SessionRecord } from "../../core/record.ts";
import { type SqliteStore, sqliteStore } from "../sqlite.ts";

/** What version 1 made of an empty file. */
const SCHEMA_1 = `
  CREATE TABLE sojourn_meta (name TEXT NOT NULL PRIMARY KEY, value) WITHOUT ROWID;
  INSERT INTO sojourn_meta VALUES ('schema', 1);
  CREATE TABLE sojourn_sessions (
    id BLOB NOT NULL UNIQUE, version BLOB, user_id TEXT, created_at INTEGER, authenticated_at INTEGER,
    seen_at INTEGER NOT NULL, idle_until INTEGER NOT NULL, absolute_until INTEGER NOT NULL, idle_for INTEGER,
    persistent INTEGER, label TEXT, reason TEXT, sweep_at INTEGER NOT NULL, credentials BLOB, payload BLOB
  );
  CREATE INDEX sojourn_sessions_due ON sojourn_sessions (sweep_at);
  CREATE INDEX sojourn_sessions_of_user ON sojourn_sessions (user_id, created_at) WHERE user_id IS NOT NULL;
  CREATE TABLE sojourn_marks (
    user_id TEXT NOT NULL PRIMARY KEY, revoked_at INTEGER NOT NULL, token TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX sojourn_marks_due ON sojourn_marks (revoked_at);`;

const ADAS = recordOf("ada", {
  label: "Firefox",
  credentials: Buffer.alloc(3, 1),
  payload: Buffer.from("data"),
});
const VISITORS = recordOf(null, { credentials: Buffer.alloc(3, 2), payload: Buffer.alloc(9000, 2) });
const BOBS = recordOf("bob");

function openHandle(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  onTestFinished(() => db.close());
  return db;
}

/** A file as version 1 left it: two live sessions, an ended one, and a revocation mark. */
function oldFile(): string {
  const path = join(scratchFolder(), "sessions.db");
  const db = openHandle(path);
  db.exec(`PRAGMA journal_mode = WAL; ${SCHEMA_1}`);
  const live = db.prepare(`INSERT INTO sojourn_sessions
    (id, version, user_id, created_at, authenticated_at, seen_at, idle_until, absolute_until, idle_for, persistent,
     label, sweep_at, credentials, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  for (const record of [ADAS, VISITORS]) live.run(...columnsOf(record));
  db.prepare(`INSERT INTO sojourn_sessions (id, seen_at, idle_until, absolute_until, sweep_at, reason)
    VALUES (?, ?, 0, 0, ?, 'revoked')`).run(fromBase64url(BOBS.id), NOW, NOW + 10 * MINUTE);
  db.prepare("INSERT INTO sojourn_marks VALUES ('bob', ?, 'a token')").run(NOW);
  return path;
}

function columnsOf(record: SessionRecord): (Uint8Array | string | number | null)[] {
  return [
    fromBase64url(record.id),
    fromBase64url(record.version),
    record.userId,
    record.createdAt,
    record.authenticatedAt,
    record.seenAt,
    record.idleUntil,
    record.absoluteUntil,
    record.idleFor,
    0,
    record.label,
    record.idleUntil,
    record.credentials,
    record.payload,
  ];
}

async function openStore(path: string): Promise<SqliteStore> {
  const store = sqliteStore(path);
  await store.open();
  onTestFinished(() => store.close());
  return store;
}

function plain(record: SessionRecord): SessionRecord {
  return {
    ...record,
    credentials: Uint8Array.from(record.credentials),
    payload: Uint8Array.from(record.payload),
  };
}

test("the sessions of an older file are served as they were, with nothing known about them", async () => {
  const store = await openStore(oldFile());
  for (const record of [ADAS, VISITORS]) {
    expect(await store.load(record.id, at(1))).toEqual({ ...plain(record), version: expect.any(String) });
  }
  expect(await store.load(BOBS.id, at(1))).toEqual({ ended: "revoked", at: NOW });
  const { sessions } = await store.listByUser("ada", { ...at(1), limit: 9 });
  expect(sessions).toMatchObject([{ id: ADAS.id, label: "Firefox", about: null }]);
});

test("they go on and end as others do, beside new ones", async () => {
  const path = oldFile();
  const before = await openStore(path);
  const next = { ...ADAS, version: newVersion(), payload: Buffer.from("more") };
  const { conflict } = Object(await before.save(next, ADAS.version, at(1)));
  expect(await before.save(next, conflict.version, at(1))).toBe("saved");
  const young = recordOf("ada", { about: '{"level":2}', createdAt: NOW + 1 });
  expect(await before.create(young, { ...at(1), since: since() })).toEqual({ ok: true });
  await before.close();
  const after = await openStore(path);
  expect(await after.load(ADAS.id, at(3))).toEqual(plain(next));
  expect(await after.load(young.id, at(3))).toEqual(plain(young));
  expect(await after.sweep({ ...at(30 * MINUTE), limit: 9 })).toEqual({ removed: 2, more: false });
});

test("a revocation under way when the version changed still keeps out a login begun before it", async () => {
  const store = await openStore(oldFile());
  const late = recordOf("bob");
  const call = { ...at(MINUTE), since: { startedAt: NOW - 1 } };
  expect(await store.create(late, call)).toEqual({ ok: false, reason: "revoked" });
  expect(await store.revocation("bob", at(MINUTE))).toBe("a token");
  expect(await store.create(late, { ...call, since: { startedAt: NOW + 1 } })).toEqual({ ok: true });
});

test("an older file brought up to date has the tables, columns and indexes of a new one", async () => {
  const paths = [oldFile(), join(scratchFolder(), "sessions.db")];
  const [old, fresh] = await Promise.all(
    paths.map(async (path) => {
      await openStore(path);
      const db = openHandle(path);
      return db
        .prepare(`SELECT m.type, m.name, c.name AS "column", c.type AS kind, c."notnull" FROM sqlite_schema AS m
          LEFT JOIN pragma_table_info(m.name) AS c ORDER BY m.type, m.name, c.name`)
        .all();
    }),
  );
  expect(old).toEqual(fresh);
});
