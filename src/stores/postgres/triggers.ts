/** Triggers that tell of every change, whichever process or tool makes it. Nobody notices them who does not listen. */
import { createHash } from "node:crypto";
import type { Names } from "./names.ts";

/** Held by whoever sets up triggers, until the end of that transaction. */
const SETUP_LOCK = 5_766_321_481;

/** What is told instead of an id when any session may have changed. */
export const EVERYTHING = "*";

/** Where changes of these tables are told. Channels belong to a database, and a name has 63 bytes at most. */
export function channelOf({ sessions }: Names): string {
  return `sojourn_${createHash("sha256").update(sessions).digest("hex").slice(0, 24)}`;
}

/**
 * One statement, which makes what is not there yet and may be run again. A touch changes no version, so it tells nothing.
 * Making a trigger waits for writes under way and holds up others for that moment, so it is looked for first.
 */
export function triggerScript(names: Names): string {
  const { sessions, tell } = names;
  return `DO $sojourn$
BEGIN
  IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = '${sessions}'::regclass AND tgname = 'sojourn_told_1') THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(${SETUP_LOCK});
  IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = '${sessions}'::regclass AND tgname = 'sojourn_told_1') THEN
    RETURN;
  END IF;
  CREATE OR REPLACE FUNCTION ${tell}() RETURNS trigger LANGUAGE plpgsql AS $tell$
  BEGIN
    IF TG_LEVEL = 'STATEMENT' THEN
      PERFORM pg_notify('${channelOf(names)}', '${EVERYTHING}');
    ELSE
      PERFORM pg_notify('${channelOf(names)}', translate(encode(OLD.id, 'base64'), '+/=', '-_'));
    END IF;
    RETURN NULL;
  END $tell$;
  CREATE TRIGGER sojourn_told_1 AFTER UPDATE ON ${sessions} FOR EACH ROW
    WHEN (OLD.version IS DISTINCT FROM NEW.version) EXECUTE FUNCTION ${tell}();
  CREATE TRIGGER sojourn_told_deleted_1 AFTER DELETE ON ${sessions} FOR EACH ROW
    WHEN (OLD.reason IS NULL) EXECUTE FUNCTION ${tell}();
  CREATE TRIGGER sojourn_told_emptied_1 AFTER TRUNCATE ON ${sessions} FOR EACH STATEMENT
    EXECUTE FUNCTION ${tell}();
END
$sojourn$;
`;
}
