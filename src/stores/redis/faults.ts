/**
 * What errors of a client mean for a caller. Nothing of the original goes along but its first word or its code: drivers
 * hang the command with all its arguments on their errors, and servers repeat arguments in their messages.
 */
import { StoreFault, type StoreFaultKind } from "../../errors.ts";

/** First words of the server's errors (redis.io/docs/latest/develop/reference/protocol-spec). */
const ANSWERS: ReadonlyMap<string, readonly [StoreFaultKind, string]> = new Map([
  ["BUSY", ["unavailable", "a script of somebody else is holding up the server"]],
  ["LOADING", ["unavailable", "the server is still loading its data"]],
  ["MASTERDOWN", ["unavailable", "the server is a replica without its primary"]],
  ["OOM", ["unavailable", "the server's memory is full; raise maxmemory"]],
  ["READONLY", ["unavailable", "the server is a replica and takes no writes"]],
  ["NOREPLICAS", ["unavailable", "the server lacks the replicas it was told to insist on"]],
  ["MISCONF", ["unavailable", "the server cannot save to its disk and refuses writes"]],
  ["NOAUTH", ["unavailable", "the server asks for a password"]],
  ["WRONGPASS", ["unavailable", "the server refused user name or password"]],
  [
    "NOPERM",
    ["unavailable", "the user of this connection lacks a permission; the guide names what is needed"],
  ],
  ["CLUSTERDOWN", ["unavailable", "the cluster lacks a primary for some of its slots"]],
  ["MOVED", ["busy", "the slot lies with another node of the cluster"]],
  ["ASK", ["busy", "the slot is moving to another node of the cluster"]],
  ["TRYAGAIN", ["busy", "the slot is moving to another node of the cluster"]],
  ["WRONGTYPE", ["damaged", "a key of this store holds something else"]],
]);

/** Marks an error raised by a script of ours. */
export const DAMAGED = "SOJOURN_DAMAGED";

/** Errors of clients about commands that never left. */
const UNSENT =
  /isn't writeable|client is (closed|offline)|The client is closed|ECONNREFUSED|ENOTFOUND|EAI_AGAIN/i;
const UNSENT_NAMES = ["ClientClosedError", "ClientOfflineError", "AbortError"];
/** ioredis says so, under the name AbortError, of commands that went out in a pipeline of which only a part was answered. */
const SENT = /aborted due to connection close/i;

export function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && /noscript/i.test(error.message);
}

export function redisFault(error: unknown, writes: boolean): StoreFault {
  if (error instanceof StoreFault) return error;
  const message = error instanceof Error ? error.message : "";
  if (message.includes(DAMAGED)) return damaged();
  if (message.includes("-OOM ") || message.includes("OOM command not allowed")) return answered("OOM");
  const [word = ""] = /^[A-Z][A-Z0-9]+(?=\s)/.exec(message) ?? [];
  if (word !== "" && (ANSWERS.has(word) || isReply(error))) return answered(word);
  const code = nameOf(error);
  const isUnsent =
    (UNSENT.test(message) || UNSENT_NAMES.includes(code) || UNSENT.test(code)) && !SENT.test(message);
  return writes && !isUnsent
    ? new StoreFault("ambiguous", `Redis store: the connection was lost before the answer came (${code}).`)
    : new StoreFault("unavailable", `Redis store: the server cannot be reached (${code}).`);
}

export function damaged(): StoreFault {
  return new StoreFault("damaged", "Redis store: an entry is damaged, or was written by a later release.");
}

function answered(word: string): StoreFault {
  const [kind, what] = ANSWERS.get(word) ?? ["unavailable", "the server refused the command"];
  return new StoreFault(kind, `Redis store: ${what} (${word}).`);
}

function isReply(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return /^(ReplyError|ErrorReply|SimpleError|BlobError)$/.test(
    error.name === "Error" ? error.constructor.name : error.name,
  );
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  if ("code" in error && typeof error.code === "string" && /^[A-Z_]+$/.test(error.code)) return error.code;
  return error.name === "Error" ? error.constructor.name : error.name;
}
