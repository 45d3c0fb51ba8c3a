/** The SQLite store beside its own statements, run by node:sqlite alone on a copy of the file. */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fromBase64url } from "../../src/core/bytes.ts";
import { contentValue } from "../../src/stores/sqlite/rows.ts";
import { prepareStatements } from "../../src/stores/sqlite/statements.ts";
import { sqliteStore } from "../../src/stores/sqlite.ts";
import type { Bench } from "./measure.ts";
import { LIFE_MS, recordOf, scattered, versionsOf } from "./samples.ts";

export async function sqliteBench(sessions: number, folder: string): Promise<Bench> {
  const records = Array.from({ length: sessions }, (_, index) => recordOf(index));
  const now = Date.now();
  const call = { now };
  const path = join(folder, "sessions.db");
  const store = sqliteStore(path);
  await store.open();
  for (const record of records) await store.create(record, { now, since: { startedAt: now } });
  await store.compact();
  const db = openCopy(path);
  const sql = prepareStatements(db);
  const record = scattered(records);
  const content = scattered(records.map(contentValue));
  const key = scattered(records.map(({ id }) => fromBase64url(id)));
  const versions = versionsOf(records);
  const rawVersions = versionsOf(records);
  return {
    name: "SQLite",
    rawName: "node:sqlite",
    inFlight: 1,
    pairs: [
      {
        operation: "load",
        store: (turn) => store.load(record(turn).id, call),
        raw: (turn) => sql.load.get(key(turn), key(turn)),
      },
      {
        operation: "save",
        store: (turn) => {
          const { expected, version } = versions(turn);
          return store.save({ ...record(turn), version }, expected, call);
        },
        raw: (turn) => {
          const { expected, version } = rawVersions(turn);
          const { idleUntil, seenAt } = record(turn);
          const id = key(turn);
          return sql.save.run(version, idleUntil, seenAt, content(turn), id, id, expected, now, now);
        },
      },
      {
        operation: "touch",
        store: (turn) => store.touch(record(turn).id, now + LIFE_MS, call),
        raw: (turn) => sql.touch.run(now + LIFE_MS, now, key(turn), key(turn), now, now),
      },
    ],
    async close() {
      await store.close();
      db.close();
    },
  };
}

/** With the settings of the store. */
function openCopy(path: string): DatabaseSync {
  copyFileSync(path, `${path}.copy`);
  const db = new DatabaseSync(`${path}.copy`);
  db.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = FAST; PRAGMA wal_autocheckpoint = 500",
  );
  return db;
}
