/** What PostgreSQL's errors mean for a caller. Messages never hold an id, a user or data. */
import { StoreFault, type StoreFaultKind } from "../../errors.ts";

type Meaning = readonly [kind: StoreFaultKind, message: string];

/** SQLSTATE codes (PostgreSQL manual, appendix A): nothing was applied. */
const REFUSALS: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ["40001", ["busy", "the transaction met another one"]],
  ["40P01", ["busy", "the transaction and another one waited for each other"]],
  ["55P03", ["busy", "a lock was not to be had in time"]],
  ["57014", ["timeout", "the server cancelled the statement"]],
  ["57P03", ["unavailable", "the server is starting or shutting down"]],
  ["53100", ["unavailable", "the server's disk is full"]],
  ["53200", ["unavailable", "the server is out of memory"]],
  ["53300", ["unavailable", "the server has too many connections"]],
  ["25006", ["unavailable", "the server is read-only; connect to the primary"]],
  ["42501", ["unavailable", "the role lacks a privilege on the tables"]],
  ["42P01", ["unavailable", "a table is missing; call open() again"]],
  ["42883", ["unavailable", "a function is missing; apply postgresSchema() again"]],
  ["28P01", ["unavailable", "the password was refused"]],
  ["28000", ["unavailable", "the role was refused"]],
  ["3D000", ["unavailable", "the database does not exist"]],
  [
    "26000",
    ["unavailable", "a prepared statement is missing; set preparedStatements: false behind a pooler"],
  ],
  [
    "42P05",
    ["unavailable", "a prepared statement is there twice; set preparedStatements: false behind a pooler"],
  ],
  ["XX001", ["corrupt", "the server reports damaged data"]],
  ["XX002", ["corrupt", "the server reports a damaged index"]],
]);

/** No connection came about, so that nothing was sent. */
const UNSENT: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "CONNECT_TIMEOUT",
  "CONNECTION_ENDED",
  "08001",
  "08004",
]);

const SQLSTATE = /^[0-9A-Z]{5}$/;

/** Rolled back by the server, and worth another try at once. */
export function isRetryable(error: unknown): boolean {
  const code = codeOf(error);
  return code === "40001" || code === "40P01";
}

export function isTableMissing(error: unknown): boolean {
  return codeOf(error) === "42P01";
}

/** `writes`: whether what was asked may have been applied if its answer was lost. */
export function postgresFault(error: unknown, writes: boolean): StoreFault {
  if (error instanceof StoreFault) return error;
  const [kind, message] = meaningOf(codeOf(error), writes);
  return new StoreFault(kind, `PostgreSQL store: ${message}.`, { cause: error });
}

function meaningOf(code: string, writes: boolean): Meaning {
  const refusal = REFUSALS.get(code);
  if (refusal) return refusal;
  if (UNSENT.has(code)) return ["unavailable", "the server cannot be reached"];
  if (isAnswer(code)) return ["unavailable", "the server refused the statement; see the cause"];
  // What else there is are connections that ended under way: named by a code, by pg also in words alone.
  return writes
    ? ["ambiguous", "the connection ended before the answer came"]
    : ["unavailable", "the connection ended before the answer came"];
}

/** Whether the server itself said no. Classes 08 and 57P end the connection, with a commit perhaps under way. */
function isAnswer(code: string): boolean {
  return SQLSTATE.test(code) && !code.startsWith("08") && !code.startsWith("57P") && !code.startsWith("E");
}

function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  if ("code" in error && typeof error.code === "string") return error.code;
  // Several addresses were tried, and none answered.
  if ("errors" in error && Array.isArray(error.errors)) return codeOf(error.errors[0]);
  return "";
}
