/** The tables and how they come into being. One row per session, live or just ended; one row per user mark. */
import { randomBytes } from "node:crypto";
import { StoreFault } from "../../errors.ts";
import { TOMBSTONE_MS } from "../contract.ts";
import { USER_KEY_BYTES, type UserDigest, userDigest } from "../user-digest.ts";
import { securely } from "./erasing.ts";
import { prepareQuery, type SqliteHandle } from "./handle.ts";
import { textIn } from "./rows.ts";

/** The version that an empty database gets. Grows by one with each entry of UPGRADES. */
const SCHEMA = 4;

/** `user` is the digest of a user id under the key in sojourn_meta. */
const MARKS = `CREATE TABLE sojourn_marks (
     user BLOB NOT NULL PRIMARY KEY,
     revoked_at INTEGER NOT NULL,
     token TEXT NOT NULL
   ) WITHOUT ROWID;
   CREATE INDEX sojourn_marks_due ON sojourn_marks (revoked_at);`;

/** How many neighbouring rows share an entry in sojourn_spans. */
export const SPAN = 64;

/**
 * An ended session keeps its row for a while, wiped, with `reason` set and `seen_at` saying when. `content` is
 * credentials and payload in one (rows.ts), since each value that is read costs an allocation. It can be large and
 * stands last, so that listings need not read past it.
 *
 * Ids are random, so four bytes of one lead to its row as well as all sixteen, in half the space; whether it is the
 * row, `id` itself tells. `authenticated_after` is the time from `created_at` on, mostly none, which takes no byte.
 *
 * `sweep_at` is the instant at which a sweep has to look at the row. An index of it would be written at every turn of a
 * session's life. There is one entry for a span of rows instead, in place order, which is that of their coming: the
 * earliest instant of them all, or an earlier one, since what saves and touches put off they leave there.
 */
const SESSIONS = `CREATE TABLE sojourn_sessions (
     place INTEGER PRIMARY KEY,
     id BLOB NOT NULL,
     version TEXT,
     user_id TEXT,
     created_at INTEGER,
     authenticated_after INTEGER,
     seen_at INTEGER NOT NULL,
     idle_until INTEGER NOT NULL,
     absolute_until INTEGER NOT NULL,
     idle_for INTEGER,
     persistent INTEGER,
     label TEXT,
     about TEXT,
     reason TEXT,
     content BLOB,
     sweep_at INTEGER AS (iif(reason IS NULL, min(idle_until, absolute_until), seen_at + ${TOMBSTONE_MS})) VIRTUAL
   );
   CREATE INDEX sojourn_sessions_by_id ON sojourn_sessions (substr(id, 1, 4));
   CREATE INDEX sojourn_sessions_of_user ON sojourn_sessions (user_id, created_at) WHERE user_id IS NOT NULL;
   CREATE TABLE sojourn_spans (span INTEGER PRIMARY KEY, sweep_at INTEGER NOT NULL);
   CREATE INDEX sojourn_spans_due ON sojourn_spans (sweep_at);
   CREATE TRIGGER sojourn_sessions_begin AFTER INSERT ON sojourn_sessions BEGIN
     INSERT INTO sojourn_spans VALUES (new.place / ${SPAN}, new.sweep_at)
       ON CONFLICT (span) DO UPDATE SET sweep_at = excluded.sweep_at WHERE sweep_at > excluded.sweep_at;
   END;
   CREATE TRIGGER sojourn_sessions_end AFTER UPDATE OF reason ON sojourn_sessions BEGIN
     UPDATE sojourn_spans SET sweep_at = new.sweep_at WHERE span = new.place / ${SPAN} AND sweep_at > new.sweep_at;
   END;`;

/** The first leads from version 1 to version 2, and so on. */
const UPGRADES: readonly ((db: SqliteHandle, digest: UserDigest) => void)[] = [
  (db) => db.exec("ALTER TABLE sojourn_sessions ADD COLUMN about TEXT"),
  hideMarkedUsers,
  (db) => securely(db, () => db.exec(REPACK)),
];

/** A second for every 100,000 sessions or so. Versions were bytes, and are drawn anew: a save under way begins again. */
const REPACK = `DROP INDEX sojourn_sessions_due;
   DROP INDEX sojourn_sessions_of_user;
   ALTER TABLE sojourn_sessions RENAME TO sojourn_sessions_3;
   ${SESSIONS}
   INSERT INTO sojourn_sessions (id, version, user_id, created_at, authenticated_after, seen_at, idle_until,
     absolute_until, idle_for, persistent, label, about, reason, content)
   SELECT id, iif(reason IS NULL, hex(randomblob(8)), NULL), user_id, created_at, authenticated_at - created_at, seen_at,
     idle_until, absolute_until, idle_for, persistent, label, about, reason,
     CAST(unhex(printf('%04x', length(credentials))) || credentials || payload AS BLOB) FROM sojourn_sessions_3;
   DROP TABLE sojourn_sessions_3`;

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
  if (version === 0) db.exec(`${SESSIONS} ${MARKS}`);
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
