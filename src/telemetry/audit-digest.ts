/** Names for sessions and people that tell them apart in a trail and say nothing to whoever reads it (SECURITY A2). */
import { createHmac } from "node:crypto";
import { InvalidOptionError } from "../errors.ts";

const SHORTEST_KEY = 16;
/** 96 bits: no two of a trail's ids meet by chance. */
const LENGTH = 16;

/**
 * The name of a session or user in an audit trail made with this key: to look somebody up, or to compare two trails.
 * 16 characters of HMAC-SHA-256. Throws `InvalidOptionError` for a key of fewer than 16 bytes.
 */
export function auditDigest(key: string | Uint8Array, kind: "session" | "user", id: string): string {
  return digest(checkedKey(key), kind, id);
}

export function digest(key: Uint8Array, kind: "session" | "user", id: string): string {
  return createHmac("sha256", key).update(`${kind}\0${id}`).digest("base64url").slice(0, LENGTH);
}

export function checkedKey(key: string | Uint8Array): Uint8Array {
  const bytes = typeof key === "string" ? new TextEncoder().encode(key) : key;
  if (!(bytes instanceof Uint8Array) || bytes.byteLength < SHORTEST_KEY) {
    throw new InvalidOptionError("key", `must be a text or bytes, at least ${SHORTEST_KEY} of them`);
  }
  return Uint8Array.from(bytes);
}
