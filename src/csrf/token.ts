/**
 * CSRF tokens: the session's secret under a fresh pad each time, so that a page compressed with it gives nothing away
 * (BREACH; SECURITY C3, G6).
 */
import { fromBase64url, sameBytes, toBase64url } from "../core/bytes.ts";
import { InvalidArgumentError } from "../errors.ts";

const SECRET_LENGTH = 32;

/** 86 characters for 64 bytes; the last one carries two bits, so only four letters can stand there. */
const MASKED = /^[A-Za-z0-9_-]{85}[AQgw]$/;

/** base64url(pad || secret XOR pad). `pad` must be random and used once. Throws for lengths other than 32. */
export function maskSecret(secret: Uint8Array, pad: Uint8Array): string {
  if (secret.byteLength !== SECRET_LENGTH || pad.byteLength !== SECRET_LENGTH) {
    throw new InvalidArgumentError("A CSRF secret and its pad have 32 bytes each.");
  }
  const token = new Uint8Array(2 * SECRET_LENGTH);
  token.set(pad);
  for (let at = 0; at < SECRET_LENGTH; at++) token[SECRET_LENGTH + at] = (secret[at] ?? 0) ^ (pad[at] ?? 0);
  return toBase64url(token);
}

/** Whether `token` is a masked form of `secret`. Never throws; compares in constant time. */
export function isMaskOf(token: unknown, secret: Uint8Array): boolean {
  if (typeof token !== "string" || !MASKED.test(token)) return false;
  const bytes = fromBase64url(token);
  const unmasked = new Uint8Array(SECRET_LENGTH);
  for (let at = 0; at < SECRET_LENGTH; at++) {
    unmasked[at] = (bytes[at] ?? 0) ^ (bytes[SECRET_LENGTH + at] ?? 0);
  }
  return sameBytes(unmasked, secret);
}
