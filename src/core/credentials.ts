/**
 * The part of a record that recognises tokens: hashes of secrets and the state of rotation (PROTOCOL section 1).
 * Packed into bytes, since no store looks inside. Nothing here can be presented as a token.
 */

import { UndecodableError } from "../errors.ts";
import { sameBytes } from "./bytes.ts";
import type { Instant } from "./record.ts";
import { HASH, hashFamily, hashSecret } from "./token.ts";

/** A secret that was handed out, or is about to be, and was not used yet. */
interface Pending {
  readonly hash: Uint8Array;
  /** What a rotation derives the secret from; `null` when renewal made it. */
  readonly salt: Uint8Array | null;
}

export interface Credentials {
  /** Grows by one whenever the old secret dies at once: at renewal, not at rotation. */
  readonly epoch: number;
  /** Hash of the family: recognises every past secret of this session, and nothing else. */
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

const FAMILY = 16;
const CSRF = 32;
const SALT = 16;
const HELD = 0x80; // a bit that no number of displaced hashes reaches

interface Layout {
  readonly format: number;
  /** How many bytes of a hash stand there. */
  readonly hash: number;
  readonly instant: number;
}

/** What is written: 6 bytes of milliseconds last until the year 10889. */
const LAYOUT: Layout = { format: 2, hash: HASH, instant: 6 };
/** Whole hashes, and instants as doubles. Read as if it were the one above. */
const LAYOUT_1: Layout = { format: 1, hash: 32, instant: 8 };

export function newCredentials(
  secret: Uint8Array,
  csrf: Uint8Array,
  now: Instant,
  isHeld = false,
): Credentials {
  return {
    epoch: 0,
    family: hashFamily(secret),
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

/** How a presented secret stands against a record. */
export function judge(credentials: Credentials, secret: Uint8Array, now: Instant, skewMs: number): Verdict {
  const hash = hashSecret(secret);
  if (sameBytes(hash, credentials.current)) return "current";
  if (credentials.pending && sameBytes(hash, credentials.pending.hash)) return "next";
  const previous = credentials.displaced[0];
  if (previous && now <= credentials.overlapUntil + skewMs && sameBytes(hash, previous)) return "overlap";
  return sameBytes(hashFamily(secret), credentials.family) ? "superseded" : "unknown";
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
  const flags =
    (pending ? 1 : 0) | (pending?.salt ? 2 : 0) | (displaced.length << 2) | (credentials.isHeld ? HELD : 0);
  const bytes = Buffer.alloc(sizeOf(LAYOUT, flags));
  bytes[0] = LAYOUT.format;
  bytes[1] = flags;
  let at = bytes.writeUInt32BE(credentials.epoch, 2);
  const put = (part: Uint8Array): void => {
    bytes.set(part, at);
    at += part.byteLength;
  };
  const putInstant = (instant: Instant): void => {
    at = bytes.writeUIntBE(Math.max(0, Math.floor(instant)), at, LAYOUT.instant);
  };
  put(credentials.family);
  put(credentials.current);
  put(credentials.csrf);
  putInstant(credentials.rotatedAt);
  if (pending) put(pending.hash);
  if (pending?.salt) put(pending.salt);
  if (displaced.length > 0) {
    putInstant(credentials.supersededAt);
    putInstant(credentials.overlapUntil);
    for (const hash of displaced) put(hash);
  }
  return bytes;
}

/** Throws `UndecodableError` for anything `packCredentials` did not write. */
export function unpackCredentials(packed: Uint8Array): Credentials {
  const layout = packed[0] === LAYOUT_1.format ? LAYOUT_1 : LAYOUT;
  const flags = packed[1] ?? 0;
  const displacedCount = countOf(flags);
  if (packed[0] !== layout.format || packed.byteLength !== sizeOf(layout, flags))
    throw new UndecodableError("its credentials are damaged");
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  let at = 6;
  const take = (length: number): Uint8Array => {
    at += length;
    return packed.subarray(at - length, at);
  };
  const takeHash = (): Uint8Array => take(layout.hash).subarray(0, HASH);
  const takeInstant = (): Instant => {
    const { length } = take(layout.instant);
    return layout === LAYOUT_1 ? bytes.readDoubleBE(at - length) : bytes.readUIntBE(at - length, length);
  };
  const family = take(FAMILY);
  const current = takeHash();
  const csrf = take(CSRF);
  const rotatedAt = takeInstant();
  const pending = flags & 1 ? { hash: takeHash(), salt: flags & 2 ? take(SALT) : null } : null;
  const supersededAt = displacedCount > 0 ? takeInstant() : 0;
  const overlapUntil = displacedCount > 0 ? takeInstant() : 0;
  const displaced = Array.from({ length: displacedCount }, takeHash);
  return {
    epoch: bytes.readUInt32BE(2),
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

function sizeOf({ hash, instant }: Layout, flags: number): number {
  const fixed = 6 + FAMILY + hash + CSRF + instant;
  const pending = flags & 1 ? hash + (flags & 2 ? SALT : 0) : 0;
  const displaced = countOf(flags);
  return fixed + pending + (displaced > 0 ? 2 * instant + displaced * hash : 0);
}

function countOf(flags: number): number {
  return (flags & ~HELD) >> 2;
}
