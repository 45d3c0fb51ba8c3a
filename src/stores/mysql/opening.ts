/** Makes the store ready: the tables, the key under which users are named, and a look at the server. */
import { randomBytes } from "node:crypto";
import { StoreFault } from "../../errors.ts";
import type { Deadline } from "../sql/deadline.ts";
import { checkKey, checkSchema, type OpenedTables } from "../sql/meta.ts";
import { rowIn, textIn } from "../sql/rows.ts";
import { USER_KEY_BYTES } from "../user-digest.ts";
import { isTableMissing } from "./faults.ts";
import type { Link } from "./link.ts";
import type { Names } from "./names.ts";
import { SCHEMA, schemaStatements } from "./schema.ts";
import { literal, statement } from "./statement.ts";

/** `mayMigrate`: whether missing tables are made. */
export async function openTables(
  link: Link,
  names: Names,
  mayMigrate: boolean,
  call: Deadline,
): Promise<OpenedTables> {
  await followAutocommit(link, call);
  let found = await readMeta(link, names, call);
  if (found === null) {
    if (!mayMigrate) {
      throw new StoreFault(
        "unavailable",
        "MySQL store: its tables are missing. Apply mysqlSchema(), or call migrate().",
      );
    }
    await makeTables(link, names, call);
    found = await readMeta(link, names, call);
  }
  const [schema = null, key = null, engines, isReadOnly, flush, packet] = found ?? [];
  checkSchema(textIn(schema), SCHEMA, "MySQL", "database");
  checkEngines(Number(engines));
  if (isOn(isReadOnly)) {
    throw new StoreFault("unavailable", "MySQL store: the server is read-only; connect to the primary.");
  }
  const userKey = checkKey(key ?? (await makeKey(link, names, call)), "MySQL");
  return { userKey, warnings: [...flushWarnings(Number(flush)), ...packetWarnings(Number(packet))] };
}

export async function migrate(link: Link, names: Names, call: Deadline): Promise<void> {
  await followAutocommit(link, call);
  await makeTables(link, names, call);
}

/** Before anything is written: where connections have it off, nothing would be committed. */
async function followAutocommit(link: Link, call: Deadline): Promise<void> {
  const { rows } = await link.run(statement("SELECT @@autocommit", { isPrepared: false }), [], call);
  if (!isOn(rowIn(rows[0])[0])) link.commitEach();
}

async function makeTables(link: Link, names: Names, call: Deadline): Promise<void> {
  for (const text of schemaStatements(names)) {
    await link.run(statement(text, { isPrepared: false, writes: true }), [], call);
  }
}

/** Schema version, user key and settings in one row; `null` where there are no tables, or not all of them yet. */
async function readMeta(
  link: Link,
  { meta, prefix }: Names,
  call: Deadline,
): Promise<readonly unknown[] | null> {
  const engines = `SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()
    AND table_name IN ('${prefix}sessions', '${prefix}marks') AND engine = 'InnoDB'`;
  const text = `SELECT (SELECT value FROM ${meta} WHERE name = 'schema'),
    (SELECT value FROM ${meta} WHERE name = 'user key'), (${engines}), @@read_only,
    @@innodb_flush_log_at_trx_commit, @@max_allowed_packet`;
  try {
    const { rows } = await link.run(statement(text, { isPrepared: false }), [], call);
    const row = rowIn(rows[0]);
    return row[0] === null ? null : row;
  } catch (error) {
    if (error instanceof StoreFault && isTableMissing(error.cause)) return null;
    throw error;
  }
}

/** Made once, and never changed: of several processes that are here at once, all take the one that got in. */
async function makeKey(link: Link, { meta }: Names, call: Deadline): Promise<unknown> {
  const key = literal(randomBytes(USER_KEY_BYTES));
  const insert = `INSERT IGNORE INTO ${meta} (name, value) VALUES ('user key', ${key})`;
  await link.run(statement(insert, { isPrepared: false, writes: true }), [], call);
  const select = statement(`SELECT value FROM ${meta} WHERE name = 'user key'`, { isPrepared: false });
  return rowIn((await link.run(select, [], call)).rows[0])[0];
}

/** A server without InnoDB may take another engine without a word, and most others know no transactions. */
function checkEngines(count: number): void {
  if (count === 2) return;
  throw new StoreFault("unavailable", "MySQL store: its tables have to be of the engine InnoDB.");
}

function isOn(setting: unknown): boolean {
  return Number(setting) === 1 || setting === "ON";
}

function flushWarnings(flush: number): readonly string[] {
  if (flush === 1) return [];
  const crash = flush === 0 ? "the server or its machine" : "the server's machine";
  return [
    `MySQL runs with innodb_flush_log_at_trx_commit = ${flush}: ` +
      `a crash of ${crash} may undo the last logouts and logins.`,
  ];
}

/** A payload of the greatest size, sent as text, and the rest of its row. */
const LARGEST = 2 * 1024 * 1024 + 64 * 1024;

function packetWarnings(packet: number): readonly string[] {
  if (packet >= LARGEST) return [];
  return [
    `MySQL runs with max_allowed_packet = ${packet}: larger sessions are refused as too large, ` +
      `some from half of that size on. ${LARGEST} holds every one.`,
  ];
}
