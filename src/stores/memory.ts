/**
 * Sessions in the memory of this process: for tests, development and single processes that may forget everybody when
 * they stop. Every operation is one synchronous step, so nothing can come between its check and its effect; only the
 * sessions of a user who has very many end in several.
 */
import { randomBytes } from "node:crypto";
import { toBase64url } from "../core/bytes.ts";
import { refuseUnknownKeys } from "../core/option-checks.ts";
import { InvalidOptionError } from "../errors.ts";
import type { SessionStore } from "./contract.ts";
import { MemoryStore } from "./memory/memory-store.ts";
import { USER_KEY_BYTES, userDigest } from "./user-digest.ts";

export interface MemoryStoreOptions {
  /**
   * The most sessions it holds, 1 to 10 million; default 100,000 (about 80 MB with 500 bytes of data each). When it is
   * full, a new session takes the place of an expired one, else of the visitor's session that was used longest ago,
   * which ends with reason `limit`. A signed-in session is never given up: when there are no others, `create` throws
   * `StoreFault` kind `unavailable`, which is answered 503 and passes as sessions expire.
   */
  readonly maxSessions?: number;
}

const DEFAULT_MAX_SESSIONS = 100_000;
const LARGEST_MAX_SESSIONS = 10_000_000;

/** A store in memory. Throws `InvalidOptionError` for options it does not know or cannot keep. */
export function memoryStore(options: MemoryStoreOptions = {}): SessionStore {
  refuseUnknownKeys(options, ["maxSessions"], "memoryStore");
  const { maxSessions = DEFAULT_MAX_SESSIONS } = options;
  if (!Number.isSafeInteger(maxSessions) || maxSessions < 1 || maxSessions > LARGEST_MAX_SESSIONS) {
    throw new InvalidOptionError("memoryStore.maxSessions", "must be a whole number from 1 to 10,000,000");
  }
  return new MemoryStore(
    maxSessions,
    () => toBase64url(randomBytes(12)),
    userDigest(randomBytes(USER_KEY_BYTES)),
  );
}
