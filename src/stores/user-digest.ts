/** Users under names that tell nobody who they are without the key: for marks and indexes. */
import { createHmac, createSecretKey } from "node:crypto";

/** As long as the key a store draws for itself. */
export const USER_KEY_BYTES = 32;

/** The first 16 bytes of HMAC-SHA-256, not to be changed by the caller. Over UTF-16, which carries every string there is. */
export type UserDigest = (userId: string) => Buffer;

export function userDigest(key: Uint8Array): UserDigest {
  const secret = createSecretKey(key);
  const digest = (userId: string): Buffer =>
    createHmac("sha256", secret).update(userId, "utf16le").digest().subarray(0, 16);
  /** A login asks twice: for the mark, and for the index. */
  let last: { readonly userId: string; readonly digest: Buffer } | null = null;
  return (userId) => {
    if (last?.userId !== userId) last = { userId, digest: digest(userId) };
    return last.digest;
  };
}
