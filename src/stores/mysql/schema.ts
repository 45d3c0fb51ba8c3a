/** The tables and how they come into being. One row per session, live or just ended; one row per user mark. */
import type { Names } from "./names.ts";

/** The version that `schemaStatements` makes. */
export const SCHEMA = 2;

/**
 * Each makes what is not there yet and may be run again, also by several processes at the same moment. The last one
 * says that all is there.
 *
 * Rows lie in the order in which they came, by `seq`, and are found by `id` through an index. In the order of their ids,
 * which are random, pages fill to little more than half.
 *
 * Texts are kept as their bytes: every collation takes some texts for the same that are not, and most take trailing
 * blanks for nothing. The index of users is over `person`, a keyed digest, since a user id may be longer than any index
 * takes. MEDIUMBLOB, since BLOB ends at 64 KB, and without strict mode a server cuts off what goes beyond.
 *
 * An ended session keeps its row for a while, wiped, with `reason` set and `seen_at` saying when. `sweep_at` is the
 * earliest instant at which a sweep has to look at the row: for a live one a lower bound of its deadline, which saves
 * and touches leave behind, so that neither changes an indexed column.
 */
export function schemaStatements({ sessions, marks, meta, prefix }: Names): readonly string[] {
  const table = "ENGINE = InnoDB ROW_FORMAT = DYNAMIC";
  return [
    `CREATE TABLE IF NOT EXISTS ${sessions} (
  seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  id BINARY(16) NOT NULL,
  version VARBINARY(255),
  person BINARY(16),
  user_id MEDIUMBLOB,
  created_at BIGINT,
  authenticated_at BIGINT,
  seen_at BIGINT NOT NULL,
  idle_until BIGINT NOT NULL,
  absolute_until BIGINT NOT NULL,
  idle_for BIGINT,
  persistent TINYINT,
  label MEDIUMBLOB,
  about MEDIUMBLOB,
  reason VARBINARY(16),
  sweep_at BIGINT NOT NULL,
  credentials MEDIUMBLOB,
  payload MEDIUMBLOB,
  UNIQUE KEY \`${prefix}sessions_by_id\` (id),
  KEY \`${prefix}sessions_due\` (sweep_at),
  KEY \`${prefix}sessions_of_user\` (person, created_at DESC)
) ${table}`,
    `CREATE TABLE IF NOT EXISTS ${marks} (
  person BINARY(16) NOT NULL PRIMARY KEY,
  revoked_at BIGINT,
  token VARBINARY(64),
  forget_at BIGINT NOT NULL,
  KEY \`${prefix}marks_due\` (forget_at)
) ${table}`,
    `CREATE TABLE IF NOT EXISTS ${meta} (
  name VARBINARY(32) NOT NULL PRIMARY KEY,
  value VARBINARY(255) NOT NULL
) ${table}`,
    `INSERT IGNORE INTO ${meta} (name, value) VALUES ('schema', '${SCHEMA}')`,
  ];
}

/** All of it, for a migration tool. */
export function schemaScript(names: Names): string {
  return schemaStatements(names)
    .map((text) => `${text};\n`)
    .join("");
}
