/** Bytes that look random and are the same in every run: a generator per process, seeded by its name. */
import type { RandomSource } from "../../src/core/bytes.ts";

export function repeatableRandom(seed: string): RandomSource {
  let state = 0x9e3779b9;
  for (const letter of seed) state = Math.imul(state ^ letter.charCodeAt(0), 0x01000193) | 1;
  return function random(length) {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i += 4) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      bytes[i] = state;
      bytes[i + 1] = state >>> 8;
      bytes[i + 2] = state >>> 16;
      bytes[i + 3] = state >>> 24;
    }
    return bytes;
  };
}

/** Whole numbers below `width`, from a seed (mulberry32). */
export function repeatableNumbers(seed: number): (width: number) => number {
  let state = seed >>> 0;
  return function below(width) {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * width);
  };
}
