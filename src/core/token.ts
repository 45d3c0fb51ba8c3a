/**
 * The token a client holds: id(16) | family(16) | generation(16), 64 base64url characters. The id is public and the
 * store key. Family and generation together are the secret; only hashes of them are ever stored. The family stays for
 * the life of the record, the generation changes at rotation and renewal (PROTOCOL section 1).
 */
import {
  fromBase64url,
  hmacSha256,
  joinBytes,
  type RandomSource,
  sha256,
  toBase64url,
  xorBytes,
} from "./bytes.ts";
import type { SessionId, Version } from "./record.ts";

const HALF = 16;

/**
 * Bytes of a hash: the first half of SHA-256. Whoever has it has to find random bytes of ours that fit, so what counts
 * is how hard one is to invert, and a generation has no more than 128 random bits. Two secrets of one hash help nobody.
 */
export const HASH = 16;

const SHAPE = /^[A-Za-z0-9_-]{64}$/;
const ID_SHAPE = /^[A-Za-z0-9_-]{21}[AQgw]$/;

export interface Token {
  readonly id: SessionId;
  /** family | generation, 32 bytes. */
  readonly secret: Uint8Array;
}

/** `null` for anything but 64 characters of the alphabet: malformed tokens never reach a store. */
export function parseToken(text: string): Token | null {
  if (!SHAPE.test(text)) return null;
  const bytes = fromBase64url(text);
  return { id: toBase64url(bytes.subarray(0, HALF)), secret: bytes.subarray(HALF) };
}

export function formatToken(token: Token): string {
  return toBase64url(joinBytes(fromBase64url(token.id), token.secret));
}

/** Whether a text can be a session id at all: 22 characters, the last one without stray bits. */
export function isSessionId(text: string): boolean {
  return ID_SHAPE.test(text);
}

/** With a tag, which takes the place of its first bytes, it lies in the slot of its user. */
export function newSessionId(random: RandomSource, tag?: Uint8Array): SessionId {
  const bytes = random(HALF);
  return toBase64url(tag ? joinBytes(tag, bytes.subarray(tag.byteLength)) : bytes);
}

export function newVersion(random: RandomSource): Version {
  return toBase64url(random(12));
}

/** Of a new session: its secret, and one for CSRF tokens. In one draw, since each costs as much as a hash. */
export function newSecrets(random: RandomSource): { readonly secret: Uint8Array; readonly csrf: Uint8Array } {
  const drawn = new Uint8Array(random(4 * HALF));
  return { secret: drawn.subarray(0, 2 * HALF), csrf: drawn.subarray(2 * HALF) };
}

/** A secret of the same family with a fresh random generation. */
export function nextGeneration(secret: Uint8Array, random: RandomSource): Uint8Array {
  return joinBytes(familyOf(secret), random(HALF));
}

/**
 * The secret a rotation offers, derived so that every answer to the same holder can offer the same one (flaw F1).
 * Needs the current secret, which a thief of the store lacks, and the salt, which a thief of an old cookie lacks.
 */
export function derivedSecret(secret: Uint8Array, id: SessionId, salt: Uint8Array): Uint8Array {
  const generation = hmacSha256(secret, "rotate", id, salt).subarray(0, HALF);
  return joinBytes(familyOf(secret), generation);
}

/**
 * The CSRF secret between its stored form and the one tokens are made of, either way: under a pad that only the holder
 * of the token can make. So a stolen store yields no CSRF tokens. Survives rotation, which keeps the family.
 */
export function padCsrf(secret: Uint8Array, token: Token): Uint8Array {
  return xorBytes(secret, hmacSha256(familyOf(token.secret), "csrf", token.id));
}

export function familyOf(secret: Uint8Array): Uint8Array {
  return secret.subarray(0, HALF);
}

export function hashSecret(secret: Uint8Array): Uint8Array {
  return sha256(secret).subarray(0, HASH);
}

export function hashFamily(secret: Uint8Array): Uint8Array {
  return sha256(familyOf(secret)).subarray(0, HASH);
}
