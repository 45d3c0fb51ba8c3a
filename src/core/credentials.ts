/**
 * The part of a record that recognises tokens: hashes of secrets and the state of rotation (PROTOCOL section 1).
 * Packed into bytes, since no store looks inside. Nothing here can be presented as a token.
 */

import { UndecodableError } from "../errors.ts";
import { sameBytes } from "./bytes.ts";
import type { Instant } from "./record.ts";
import { hashFamily, hashSecret } from "./token.ts";

/** A secret that was handed out, or is about to be, and was not used yet. */
interface Pending {
  readonly hash: Uint8Array;
  /** What a rotation derives the secret from; `null` when renewal made it. */
  readonly salt: Uint8Array | null;
}

export interface Credentials {
  /** Grows by one whenever the old secret dies at once: at renewal, not at rotation. */
  readonly epoch: number;
  /** First half of the hash of the family: recognises every past secret of this session, and nothing else. */
  readonly family: Uint8Array;
  readonly current: Uint8Array;
  /** The CSRF secret under a pad that the store cannot know (`padCsrf`). */
  readonly csrf: Uint8Array;
  readonly rotatedAt: Instant;
  readonly pending: Pending | null;
  /** Hashes of what the last change displaced; after a rotation the first one is the previous secret. */
  readonly displaced: readonly Uint8Array[];
  readonly supersededAt: Instant;
  /** Until when the previous secret is still served; 0 when it is not. */
  readonly overlapUntil: Instant;
  /** Made for a client that keeps its token itself: no cookie of this session is good, and no header of another. */
  readonly isHeld: boolean;
}

export type Verdict = "current" | "next" | "overlap" | "superseded" | "unknown";

/** How long the previous secret is served after a rotation. */
export const OVERLAP_MS = 30_000;

const FORMAT = 1;
const FAMILY = 16;
const HASH = 32;
const SALT = 16;
const HELD = 0x80; // a bit that no number of displaced hashes reaches
const FIXED = 2 + 4 + FAMILY + HASH + HASH + 8;

export function newCredentials(
  secret: Uint8Array,
  csrf: Uint8Array,
  now: Instant,
  isHeld = false,
): Credentials {
  return {
    epoch: 0,
    family: familyMark(secret),
    current: hashSecret(secret),
    csrf,
    rotatedAt: now,
    pending: null,
    displaced: [],
    supersededAt: 0,
    overlapUntil: 0,
    isHeld,
  };
}

function familyMark(secret: Uint8Array): Uint8Array {
  return hashFamily(secret).subarray(0, FAMILY);
}

/** How a presented secret stands against a record. */
export function judge(credentials: Credentials, secret: Uint8Array, now: Instant, skewMs: number): Verdict {
  const hash = hashSecret(secret);
  if (sameBytes(hash, credentials.current)) return "current";
  if (credentials.pending && sameBytes(hash, credentials.pending.hash)) return "next";
  const previous = credentials.displaced[0];
  if (previous && now <= credentials.overlapUntil + skewMs && sameBytes(hash, previous)) return "overlap";
  return sameBytes(familyMark(secret), credentials.family) ? "superseded" : "unknown";
}

/**
 * Whether a superseded secret is a sign of theft. One that the last change displaced may still be under way for a
 * short while; any older one is a sign at once (PROTOCOL rule 9).
 */
export function isTheft(credentials: Credentials, secret: Uint8Array, now: Instant, skewMs: number): boolean {
  const hash = hashSecret(secret);
  const recent = credentials.displaced.some((displaced) => sameBytes(displaced, hash));
  return !recent || now > credentials.supersededAt + OVERLAP_MS + 2 * skewMs;
}

export function packCredentials(credentials: Credentials): Uint8Array {
  const { pending, displaced } = credentials;
  const superseded = displaced.length > 0;
  const size =
    FIXED +
    (pending ? HASH + (pending.salt ? SALT : 0) : 0) +
    (superseded ? 16 + displaced.length * HASH : 0);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes[0] = FORMAT;
  bytes[1] =
    (pending ? 1 : 0) | (pending?.salt ? 2 : 0) | (displaced.length << 2) | (credentials.isHeld ? HELD : 0);
  view.setUint32(2, credentials.epoch);
  let at = 6;
  const put = (part: Uint8Array): void => {
    bytes.set(part, at);
    at += part.byteLength;
  };
  const putInstant = (instant: Instant): void => {
    view.setFloat64(at, instant);
    at += 8;
  };
  put(credentials.family);
  put(credentials.current);
  put(credentials.csrf);
  putInstant(credentials.rotatedAt);
  if (pending) put(pending.hash);
  if (pending?.salt) put(pending.salt);
  if (superseded) {
    putInstant(credentials.supersededAt);
    putInstant(credentials.overlapUntil);
    for (const hash of displaced) put(hash);
  }
  return bytes;
}

/** Throws `UndecodableError` for anything `packCredentials` did not write. */
export function unpackCredentials(bytes: Uint8Array): Credentials {
  const flags = bytes[1] ?? 0;
  const displacedCount = (flags & ~HELD) >> 2;
  const size =
    FIXED +
    (flags & 1 ? HASH + (flags & 2 ? SALT : 0) : 0) +
    (displacedCount > 0 ? 16 + displacedCount * HASH : 0);
  if (bytes[0] !== FORMAT || bytes.byteLength !== size)
    throw new UndecodableError("its credentials are damaged");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 6;
  const take = (length: number): Uint8Array => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  const takeInstant = (): Instant => {
    at += 8;
    return view.getFloat64(at - 8);
  };
  const family = take(FAMILY);
  const current = take(HASH);
  const csrf = take(HASH);
  const rotatedAt = takeInstant();
  const pending = flags & 1 ? { hash: take(HASH), salt: flags & 2 ? take(SALT) : null } : null;
  const supersededAt = displacedCount > 0 ? takeInstant() : 0;
  const overlapUntil = displacedCount > 0 ? takeInstant() : 0;
  const displaced = Array.from({ length: displacedCount }, () => take(HASH));
  return {
    epoch: view.getUint32(2),
    family,
    current,
    csrf,
    rotatedAt,
    pending,
    displaced,
    supersededAt,
    overlapUntil,
    isHeld: (flags & HELD) !== 0,
  };
}
