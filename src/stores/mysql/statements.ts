/** The statements of the store. Each is atomic on its own; only a login takes several. */
import { REVOCATION_MS, TOMBSTONE_MS } from "../contract.ts";
import { headerColumns } from "../sql/rows.ts";
import { wiped } from "./ending.ts";
import type { Names } from "./names.ts";
import { type Statement, statement } from "./statement.ts";

/** Moves forward only, and never past the absolute deadline. */
const idle = (until: string, seen: string): string =>
  `idle_until = LEAST(absolute_until, GREATEST(idle_until, ${until})), seen_at = GREATEST(seen_at, ${seen})`;

const HEADER = headerColumns("s");
const DEADLINE = "LEAST(s.idle_until, s.absolute_until)";

/** A number of rows cannot be a parameter of a prepared statement on every server. */
const LISTS = { isPrepared: false };
const WRITES = { writes: true };

type StatementName =
  | "load"
  | "insert"
  | "save"
  | "touch"
  | "endUntold"
  | "toEnd"
  | "toEndOfUser"
  | "toEndOfAny"
  | "due"
  | "dueMarks"
  | "isDue"
  | "ofUser"
  | "liveAfter"
  | "mark"
  | "markOf"
  | "ping"
  | "lock"
  | "markAndOne"
  | "markAndAll"
  | "visitor"
  | "forget";

export type Statements = Readonly<Record<StatementName, Statement>>;

export function statementsOn({ sessions, marks, meta }: Names): Statements {
  const found = (which: string, options?: typeof LISTS): Statement =>
    statement(`SELECT ${HEADER} FROM ${sessions} AS s WHERE ${which}`, options);
  return {
    load: statement(
      `SELECT ${HEADER}, s.reason, s.credentials, s.payload FROM ${sessions} AS s WHERE s.id = $1`,
    ),
    insert: statement(
      `INSERT INTO ${sessions} (${HEADER.replaceAll("s.", "")}, credentials, payload, person, sweep_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, LEAST($7, $8))`,
      WRITES,
    ),
    // An ended row has no deadline to come, so these two pass it by.
    save: statement(
      `UPDATE ${sessions} SET version = $3, ${idle("$4", "$5")}, credentials = $6, payload = $7
        WHERE id = $1 AND version = $2 AND idle_until > $8 AND absolute_until > $8`,
      WRITES,
    ),
    touch: statement(
      `UPDATE ${sessions} SET ${idle("$2", "$3")} WHERE id = $1 AND idle_until > $3 AND absolute_until > $3`,
      WRITES,
    ),
    // $4: the version it must have, null for any. $3 null: only if a deadline has come.
    toEnd: found(`s.id = $1 AND s.reason IS NULL AND (${DEADLINE} <= $2
      OR ($3 IS NOT NULL AND ($4 IS NULL OR s.version = $4)))`),
    endUntold: statement(
      `UPDATE ${sessions} SET reason = $3, version = NULL, ${wiped("$2")} WHERE id = $1 AND reason IS NULL
        AND ($4 IS NULL OR version = $4) AND idle_until > $2 AND absolute_until > $2`,
      WRITES,
    ),
    toEndOfUser: found(
      "s.person = $1 AND ($3 IS NULL OR s.id <> $3) ORDER BY s.created_at DESC, s.id LIMIT $4",
      LISTS,
    ),
    toEndOfAny: found("s.id > $1 AND s.reason IS NULL ORDER BY s.id LIMIT $3", LISTS),
    due: statement(
      `SELECT ${HEADER}, s.reason FROM ${sessions} AS s WHERE s.sweep_at <= $1 ORDER BY s.sweep_at LIMIT $2`,
      LISTS,
    ),
    dueMarks: statement(
      `SELECT person FROM ${marks} WHERE forget_at <= $1 ORDER BY forget_at LIMIT $2`,
      LISTS,
    ),
    isDue: statement(`SELECT 1 FROM DUAL WHERE EXISTS (SELECT 1 FROM ${sessions} WHERE sweep_at <= $1)
      OR EXISTS (SELECT 1 FROM ${marks} WHERE forget_at <= $1)`),
    ofUser: found(
      `s.person = $1 AND s.created_at <= COALESCE($2, ${Number.MAX_SAFE_INTEGER})
        AND ($2 IS NULL OR s.created_at < $2 OR s.id > $3) ORDER BY s.created_at DESC, s.id LIMIT $4`,
      LISTS,
    ),
    liveAfter: statement(
      `SELECT ${HEADER}, s.reason, s.credentials, s.payload FROM ${sessions} AS s
        WHERE s.id > $1 AND s.reason IS NULL ORDER BY s.id LIMIT $2`,
      LISTS,
    ),
    mark: statement(
      `INSERT INTO ${marks} (person, revoked_at, token, forget_at) VALUES ($1, $2, $3, $2 + ${REVOCATION_MS})
        ON DUPLICATE KEY UPDATE revoked_at = GREATEST(COALESCE(revoked_at, $2), $2), token = $3,
        forget_at = GREATEST(forget_at, $2 + ${REVOCATION_MS})`,
      WRITES,
    ),
    markOf: statement(`SELECT token FROM ${marks} WHERE person = $1 AND revoked_at > $2 - ${REVOCATION_MS}`),
    ping: statement(`SELECT 1 FROM ${meta} LIMIT 1`),

    /** Makes a login wait for every other one of that user, and for a revocation. */
    lock: statement(
      `INSERT INTO ${marks} (person, forget_at) VALUES ($1, $2)
        ON DUPLICATE KEY UPDATE forget_at = GREATEST(forget_at, $2)`,
      WRITES,
    ),
    /** The user's mark beside each session that has to be looked at: one, or all of theirs; beside nothing if none is there. */
    markAndOne: statement(`SELECT m.revoked_at, m.token, ${HEADER} FROM ${marks} AS m
      LEFT JOIN ${sessions} AS s ON s.id = $2 AND s.person = m.person WHERE m.person = $1`),
    markAndAll: statement(`SELECT m.revoked_at, m.token, ${HEADER} FROM ${marks} AS m
      LEFT JOIN ${sessions} AS s ON s.person = m.person WHERE m.person = $1 ORDER BY s.created_at DESC, s.id`),
    visitor: found("s.id = $1 AND s.person IS NULL AND s.reason IS NULL"),
    /** A tombstone past its time, which no sweep has met yet. */
    forget: statement(
      `DELETE FROM ${sessions} WHERE id = $1 AND reason IS NOT NULL AND seen_at <= $2 - ${TOMBSTONE_MS}`,
      WRITES,
    ),
  };
}
