/** Makes the store ready: the tables, the key under which users are named in marks, and a look at the server. */
import { randomBytes } from "node:crypto";
import { StoreFault } from "../../errors.ts";
import type { Deadline } from "../sql/deadline.ts";
import { checkKey, checkSchema, type OpenedTables } from "../sql/meta.ts";
import { rowIn } from "../sql/rows.ts";
import { USER_KEY_BYTES } from "../user-digest.ts";
import type { Statement } from "./client.ts";
import { isTableMissing } from "./faults.ts";
import type { Link } from "./link.ts";
import type { Names } from "./names.ts";
import { SCHEMA, schemaScript } from "./schema.ts";

/** `mayMigrate`: whether missing tables are made. */
export async function openTables(
  link: Link,
  names: Names,
  mayMigrate: boolean,
  call: Deadline,
): Promise<OpenedTables> {
  const found = await readMeta(link, names, call);
  if (found === null) {
    if (!mayMigrate) {
      throw new StoreFault(
        "unavailable",
        "PostgreSQL store: its tables are missing. Apply postgresSchema(), or call migrate().",
      );
    }
    await migrate(link, names, call);
  }
  const [schema, key, ...settings] = found ?? (await readMeta(link, names, call)) ?? [];
  checkSchema(schema, SCHEMA, "PostgreSQL", "schema");
  const warnings = warningsAbout(settings);
  return { userKey: checkKey(key ?? (await makeKey(link, names, call)), "PostgreSQL"), warnings };
}

export async function migrate(link: Link, names: Names, call: Deadline): Promise<void> {
  await link.run({ text: schemaScript(names), writes: true }, [], call);
}

/** Schema version, user key and settings in one row; `null` where there are no tables. */
async function readMeta(link: Link, { meta }: Names, call: Deadline): Promise<readonly unknown[] | null> {
  const text = `SELECT (SELECT convert_from(value, 'UTF8') FROM ${meta} WHERE name = 'schema'),
    (SELECT value FROM ${meta} WHERE name = 'user key'), current_setting('server_encoding'),
    current_setting('fsync'), current_setting('synchronous_commit'), current_setting('transaction_read_only')`;
  try {
    const [row] = await link.run({ text, writes: false }, [], call);
    return rowIn(row);
  } catch (error) {
    if (error instanceof StoreFault && isTableMissing(error.cause)) return null;
    throw error;
  }
}

/** Made once, and never changed: of several processes that are here at once, all take the one that got in. */
async function makeKey(link: Link, { meta }: Names, call: Deadline): Promise<unknown> {
  const insert: Statement = {
    text: `INSERT INTO ${meta} (name, value) VALUES ('user key', $1) ON CONFLICT DO NOTHING`,
    writes: true,
  };
  await link.run(insert, [randomBytes(USER_KEY_BYTES)], call);
  const select: Statement = { text: `SELECT value FROM ${meta} WHERE name = 'user key'`, writes: false };
  const [row] = await link.run(select, [], call);
  return rowIn(row)[0];
}

function warningsAbout([encoding, fsync, commits, isReadOnly]: readonly unknown[]): readonly string[] {
  if (encoding !== "UTF8") {
    throw new StoreFault(
      "unavailable",
      "PostgreSQL store: the database has to be encoded in UTF8; any other loses text of users.",
    );
  }
  if (isReadOnly === "on") {
    throw new StoreFault("unavailable", "PostgreSQL store: the server is read-only; connect to the primary.");
  }
  const warnings: string[] = [];
  if (fsync === "off") {
    warnings.push("PostgreSQL runs with fsync = off: a power failure may damage every session.");
  }
  if (commits === "off") {
    warnings.push(
      "PostgreSQL runs with synchronous_commit = off: a crash of the server may undo the last logouts and logins.",
    );
  }
  return warnings;
}
