/** Every statement of the store. All of them are atomic on their own; none needs a connection of its own. */
import { createHash } from "node:crypto";
import { REVOCATION_MS } from "../contract.ts";
import type { Queries } from "../sql/queries.ts";
import { headerColumns } from "../sql/rows.ts";
import type { Statement } from "./client.ts";
import type { CreateQueries } from "./create.ts";
import { wiped } from "./create-function.ts";
import type { Names } from "./names.ts";

/** Moves forward only, and never past the absolute deadline. */
const idle = (until: string, seen: string): string =>
  `idle_until = least(absolute_until, greatest(idle_until, ${until})), seen_at = greatest(seen_at, ${seen})`;

const HEADER = headerColumns("s");

export type StatementName = keyof Queries | keyof CreateQueries;

export function statementsOn({
  sessions,
  marks,
  meta,
  create,
}: Names): Readonly<Record<StatementName, Statement>> {
  /**
   * Ends the sessions that fit and answers their headers as they were. The lock makes sure that both are the same.
   *
   * Here and below: what an array holds, and the least value, are looked up in an index. A join alone, or the question
   * whether there is such a row, may be planned as a walk through the whole table, where the limit is not known yet.
   */
  const ending = (which: string, now: string, reason: string): Statement =>
    write(`WITH found AS (SELECT ${HEADER} FROM ${sessions} AS s WHERE ${which} FOR UPDATE),
      ended AS (UPDATE ${sessions} AS s SET ${wiped(now, reason)} FROM found AS f
        WHERE s.id = f.id AND s.id = ANY (ARRAY(SELECT id FROM found)))
      SELECT ${headerColumns("f")} FROM found AS f`);
  return {
    load: read(`SELECT ${HEADER}, s.reason, s.credentials, s.payload FROM ${sessions} AS s WHERE s.id = $1`),
    insert: write(`INSERT INTO ${sessions} (${HEADER.replaceAll("s.", "")}, credentials, payload, sweep_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, least($7::bigint, $8::bigint))
      ON CONFLICT DO NOTHING RETURNING 1`),
    create: write(
      `SELECT * FROM ${create}(${Array.from({ length: 22 }, (_, index) => `$${index + 1}`).join(", ")})`,
    ),
    // An ended row has neither version nor future deadline, so these two pass it by.
    save: write(`UPDATE ${sessions} SET version = $3, ${idle("$4", "$5")}, credentials = $6, payload = $7
      WHERE id = $1 AND version = $2 AND idle_until > $8 AND absolute_until > $8 RETURNING 1`),
    touch: write(`UPDATE ${sessions} SET ${idle("$2", "$3")}
      WHERE id = $1 AND idle_until > $3 AND absolute_until > $3 RETURNING 1`),
    // $4: the version it must have, null for any. $3 null: only if a deadline has come.
    end: ending(
      `s.id = $1 AND s.reason IS NULL AND (least(s.idle_until, s.absolute_until) <= $2
        OR ($3::text IS NOT NULL AND ($4::text IS NULL OR s.version = $4)))`,
      "$2::bigint",
      "$3::text",
    ),
    endUntold: write(`UPDATE ${sessions} AS f SET ${wiped("$2::bigint", "$3::text")}
      WHERE f.id = $1 AND f.reason IS NULL AND ($4::text IS NULL OR f.version = $4)
      AND f.idle_until > $2 AND f.absolute_until > $2 RETURNING 1`),
    endOfUser: ending(
      "s.user_id = $1 AND s.id IS DISTINCT FROM $3::bytea ORDER BY s.id LIMIT $4",
      "$2::bigint",
      "'revoked'",
    ),
    endAny: ending("s.id > $1 AND s.reason IS NULL ORDER BY s.id LIMIT $3", "$2::bigint", "'revoked'"),
    // Rows that another process is busy with are left to it.
    sweep: write(`WITH due AS (SELECT ${HEADER}, s.reason FROM ${sessions} AS s
        WHERE s.sweep_at <= $1 ORDER BY s.sweep_at LIMIT $2 FOR UPDATE SKIP LOCKED),
      forgotten AS (DELETE FROM ${sessions} AS s
        WHERE s.id = ANY (ARRAY(SELECT f.id FROM due AS f WHERE f.reason IS NOT NULL))),
      postponed AS (UPDATE ${sessions} AS s SET sweep_at = least(f.idle_until, f.absolute_until) FROM due AS f
        WHERE s.id = f.id AND f.reason IS NULL AND least(f.idle_until, f.absolute_until) > $1),
      ended AS (UPDATE ${sessions} AS s SET ${wiped("$1::bigint", "NULL")} FROM due AS f
        WHERE s.id = f.id AND f.reason IS NULL AND least(f.idle_until, f.absolute_until) <= $1)
      SELECT * FROM due`),
    forgetMarks: write(`DELETE FROM ${marks} WHERE person = ANY (ARRAY(SELECT m.person FROM ${marks} AS m
      WHERE m.forget_at <= $1 ORDER BY m.forget_at LIMIT $2 FOR UPDATE SKIP LOCKED)) RETURNING 1`),
    isDue: read(`SELECT 1 WHERE (SELECT min(sweep_at) FROM ${sessions}) <= $1
      OR (SELECT min(forget_at) FROM ${marks}) <= $1`),
    ofUser: read(`SELECT ${HEADER} FROM ${sessions} AS s WHERE s.user_id = $1 AND ($2::bigint IS NULL
      OR s.created_at < $2 OR (s.created_at = $2 AND s.id > $3::bytea))
      ORDER BY s.created_at DESC, s.id LIMIT $4`),
    liveAfter: read(`SELECT ${HEADER}, s.reason, s.credentials, s.payload FROM ${sessions} AS s
      WHERE s.id > $1 AND s.reason IS NULL ORDER BY s.id LIMIT $2`),
    mark: write(`INSERT INTO ${marks} AS m (person, revoked_at, token, forget_at)
      VALUES ($1, $2, $3, $2::bigint + ${REVOCATION_MS}) ON CONFLICT (person) DO UPDATE
      SET revoked_at = greatest(m.revoked_at, excluded.revoked_at), token = excluded.token,
      forget_at = greatest(m.forget_at, excluded.forget_at)`),
    markOf: read(
      `SELECT token FROM ${marks} WHERE person = $1 AND revoked_at > $2::bigint - ${REVOCATION_MS}`,
    ),
    ping: read(`SELECT 1 FROM ${meta} LIMIT 1`),
  };
}

function read(text: string): Statement {
  return { text, name: nameOf(text), writes: false };
}

function write(text: string): Statement {
  return { text, name: nameOf(text), writes: true };
}

/** One name for one text, also where two stores share a connection. */
function nameOf(text: string): string {
  return `sojourn_${createHash("sha256").update(text).digest("hex").slice(0, 24)}`;
}
