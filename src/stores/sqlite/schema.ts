/** The tables and how they come into being. One row per session, live or just ended; one row per user mark. */
import { StoreFault } from "../../errors.ts";
import type { SqliteHandle } from "./handle.ts";

/** The version that `TABLES` makes. Grows by one with each entry of UPGRADES. */
const SCHEMA = 2;

/**
 * Makes an empty database ready. Columns that can be large stand last, so that listings need not read past them.
 *
 * An ended session keeps its row for a while, wiped, with `reason` set and `seen_at` saying when. `sweep_at` is the
 * earliest instant at which a sweep has to look at the row: for a live one a lower bound of its deadline, which
 * saves and touches leave behind, so that neither pays for moving an index entry.
 */
const TABLES = `CREATE TABLE sojourn_sessions (
     id BLOB NOT NULL UNIQUE,
     version BLOB,
     user_id TEXT,
     created_at INTEGER,
     authenticated_at INTEGER,
     seen_at INTEGER NOT NULL,
     idle_until INTEGER NOT NULL,
     absolute_until INTEGER NOT NULL,
     idle_for INTEGER,
     persistent INTEGER,
     label TEXT,
     about TEXT,
     reason TEXT,
     sweep_at INTEGER NOT NULL,
     credentials BLOB,
     payload BLOB
   );
   CREATE INDEX sojourn_sessions_due ON sojourn_sessions (sweep_at);
   CREATE INDEX sojourn_sessions_of_user ON sojourn_sessions (user_id, created_at) WHERE user_id IS NOT NULL;
   CREATE TABLE sojourn_marks (
     user_id TEXT NOT NULL PRIMARY KEY,
     revoked_at INTEGER NOT NULL,
     token TEXT NOT NULL
   ) WITHOUT ROWID;
   CREATE INDEX sojourn_marks_due ON sojourn_marks (revoked_at);`;

/** The first leads from version 1 to version 2, and so on. They take no longer where there are many sessions. */
const UPGRADES: readonly string[] = ["ALTER TABLE sojourn_sessions ADD COLUMN about TEXT"];

/**
 * Makes the tables, or brings older ones up to date, in one transaction: of several processes that open a fresh file
 * at the same time one does the work and the others find it done.
 */
export function prepareSchema(db: SqliteHandle, where: string): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    upgrade(db, where);
    db.exec("COMMIT");
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
}

function upgrade(db: SqliteHandle, where: string): void {
  db.exec("CREATE TABLE IF NOT EXISTS sojourn_meta (name TEXT NOT NULL PRIMARY KEY, value) WITHOUT ROWID");
  const stored = db.prepare("SELECT value FROM sojourn_meta WHERE name = 'schema'").get();
  const version = stored === undefined ? 0 : schemaIn(stored);
  if (version === null) {
    throw new StoreFault("corrupt", `SQLite store ${where}: sojourn_meta holds no schema version.`);
  }
  if (version > SCHEMA) {
    throw new StoreFault(
      "unavailable",
      `SQLite store ${where}: written by a newer version of Sojourn (schema ${version}; this one knows ${SCHEMA}). ` +
        "Update Sojourn, or use another file.",
    );
  }
  for (const step of version === 0 ? [TABLES] : UPGRADES.slice(version - 1)) db.exec(step);
  // Also when nothing changed: a file that cannot be written to shows itself now and not at the first login.
  db.prepare("INSERT OR REPLACE INTO sojourn_meta (name, value) VALUES ('schema', ?)").run(SCHEMA);
}

function schemaIn(row: unknown): number | null {
  if (typeof row !== "object" || row === null || !("value" in row)) return null;
  return Number.isSafeInteger(row.value) && Number(row.value) > 0 ? Number(row.value) : null;
}
