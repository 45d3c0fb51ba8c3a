/** What goes over to another address beside its token. */
import type { Instant, SessionId } from "./record.ts";

/** Of one-time records that an address names. */
export const PURPOSE = "url";

export interface CarriedUser {
  readonly userId: string;
  /** The user's revocation token when the address was made: whoever was revoked since does not arrive. */
  readonly revocation: string;
  readonly authenticatedAt: Instant;
  readonly absoluteUntil: Instant;
  readonly label: string | null;
  readonly about: string | null;
}

export interface Carried {
  readonly audience: string;
  readonly route: string;
  /** The session it came from. */
  readonly from: SessionId;
  /** Encoded as a session's data is, so that whoever takes it up can bring it into its own shape. */
  readonly payload: string;
  /** `null` unless being signed in was asked for by name. */
  readonly user: CarriedUser | null;
}

/** Bytes may be another version's. */
export function isCarried(value: unknown): value is Carried {
  if (!isFields(value)) return false;
  const { audience, route, from, payload, user } = value;
  const isText = [audience, route, from, payload].every((text) => typeof text === "string");
  return isText && (user === null || isCarriedUser(user));
}

function isCarriedUser(user: unknown): boolean {
  if (!isFields(user)) return false;
  const { userId, revocation, authenticatedAt, absoluteUntil, label, about } = user;
  return (
    typeof userId === "string" &&
    typeof revocation === "string" &&
    typeof authenticatedAt === "number" &&
    typeof absoluteUntil === "number" &&
    (label === null || typeof label === "string") &&
    (about === null || typeof about === "string")
  );
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
