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

/** Takes the id twice. */
const BY_ID = "substr(id, 1, 4) = substr(?, 1, 4) AND id = ?";

export interface Statements {
  readonly begin: SqliteStatement;
  readonly commit: SqliteStatement;
  readonly savepoint: SqliteStatement;
  readonly release: SqliteStatement;
  readonly load: Query<RecordRow>;
  readonly insert: SqliteStatement;
  readonly save: SqliteStatement;
  readonly touch: SqliteStatement;
  readonly end: SqliteStatement;
  readonly forget: SqliteStatement;
  readonly dueSpan: Query<[span: number]>;
  readonly dueRows: Query<HeaderRow>;
  readonly forgetSpan: SqliteStatement;
  readonly rememberSpan: SqliteStatement;
  readonly firstOfUser: Query<HeaderRow>;
  readonly laterOfUser: Query<HeaderRow>;
  readonly anyOfUser: Query<HeaderRow>;
  readonly liveAfter: Query<ScannedRow>;
  readonly lastRow: Query<[place: number | null]>;
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
    savepoint: db.prepare("SAVEPOINT step"),
    release: db.prepare("RELEASE step"),
    load: prepareQuery(db, `SELECT ${RECORD_COLUMNS} FROM sojourn_sessions WHERE ${BY_ID}`),
    // The id is looked for and written in one step: no index keeps two of them apart.
    insert: db.prepare(`INSERT INTO sojourn_sessions
      (id, version, user_id, created_at, authenticated_after, seen_at, idle_until, absolute_until, idle_for,
       persistent, label, about, content)
      SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
      WHERE NOT EXISTS (SELECT 1 FROM sojourn_sessions WHERE ${BY_ID})`),
    // An ended row has neither version nor future deadline, so these three pass it by.
    save: db.prepare(`UPDATE sojourn_sessions SET version = ?, ${IDLE}, content = ?
      WHERE ${BY_ID} AND version = ? AND idle_until > ? AND absolute_until > ?`),
    touch: db.prepare(`UPDATE sojourn_sessions SET ${IDLE}
      WHERE ${BY_ID} AND idle_until > ? AND absolute_until > ?`),
    // The version keeps out what was saved since it was read, the instant what was touched since.
    end: db.prepare(`UPDATE sojourn_sessions SET reason = ?, seen_at = ?, version = NULL, user_id = NULL,
      created_at = NULL, authenticated_after = NULL, idle_until = 0, absolute_until = 0, idle_for = NULL,
      persistent = NULL, label = NULL, about = NULL, content = NULL
      WHERE ${BY_ID} AND version = ? AND min(idle_until, absolute_until) <= ?`),
    forget: db.prepare(`DELETE FROM sojourn_sessions WHERE ${BY_ID} AND reason IS NOT NULL`),
    dueSpan: prepareQuery(db, "SELECT span FROM sojourn_spans WHERE sweep_at <= ? ORDER BY sweep_at LIMIT 1"),
    dueRows: prepareQuery(
      db,
      `SELECT ${HEADER_COLUMNS} FROM sojourn_sessions WHERE place BETWEEN ? AND ? AND sweep_at <= ? LIMIT ?`,
    ),
    forgetSpan: db.prepare("DELETE FROM sojourn_spans WHERE span = ?"),
    rememberSpan: db.prepare(`INSERT INTO sojourn_spans
      SELECT ?, min(sweep_at) FROM sojourn_sessions WHERE place BETWEEN ? AND ? HAVING count(*) > 0`),
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
      `SELECT ${SCANNED_COLUMNS} FROM sojourn_sessions WHERE place > ? AND reason IS NULL ORDER BY place LIMIT ?`,
    ),
    lastRow: prepareQuery(db, "SELECT max(place) FROM sojourn_sessions"),
    liveRows: prepareQuery(
      db,
      `SELECT ${HEADER_COLUMNS} FROM sojourn_sessions
      WHERE place > ? AND place <= ? AND reason IS NULL ORDER BY place LIMIT ?`,
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
