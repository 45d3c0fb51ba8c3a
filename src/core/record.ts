/**
 * The stored form of a session, as every store keeps it. A store reads the header (ids, times, version) and never
 * looks inside `credentials` and `payload`.
 */
import type { EndReason } from "../errors.ts";

/** Epoch milliseconds. */
export type Instant = number;

/** The public half of a token: 16 bytes as 22 base64url characters. It names a session and opens nothing. */
export type SessionId = string;

/** 12 random bytes as 16 base64url characters, new for each attempted save and the same for its retries. */
export type Version = string;

export interface SessionRecord {
  readonly id: SessionId;
  /** Whose session it is; `null` for a visitor. Never changes in place. */
  readonly userId: string | null;
  readonly version: Version;
  readonly createdAt: Instant;
  /** When the user last proved who they are; `null` for a visitor. */
  readonly authenticatedAt: Instant | null;
  /** Last use that was written down (touch is throttled, so it lags by up to idle/20 or one hour). */
  readonly seenAt: Instant;
  /** The session is live while `now < min(idleUntil, absoluteUntil)`. */
  readonly idleUntil: Instant;
  readonly absoluteUntil: Instant;
  /** Milliseconds without use after which it ends. */
  readonly idleFor: number;
  /** Whether its cookie outlives the browser ("remember me", and visitors). */
  readonly persistent: boolean;
  /** A name for the device, at most 200 characters. */
  readonly label: string | null;
  /**
   * What else is known of the session, as a short JSON text of at most 2048 characters; `null` where there is nothing
   * to tell. Set when the session is created and never changed. Packed by the core, opaque to the store, which keeps it
   * like the label and wipes it at the end.
   */
  readonly about: string | null;
  /** Hashes of secrets and the state of rotation, packed by core/credentials.ts. */
  readonly credentials: Uint8Array;
  /** What the codec made of the data, one id byte in front. */
  readonly payload: Uint8Array;
}

/** What listings and events show of a record: no hashes, no data. */
export type SessionHeader = Omit<SessionRecord, "credentials" | "payload">;

/** What is left of a session for ten minutes after its end, so that it cannot come back and can be explained. */
export interface Ended {
  readonly ended: EndReason;
  readonly at: Instant;
}

const END_REASONS: Readonly<Record<EndReason, true>> = {
  idle: true,
  absolute: true,
  "logged-out": true,
  revoked: true,
  replaced: true,
  limit: true,
  theft: true,
  risk: true,
};

/** For stores that read one back. */
export function isEndReason(text: string): text is EndReason {
  return Object.hasOwn(END_REASONS, text);
}

/** Live means: neither deadline has come. At the deadline itself a session is dead. */
export function isLive(record: Pick<SessionRecord, "idleUntil" | "absoluteUntil">, now: Instant): boolean {
  return now < record.idleUntil && now < record.absoluteUntil;
}

/** Which of the two deadlines a dead record met. The absolute one is named where both have passed. */
export function expiryReason(
  record: Pick<SessionRecord, "absoluteUntil">,
  now: Instant,
): "idle" | "absolute" {
  return now >= record.absoluteUntil ? "absolute" : "idle";
}

export function headerOf(record: SessionRecord): SessionHeader {
  const { credentials: _, payload: __, ...header } = record;
  return header;
}
