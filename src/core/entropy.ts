/** Tells 32 bytes of a random generator from passwords, texts, fillers and counters. It cannot prove randomness. */

/** Of 32 random bytes about 30 differ, and so do the steps between them; fewer than 16 are rarer than one in 10^13. */
const DISTINCT = 16;

export function looksRandom(bytes: Uint8Array): boolean {
  const steps = bytes.map((byte, at) => byte - (bytes[at - 1] ?? 0)).subarray(1);
  return distinct(bytes) >= DISTINCT && distinct(steps) >= DISTINCT && !bytes.every(isPrintable);
}

function distinct(bytes: Uint8Array): number {
  return new Set(bytes).size;
}

/** 95 of 256 values: all of 32 random bytes are in one of 10^13 keys. */
function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f;
}
