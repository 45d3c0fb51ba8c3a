/** The tables and how they come into being. One row per session, live or just ended; one row per user mark. */
import { randomBytes } from "node:crypto";
import { StoreFault } from "../../errors.ts";
import { USER_KEY_BYTES, type UserDigest, userDigest } from "../user-digest.ts";
import { securely } from "./erasing.ts";
import { prepareQuery, type SqliteHandle } from "./handle.ts";
import { textIn } from "./rows.ts";

/** The version that `TABLES` makes. Grows by one with each entry of UPGRADES. */
const SCHEMA = 3;

/** `user` is the digest of a user id under the key in sojourn_meta. */
const MARKS = `CREATE TABLE sojourn_marks (
     user BLOB NOT NULL PRIMARY KEY,
     revoked_at INTEGER NOT NULL,
     token TEXT NOT NULL
   ) WITHOUT ROWID;
   CREATE INDEX sojourn_marks_due ON sojourn_marks (revoked_at);`;

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
   ${MARKS}`;

/** The first leads from version 1 to version 2, and so on. They take no longer where there are many sessions. */
const UPGRADES: readonly ((db: SqliteHandle, digest: UserDigest) => void)[] = [
  (db) => db.exec("ALTER TABLE sojourn_sessions ADD COLUMN about TEXT"),
  hideMarkedUsers,
];

/** Marks stood under the user id. Each is kept under its digest, so that what was revoked stays so. */
function hideMarkedUsers(db: SqliteHandle, digest: UserDigest): void {
  const marks = prepareQuery<[Uint8Array | string, number, string]>(
    db,
    "SELECT user_id, revoked_at, token FROM sojourn_marks",
  ).all();
  securely(db, () => db.exec(`DROP TABLE sojourn_marks; ${MARKS}`));
  const insert = db.prepare("INSERT INTO sojourn_marks (user, revoked_at, token) VALUES (?, ?, ?)");
  for (const [user, revokedAt, token] of marks) insert.run(digest(textIn(user) ?? ""), revokedAt, token);
}

/**
 * Makes the tables, or brings older ones up to date, in one transaction: of several processes that open a fresh file
 * at the same time one does the work and the others find it done. Answers the key under which users are named in marks.
 */
export function prepareSchema(db: SqliteHandle, where: string): Uint8Array {
  db.exec("BEGIN IMMEDIATE");
  try {
    const key = upgrade(db, where);
    db.exec("COMMIT");
    return key;
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
}

function upgrade(db: SqliteHandle, where: string): Uint8Array {
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
  const key = userKey(db, where);
  if (version === 0) db.exec(TABLES);
  else for (const step of UPGRADES.slice(version - 1)) step(db, userDigest(key));
  // Also when nothing changed: a file that cannot be written to shows itself now and not at the first login.
  db.prepare("INSERT OR REPLACE INTO sojourn_meta (name, value) VALUES ('schema', ?)").run(SCHEMA);
  return key;
}

/** Made once, and never changed. */
function userKey(db: SqliteHandle, where: string): Uint8Array {
  const insert = db.prepare("INSERT OR IGNORE INTO sojourn_meta (name, value) VALUES ('user key', ?)");
  insert.run(randomBytes(USER_KEY_BYTES));
  const query = "SELECT value FROM sojourn_meta WHERE name = 'user key'";
  const [key] = prepareQuery<[unknown]>(db, query).get() ?? [];
  if (key instanceof Uint8Array && key.byteLength === USER_KEY_BYTES) return key;
  throw new StoreFault("corrupt", `SQLite store ${where}: the user key in sojourn_meta is damaged.`);
}

function schemaIn(row: unknown): number | null {
  if (typeof row !== "object" || row === null || !("value" in row)) return null;
  return Number.isSafeInteger(row.value) && Number(row.value) > 0 ? Number(row.value) : null;
}
