/** What errors of the server and of mysql2 mean for a caller. Messages never hold an id, a user or data. */
import { StoreFault, type StoreFaultKind } from "../../errors.ts";

type Meaning = readonly [kind: StoreFaultKind, message: string];

const DUPLICATE = 1062;
const TABLE_MISSING = 1146;

const READ_ONLY: ReadonlySet<number> = new Set([1290, 1792, 1836]);

/** Rolled back by the server, and worth another try at once. */
const RETRYABLE: ReadonlyMap<number, string> = new Map([
  [1213, "the transaction and another one waited for each other"],
  [1205, "a lock was not to be had in time"],
  [1020, "a row changed under the transaction"],
  [1615, "a prepared statement has to be prepared again"],
  [3101, "the group of servers rolled the transaction back"],
]);

/** Error numbers of MySQL and MariaDB: nothing was applied. */
const REFUSALS: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [1021, ["unavailable", "the server's disk is full"]],
  [1114, ["unavailable", "the server has no room for another row"]],
  [1037, ["unavailable", "the server is out of memory"]],
  [1038, ["unavailable", "the server is out of memory"]],
  [1041, ["unavailable", "the server is out of memory"]],
  [1040, ["unavailable", "the server has too many connections"]],
  [1203, ["unavailable", "the user has too many connections"]],
  [1044, ["unavailable", "the user may not use the database"]],
  [1045, ["unavailable", "the user or the password was refused"]],
  [1698, ["unavailable", "the user or the password was refused"]],
  [1142, ["unavailable", "the user lacks a privilege on the tables"]],
  [1046, ["unavailable", "the pool names no database; set `database`"]],
  [1049, ["unavailable", "the database does not exist"]],
  [TABLE_MISSING, ["unavailable", "a table is missing; call open() again"]],
  [1290, ["unavailable", "the server is read-only; connect to the primary"]],
  [1792, ["unavailable", "the transaction is read-only; connect to the primary"]],
  [1836, ["unavailable", "the server is read-only; connect to the primary"]],
  [1047, ["unavailable", "the node has left its cluster"]],
  [1243, ["unavailable", "a prepared statement is missing; set preparedStatements: false behind a proxy"]],
  [1461, ["unavailable", "the server holds too many prepared statements"]],
  [1295, ["unavailable", "the server cannot prepare this; set preparedStatements: false behind a proxy"]],
  [1153, ["too-large", "the session is larger than the server's max_allowed_packet"]],
  [1406, ["too-large", "a value is larger than its column"]],
  [1317, ["timeout", "the server interrupted the statement"]],
  [1969, ["timeout", "the server's time for a statement was up"]],
  [3024, ["timeout", "the server's time for a statement was up"]],
  [1712, ["corrupt", "the server reports a damaged index"]],
  [1034, ["corrupt", "the server reports a damaged table"]],
]);

/** The server ends the connection with these, perhaps in the middle of a commit. */
const ENDINGS: ReadonlySet<number> = new Set([1053, 1927, 1152, 1158, 1159, 1160, 1161, 4031]);

/** No connection came about, so that nothing was sent. */
const UNSENT: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOENT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "HANDSHAKE_NO_SSL_SUPPORT",
]);

/** Begin the transaction again: what it was about to end is no longer as it was read. */
export class Overtaken extends Error {}

export function isRetryable(error: unknown): boolean {
  return error instanceof Overtaken || RETRYABLE.has(numberOf(error));
}

export function isDuplicate(error: unknown): boolean {
  return numberOf(error) === DUPLICATE;
}

/** Connections to a server that is no longer the primary are of no use, and a new one may lead to the one that is. */
export function isReadOnly(error: unknown): boolean {
  return READ_ONLY.has(numberOf(error));
}

export function isTableMissing(error: unknown): boolean {
  return numberOf(error) === TABLE_MISSING;
}

/** `writes`: whether what was asked may have been applied if its answer was lost. */
export function mysqlFault(error: unknown, writes: boolean): StoreFault {
  if (error instanceof StoreFault) return error;
  const [kind, message] = meaningOf(error, writes);
  return new StoreFault(kind, `MySQL store: ${message}.`, { cause: bare(error) });
}

function meaningOf(error: unknown, writes: boolean): Meaning {
  if (error instanceof Overtaken) return ["busy", "the sessions of the user kept changing"];
  const number = numberOf(error);
  const busy = RETRYABLE.get(number);
  if (busy) return ["busy", busy];
  const refusal = REFUSALS.get(number);
  if (refusal) return refusal;
  const code = fieldOf(error, "code");
  if (UNSENT.has(String(code)) || fieldOf(error, "syscall") === "connect") {
    return ["unavailable", "the server cannot be reached"];
  }
  if (number > 0 && !ENDINGS.has(number)) {
    return ["unavailable", "the server refused the statement; see the cause"];
  }
  // mysql2 has no code for what it refuses itself: a pool that was ended, a queue that is full.
  if (code === undefined) return ["unavailable", "mysql2 did not send the statement; see the cause"];
  return [writes ? "ambiguous" : "unavailable", "the connection ended before the answer came"];
}

/** mysql2 hangs the statement on its errors, and in a statement sent as text stand its values. */
function bare(error: unknown): unknown {
  if (typeof error !== "object" || error === null) return error;
  for (const name of ["sql", "parameters"]) Reflect.deleteProperty(error, name);
  return error;
}

function numberOf(error: unknown): number {
  const number = fieldOf(error, "errno");
  // Of the errors of Node, too, some have a number here; theirs are negative.
  return typeof number === "number" && number > 0 ? number : 0;
}

function fieldOf(error: unknown, name: string): unknown {
  return typeof error === "object" && error !== null ? Reflect.get(error, name) : undefined;
}
