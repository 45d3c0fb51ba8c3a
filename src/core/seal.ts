/**
 * Bytes that leave our hands and come back: sealed with AES-256-GCM (NIST SP 800-38D) under the first key of a ring, and
 * opened by any of them.
 *
 *   format (1 byte)   key id (4)   nonce (12)   ciphertext   tag (16)
 *
 * The key is derived from the ring's for one context, such as a session's id. So what is moved to another context does
 * not open, and the random nonces under each key stay far below the 2^32 that SP 800-38D, 8.3 allows for one.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { KEY_ID_BYTES, type KeyRing } from "./key-ring.ts";

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + KEY_ID_BYTES;
const OPTIONS = { authTagLength: TAG_BYTES };

export const SEAL_FORMAT = 1;
/** What sealing adds, in bytes. */
export const SEAL_OVERHEAD: number = HEAD_BYTES + NONCE_BYTES + TAG_BYTES;

/** What a seal is bound to: it opens only where both are the same. */
export interface Binding {
  /** Gives it a key of its own. */
  readonly context: string;
  /** Authenticated beside the ciphertext. */
  readonly data: string;
}

export function seal(ring: KeyRing, plain: Uint8Array, { context, data }: Binding): Uint8Array {
  const { first } = ring;
  const bytes = new Uint8Array(plain.byteLength + SEAL_OVERHEAD);
  const nonce = randomBytes(NONCE_BYTES);
  bytes[0] = SEAL_FORMAT;
  bytes.set(first.id, 1);
  bytes.set(nonce, HEAD_BYTES);
  const cipher = createCipheriv(CIPHER, first.derive(context), nonce, OPTIONS);
  cipher.setAAD(Buffer.from(data));
  bytes.set(cipher.update(plain), HEAD_BYTES + NONCE_BYTES);
  cipher.final();
  bytes.set(cipher.getAuthTag(), bytes.byteLength - TAG_BYTES);
  return bytes;
}

/** `key`: sealed under one that is not in the ring. `seal`: changed, cut short, or sealed for something else. */
export function unseal(
  ring: KeyRing,
  bytes: Uint8Array,
  { context, data }: Binding,
): Uint8Array | "key" | "seal" {
  const { byteLength } = bytes;
  if (byteLength < SEAL_OVERHEAD || bytes[0] !== SEAL_FORMAT) return "seal";
  const key = ring.find(bytes.subarray(1, HEAD_BYTES));
  if (!key) return "key";
  const nonce = bytes.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, key.derive(context), nonce, OPTIONS);
  decipher.setAAD(Buffer.from(data));
  decipher.setAuthTag(bytes.subarray(byteLength - TAG_BYTES));
  const plain = decipher.update(bytes.subarray(HEAD_BYTES + NONCE_BYTES, byteLength - TAG_BYTES));
  try {
    decipher.final();
  } catch {
    return "seal"; // no cause and no detail: what was tried is of no use to whoever changed it
  }
  return plain;
}

/** Whether the key that seals today sealed it. */
export function isSealedByFirst(ring: KeyRing, bytes: Uint8Array): boolean {
  return ring.find(bytes.subarray(1, HEAD_BYTES)) === ring.first;
}
