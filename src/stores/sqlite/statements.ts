/**
 * Every statement of the store, prepared once. All of them are atomic on their own. Writers are called with `run`
 * only: `get` on a writing statement never reaches SQLite's automatic checkpoint, and the log grows without bound.
 */
import type { SqliteHandle, SqliteStatement } from "./handle.ts";

/** A record without its id: what `load` needs, in the order of the table. */
const RECORD = `version, user_id, created_at, authenticated_at, seen_at, idle_until, absolute_until, idle_for,
  persistent, label, reason, credentials, payload`;

/** What listings and events need. */
const HEADER = `id, version, user_id, created_at, authenticated_at, seen_at, idle_until, absolute_until, idle_for,
  persistent, label, reason`;

/** Moves forward only, and never past the absolute deadline. */
const IDLE = "idle_until = min(absolute_until, max(idle_until, ?)), seen_at = max(seen_at, ?)";

export interface Statements {
  readonly begin: SqliteStatement;
  readonly commit: SqliteStatement;
  readonly load: SqliteStatement;
  readonly insert: SqliteStatement;
  readonly save: SqliteStatement;
  readonly touch: SqliteStatement;
  readonly end: SqliteStatement;
  readonly forget: SqliteStatement;
  readonly postpone: SqliteStatement;
  readonly due: SqliteStatement;
  readonly isDue: SqliteStatement;
  readonly firstOfUser: SqliteStatement;
  readonly laterOfUser: SqliteStatement;
  readonly anyOfUser: SqliteStatement;
  readonly lastRow: SqliteStatement;
  readonly liveRows: SqliteStatement;
  readonly mark: SqliteStatement;
  readonly markOf: SqliteStatement;
  readonly markIsDue: SqliteStatement;
  readonly forgetMarks: SqliteStatement;
  readonly ping: SqliteStatement;
}

export function prepareStatements(db: SqliteHandle): Statements {
  return {
    begin: db.prepare("BEGIN IMMEDIATE"),
    commit: db.prepare("COMMIT"),
    load: db.prepare(`SELECT ${RECORD} FROM sojourn_sessions WHERE id = ?`),
    insert: db.prepare(`INSERT INTO sojourn_sessions
      (id, version, user_id, created_at, authenticated_at, seen_at, idle_until, absolute_until, idle_for,
       persistent, label, sweep_at, credentials, payload)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`),
    // An ended row has neither version nor future deadline, so these three pass it by.
    save: db.prepare(`UPDATE sojourn_sessions SET version = ?, ${IDLE}, credentials = ?, payload = ?
      WHERE id = ? AND version = ? AND idle_until > ? AND absolute_until > ?`),
    touch: db.prepare(`UPDATE sojourn_sessions SET ${IDLE}
      WHERE id = ? AND idle_until > ? AND absolute_until > ?`),
    // The version keeps out what changed since it was read, the instant what was touched since: see OfVersion.
    end: db.prepare(`UPDATE sojourn_sessions SET reason = ?, seen_at = ?, sweep_at = ?, version = NULL, user_id = NULL,
      created_at = NULL, authenticated_at = NULL, idle_until = 0, absolute_until = 0, idle_for = NULL,
      persistent = NULL, label = NULL, credentials = NULL, payload = NULL
      WHERE id = ? AND version = ? AND min(idle_until, absolute_until) <= ?`),
    forget: db.prepare("DELETE FROM sojourn_sessions WHERE id = ? AND reason IS NOT NULL"),
    postpone: db.prepare(
      "UPDATE sojourn_sessions SET sweep_at = min(idle_until, absolute_until) WHERE id = ? AND reason IS NULL",
    ),
    due: db.prepare(`SELECT ${HEADER} FROM sojourn_sessions WHERE sweep_at <= ? ORDER BY sweep_at LIMIT ?`),
    isDue: db.prepare("SELECT 1 FROM sojourn_sessions WHERE sweep_at <= ? LIMIT 1"),
    firstOfUser: db.prepare(
      `SELECT ${HEADER} FROM sojourn_sessions WHERE user_id = ? ORDER BY created_at DESC, id LIMIT ?`,
    ),
    laterOfUser: db.prepare(`SELECT ${HEADER} FROM sojourn_sessions
      WHERE user_id = ? AND created_at <= ? AND (created_at < ? OR id > ?) ORDER BY created_at DESC, id LIMIT ?`),
    anyOfUser: db.prepare(`SELECT ${HEADER} FROM sojourn_sessions WHERE user_id = ? AND id IS NOT ? LIMIT ?`),
    lastRow: db.prepare("SELECT max(rowid) AS last FROM sojourn_sessions"),
    liveRows: db.prepare(`SELECT rowid AS row, ${HEADER} FROM sojourn_sessions
      WHERE rowid > ? AND rowid <= ? AND reason IS NULL ORDER BY rowid LIMIT ?`),
    mark: db.prepare(`INSERT INTO sojourn_marks (user_id, revoked_at, token) VALUES (?, ?, ?)
      ON CONFLICT (user_id) DO UPDATE SET revoked_at = max(revoked_at, excluded.revoked_at), token = excluded.token`),
    markOf: db.prepare("SELECT revoked_at, token FROM sojourn_marks WHERE user_id = ?"),
    markIsDue: db.prepare("SELECT 1 FROM sojourn_marks WHERE revoked_at <= ? LIMIT 1"),
    forgetMarks: db.prepare(`DELETE FROM sojourn_marks WHERE user_id IN
      (SELECT user_id FROM sojourn_marks WHERE revoked_at <= ? LIMIT ?)`),
    ping: db.prepare("SELECT value FROM sojourn_meta LIMIT 1"),
  };
}
