/**
 * Every statement of the store, prepared once. All of them are atomic on their own. Writers are called with `run`
 * only: `get` on a writing statement never reaches SQLite's automatic checkpoint, and the log grows without bound.
 */
import { prepareQuery, type Query, type SqliteHandle, type SqliteStatement } from "./handle.ts";
import {
  HEADER_COLUMNS,
  type HeaderRow,
  RECORD_COLUMNS,
  type RecordRow,
  SCANNED_COLUMNS,
  type ScannedRow,
} from "./rows.ts";

/** Moves forward only, and never past the absolute deadline. */
const IDLE = "idle_until = min(absolute_until, max(idle_until, ?)), seen_at = max(seen_at, ?)";

export interface Statements {
  readonly begin: SqliteStatement;
  readonly commit: SqliteStatement;
  readonly load: Query<RecordRow>;
  readonly insert: SqliteStatement;
  readonly save: SqliteStatement;
  readonly touch: SqliteStatement;
  readonly end: SqliteStatement;
  readonly forget: SqliteStatement;
  readonly postpone: SqliteStatement;
  readonly due: Query<HeaderRow>;
  readonly isDue: Query<[1]>;
  readonly firstOfUser: Query<HeaderRow>;
  readonly laterOfUser: Query<HeaderRow>;
  readonly anyOfUser: Query<HeaderRow>;
  readonly liveAfter: Query<ScannedRow>;
  readonly lastRow: Query<[rowid: number | null]>;
  readonly liveRows: Query<HeaderRow>;
  readonly mark: SqliteStatement;
  readonly markOf: Query<[revokedAt: number, token: string]>;
  readonly markIsDue: Query<[1]>;
  readonly forgetMarks: SqliteStatement;
  readonly ping: Query<unknown[]>;
}

export function prepareStatements(db: SqliteHandle): Statements {
  return {
    begin: db.prepare("BEGIN IMMEDIATE"),
    commit: db.prepare("COMMIT"),
    load: prepareQuery(db, `SELECT ${RECORD_COLUMNS} FROM sojourn_sessions WHERE id = ?`),
    insert: db.prepare(`INSERT INTO sojourn_sessions
      (id, version, user_id, created_at, authenticated_at, seen_at, idle_until, absolute_until, idle_for,
       persistent, label, about, sweep_at, credentials, payload)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`),
    // An ended row has neither version nor future deadline, so these three pass it by.
    save: db.prepare(`UPDATE sojourn_sessions SET version = ?, ${IDLE}, credentials = ?, payload = ?
      WHERE id = ? AND version = ? AND idle_until > ? AND absolute_until > ?`),
    touch: db.prepare(`UPDATE sojourn_sessions SET ${IDLE}
      WHERE id = ? AND idle_until > ? AND absolute_until > ?`),
    // The version keeps out what was saved since it was read, the instant what was touched since.
    end: db.prepare(`UPDATE sojourn_sessions SET reason = ?, seen_at = ?, sweep_at = ?, version = NULL, user_id = NULL,
      created_at = NULL, authenticated_at = NULL, idle_until = 0, absolute_until = 0, idle_for = NULL,
      persistent = NULL, label = NULL, about = NULL, credentials = NULL, payload = NULL
      WHERE id = ? AND version = ? AND min(idle_until, absolute_until) <= ?`),
    forget: db.prepare("DELETE FROM sojourn_sessions WHERE id = ? AND reason IS NOT NULL"),
    postpone: db.prepare(
      "UPDATE sojourn_sessions SET sweep_at = min(idle_until, absolute_until) WHERE id = ? AND reason IS NULL",
    ),
    due: prepareQuery(
      db,
      `SELECT ${HEADER_COLUMNS} FROM sojourn_sessions WHERE sweep_at <= ? ORDER BY sweep_at LIMIT ?`,
    ),
    isDue: prepareQuery(db, "SELECT 1 FROM sojourn_sessions WHERE sweep_at <= ? LIMIT 1"),
    firstOfUser: prepareQuery(
      db,
      `SELECT ${HEADER_COLUMNS} FROM sojourn_sessions WHERE user_id = ? ORDER BY created_at DESC, id LIMIT ?`,
    ),
    laterOfUser: prepareQuery(
      db,
      `SELECT ${HEADER_COLUMNS} FROM sojourn_sessions
      WHERE user_id = ? AND created_at <= ? AND (created_at < ? OR id > ?) ORDER BY created_at DESC, id LIMIT ?`,
    ),
    anyOfUser: prepareQuery(
      db,
      `SELECT ${HEADER_COLUMNS} FROM sojourn_sessions WHERE user_id = ? AND id IS NOT ? LIMIT ?`,
    ),
    liveAfter: prepareQuery(
      db,
      `SELECT ${SCANNED_COLUMNS} FROM sojourn_sessions WHERE id > ? AND reason IS NULL ORDER BY id LIMIT ?`,
    ),
    lastRow: prepareQuery(db, "SELECT max(rowid) FROM sojourn_sessions"),
    liveRows: prepareQuery(
      db,
      `SELECT ${HEADER_COLUMNS} FROM sojourn_sessions
      WHERE rowid > ? AND rowid <= ? AND reason IS NULL ORDER BY rowid LIMIT ?`,
    ),
    mark: db.prepare(`INSERT INTO sojourn_marks (user, revoked_at, token) VALUES (?, ?, ?)
      ON CONFLICT (user) DO UPDATE SET revoked_at = max(revoked_at, excluded.revoked_at), token = excluded.token`),
    markOf: prepareQuery(db, "SELECT revoked_at, token FROM sojourn_marks WHERE user = ?"),
    markIsDue: prepareQuery(db, "SELECT 1 FROM sojourn_marks WHERE revoked_at <= ? LIMIT 1"),
    forgetMarks: db.prepare(`DELETE FROM sojourn_marks WHERE user IN
      (SELECT user FROM sojourn_marks WHERE revoked_at <= ? LIMIT ?)`),
    ping: prepareQuery(db, "SELECT value FROM sojourn_meta LIMIT 1"),
  };
}
