/** Users under names that tell nobody who they are without the key: for marks and indexes. */
import { createHmac, createSecretKey } from "node:crypto";

/** As long as the key a store draws for itself. */
export const USER_KEY_BYTES = 32;

/** The first 16 bytes of HMAC-SHA-256. Over UTF-16, which carries every string there is. */
export type UserDigest = (userId: string) => Buffer;

export function userDigest(key: Uint8Array): UserDigest {
  const secret = createSecretKey(key);
  return (userId) => createHmac("sha256", secret).update(userId, "utf16le").digest().subarray(0, 16);
}
