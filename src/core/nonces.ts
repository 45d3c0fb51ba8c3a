/**
 * Random bytes for what is no secret: versions, ids, the masks of CSRF tokens. Drawn from the system some thousand at a
 * time, since a call costs the same for 12 bytes as for 4096. Secrets lie in no pool.
 */
import type { RandomSource } from "./bytes.ts";

const POOL = 4096;

export function pooled(random: RandomSource): RandomSource {
  let pool: Uint8Array = new Uint8Array(0);
  let at = 0;
  return (length) => {
    if (at + length > pool.byteLength) {
      pool = random(Math.max(POOL, length));
      at = 0;
    }
    at += length;
    return pool.subarray(at - length, at);
  };
}
