/**
 * How the secret of a session moves on. Rotation: offer a derived secret, promote it when the client shows it.
 * Renewal: prepare a fresh one, then promote it and kill the old. All pure steps on credentials.
 */
import { sameBytes } from "./bytes.ts";
import { type Credentials, OVERLAP_MS } from "./credentials.ts";
import type { Instant, SessionId } from "./record.ts";
import { derivedSecret, hashSecret } from "./token.ts";

/** A renewal that was prepared but not finished gives way to another after this long (flaw F9). */
const PREPARED_MS = 5000;

export interface Offer {
  readonly secret: Uint8Array;
  /** `null` when the offer is stored already and is only repeated. */
  readonly credentials: Credentials | null;
}

/** A rotation is pending or due, and nothing else stands in its way. */
export function rotationDue(credentials: Credentials, now: Instant, everyMs: number): boolean {
  if (credentials.pending) return credentials.pending.salt !== null;
  return now >= credentials.rotatedAt + everyMs;
}

/** The secret to offer to the holder of the current one: always the same until it is promoted. */
export function offer(
  credentials: Credentials,
  id: SessionId,
  current: Uint8Array,
  newSalt: () => Uint8Array,
): Offer {
  const stored = credentials.pending?.salt;
  if (stored) return { secret: derivedSecret(current, id, stored), credentials: null };
  const salt = newSalt();
  const secret = derivedSecret(current, id, salt);
  return { secret, credentials: { ...credentials, pending: { hash: hashSecret(secret), salt } } };
}

/** Makes the pending secret the current one. A rotated-away secret overlaps; a renewed-away one is dead at once. */
export function promote(credentials: Credentials, now: Instant): Credentials {
  const { pending } = credentials;
  if (!pending) return credentials;
  const rotated = pending.salt !== null;
  return {
    ...credentials,
    current: pending.hash,
    pending: null,
    rotatedAt: now,
    displaced: [credentials.current],
    supersededAt: now,
    overlapUntil: rotated ? now + OVERLAP_MS : 0,
    epoch: rotated ? credentials.epoch : credentials.epoch + 1,
  };
}

/**
 * First save of a renewal: the new secret is accepted, the old one still too (flaw F8). An offer that it pushes out may
 * be in a client's hands already, so it joins the displaced ones: late, but no theft.
 */
export function prepareRenewal(credentials: Credentials, hash: Uint8Array, now: Instant): Credentials {
  const pushedOut = credentials.pending?.hash;
  return {
    ...credentials,
    pending: { hash, salt: null },
    rotatedAt: now,
    ...(pushedOut && { displaced: [...credentials.displaced.slice(0, 2), pushedOut], supersededAt: now }),
  };
}

/** Second save of a renewal: the new secret alone is accepted. */
export function finishRenewal(
  credentials: Credentials,
  hash: Uint8Array,
  csrf: Uint8Array,
  displacedOffer: Uint8Array | null,
  now: Instant,
): Credentials {
  return {
    ...credentials,
    current: hash,
    pending: null,
    csrf,
    rotatedAt: now,
    displaced: displacedOffer ? [credentials.current, displacedOffer] : [credentials.current],
    supersededAt: now,
    overlapUntil: 0,
    epoch: credentials.epoch + 1,
  };
}

/** Whether another request's renewal is under way: the first to prepare wins. */
export function renewalUnderWay(credentials: Credentials, own: Uint8Array, now: Instant): boolean {
  const { pending } = credentials;
  return (
    pending !== null &&
    pending.salt === null &&
    !sameBytes(pending.hash, own) &&
    now - credentials.rotatedAt < PREPARED_MS
  );
}
