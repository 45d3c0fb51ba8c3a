/** The tables and how they come into being. One row per session, live or just ended; one row per user mark. */
import { createFunction } from "./create-function.ts";
import type { Names } from "./names.ts";

/** The version that `schemaScript` makes. */
export const SCHEMA = 2;

/** Held by whoever sets up tables, until the end of that transaction. */
const SETUP_LOCK = 5_766_321_480;

/**
 * One statement, which makes what is not there yet and may be run again. Of several processes that run it at the same
 * moment one does the work and the others find it done.
 *
 * An ended session keeps its row for a while, wiped, with `reason` set and `seen_at` saying when. `sweep_at` is the
 * earliest instant at which a sweep has to look at the row: for a live one a lower bound of its deadline, which saves
 * and touches leave behind. So neither changes an indexed column, and both can stay on the page of their row: the
 * tenth of it that `fillfactor` leaves free is for them.
 *
 * Numbers come first, so that none needs filling bytes in front. The index of users leaves out the id, which would take
 * half of it: sessions of one user that began in the same millisecond are sorted when they are listed.
 */
export function schemaScript(names: Names): string {
  const { schema, sessions, marks, meta, prefix } = names;
  return `DO $sojourn$
BEGIN
  PERFORM pg_advisory_xact_lock(${SETUP_LOCK});
  IF to_regclass('${meta}') IS NOT NULL THEN
    RETURN;
  END IF;
  IF to_regnamespace('${schema}') IS NULL THEN
    CREATE SCHEMA ${schema};
  END IF;
  CREATE TABLE ${sessions} (
    created_at bigint,
    authenticated_at bigint,
    seen_at bigint NOT NULL,
    idle_until bigint NOT NULL,
    absolute_until bigint NOT NULL,
    idle_for bigint,
    sweep_at bigint NOT NULL,
    persistent boolean,
    id bytea PRIMARY KEY,
    version text COLLATE "C",
    user_id text COLLATE "C",
    label text,
    about text,
    reason text,
    credentials bytea,
    payload bytea
  ) WITH (fillfactor = 90);
  CREATE INDEX "${prefix}sessions_due" ON ${sessions} (sweep_at);
  CREATE INDEX "${prefix}sessions_of_user" ON ${sessions} (user_id, created_at DESC) WHERE user_id IS NOT NULL;
  CREATE TABLE ${marks} (
    person bytea PRIMARY KEY,
    revoked_at bigint,
    token text COLLATE "C",
    forget_at bigint NOT NULL
  ) WITH (fillfactor = 90);
  CREATE INDEX "${prefix}marks_due" ON ${marks} (forget_at);
  CREATE TABLE ${meta} (name text COLLATE "C" PRIMARY KEY, value bytea NOT NULL);
  ${createFunction(names)}
  INSERT INTO ${meta} (name, value) VALUES ('schema', convert_to('${SCHEMA}', 'UTF8'));
END
$sojourn$;
`;
}
