/**
 * `create` as a function of the database: in PostgreSQL a count and an insert in one statement see the state before
 * any lock that the statement takes. Here the user's row is locked first, and each step after it sees what is there.
 */
import { REVOCATION_MS, TOMBSTONE_MS } from "../contract.ts";
import { headerColumns } from "../sql/rows.ts";
import type { Names } from "./names.ts";

/** A login that only needed the lock leaves its row in the table of marks for this long. */
const LOCK_ROW_MS = 60_000;

/**
 * The answer, and a row for each session that ended. `40001` stands for "begin again": another call was faster. The
 * lock is an update, so that under stricter isolation too the second of two logins is told to begin again.
 */
export function createFunction({ sessions, marks, create }: Names): string {
  return `CREATE FUNCTION ${create}(
    p_id bytea, p_version text, p_user text, p_created_at bigint, p_authenticated_at bigint, p_seen_at bigint,
    p_idle_until bigint, p_absolute_until bigint, p_idle_for bigint, p_persistent boolean, p_label text, p_about text,
    p_credentials bytea, p_payload bytea, p_now bigint, p_person bytea, p_started_at bigint, p_revocation text,
    p_replaces bytea, p_replaces_version text, p_max integer, p_refuse boolean)
  RETURNS TABLE (answer text, id bytea, version text, user_id text, created_at bigint, authenticated_at bigint,
    seen_at bigint, idle_until bigint, absolute_until bigint, idle_for bigint, persistent boolean, label text,
    about text)
  LANGUAGE plpgsql VOLATILE AS $create$
  #variable_conflict use_column
  DECLARE
    outcome text := 'ok';
    mark_at bigint;
    mark_token text;
    own record;
    old record;
    doomed bytea[] := '{}';
    surplus bigint;
  BEGIN
    IF p_person IS NOT NULL THEN
      INSERT INTO ${marks} AS m (person, forget_at) VALUES (p_person, p_now + ${LOCK_ROW_MS})
        ON CONFLICT (person) DO UPDATE SET forget_at = greatest(m.forget_at, excluded.forget_at)
        RETURNING m.revoked_at, m.token INTO mark_at, mark_token;
    END IF;
    IF p_max IS NOT NULL THEN
      PERFORM 1 FROM ${sessions} AS s
        WHERE s.id = p_id OR s.id = p_replaces OR s.user_id = p_user ORDER BY s.id FOR UPDATE;
    ELSE
      PERFORM 1 FROM ${sessions} AS s WHERE s.id = p_id OR s.id = p_replaces ORDER BY s.id FOR UPDATE;
    END IF;

    SELECT s.version, s.reason, s.seen_at, least(s.idle_until, s.absolute_until) AS deadline INTO own
      FROM ${sessions} AS s WHERE s.id = p_id;
    IF FOUND THEN
      IF own.reason IS NOT NULL AND own.seen_at + ${TOMBSTONE_MS} <= p_now THEN
        DELETE FROM ${sessions} AS s WHERE s.id = p_id;
      ELSIF own.reason IS NOT NULL THEN
        outcome := 'ended';
      ELSIF own.deadline <= p_now THEN
        outcome := 'ended';
        doomed := ARRAY[p_id];
      ELSIF own.version = p_version THEN
        outcome := 'repeated';
      ELSE
        outcome := 'collision';
      END IF;
    END IF;

    IF outcome = 'ok' AND p_now < mark_at + ${REVOCATION_MS} AND
      (mark_token <> p_revocation OR mark_at >= p_started_at) THEN
      outcome := 'revoked';
    END IF;

    IF outcome = 'ok' AND p_replaces IS NOT NULL THEN
      SELECT s.version, least(s.idle_until, s.absolute_until) AS deadline INTO old FROM ${sessions} AS s
        WHERE s.id = p_replaces AND s.reason IS NULL AND s.user_id IS NOT DISTINCT FROM p_user;
      IF FOUND AND old.deadline > p_now AND old.version <> p_replaces_version THEN
        outcome := 'conflict';
      ELSIF FOUND THEN
        doomed := ARRAY[p_replaces];
      END IF;
    END IF;

    IF outcome = 'ok' AND p_max IS NOT NULL THEN
      SELECT count(*) FILTER (WHERE least(s.idle_until, s.absolute_until) > p_now) - p_max + 1,
        doomed || coalesce(
          array_agg(s.id) FILTER (WHERE least(s.idle_until, s.absolute_until) <= p_now), '{}')
        INTO surplus, doomed
        FROM ${sessions} AS s WHERE s.user_id = p_user AND s.id <> ALL (doomed);
      IF surplus > 0 AND p_refuse THEN
        outcome := 'full';
        doomed := array_remove(doomed, p_replaces);
      ELSIF surplus > 0 THEN
        doomed := doomed || ARRAY(SELECT s.id FROM ${sessions} AS s
          WHERE s.user_id = p_user AND s.id <> ALL (doomed) ORDER BY s.created_at, s.id DESC LIMIT surplus);
      END IF;
    END IF;

    IF outcome = 'ok' THEN
      INSERT INTO ${sessions} (id, version, user_id, created_at, authenticated_at, seen_at, idle_until,
        absolute_until, idle_for, persistent, label, about, credentials, payload, sweep_at)
        VALUES (p_id, p_version, p_user, p_created_at, p_authenticated_at, p_seen_at, p_idle_until,
        p_absolute_until, p_idle_for, p_persistent, p_label, p_about, p_credentials, p_payload,
        least(p_idle_until, p_absolute_until))
        ON CONFLICT DO NOTHING;
      IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'serialization_failure', MESSAGE = 'the id was taken meanwhile';
      END IF;
    END IF;

    RETURN QUERY WITH found AS (
        SELECT ${headerColumns("s")} FROM ${sessions} AS s
        WHERE s.id = ANY (doomed) AND s.reason IS NULL ORDER BY s.id FOR UPDATE),
      ended AS (UPDATE ${sessions} AS s SET
        ${wiped("p_now", "CASE WHEN f.id = p_replaces THEN 'replaced' ELSE 'limit' END")}
        FROM found AS f WHERE s.id = f.id)
      SELECT outcome, ${headerColumns("f")} FROM (SELECT 1) AS one LEFT JOIN found AS f ON true;
  END $create$;`;
}

/** Makes a tombstone of a row `s` that was read as `f`. A deadline that has come is the reason before any other. */
export function wiped(now: string, reason: string): string {
  return `reason = CASE WHEN f.absolute_until <= ${now} THEN 'absolute' WHEN f.idle_until <= ${now} THEN 'idle'
      ELSE ${reason} END,
    seen_at = ${now}, sweep_at = ${now} + ${TOMBSTONE_MS}, version = NULL, user_id = NULL, created_at = NULL,
    authenticated_at = NULL, idle_until = 0, absolute_until = 0, idle_for = NULL, persistent = NULL, label = NULL,
    about = NULL, credentials = NULL, payload = NULL`;
}
