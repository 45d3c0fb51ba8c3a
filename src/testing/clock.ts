/** Time and chance in a test's hands: a clock that moves only when told, and random bytes that repeat. */
import type { RandomSource } from "../core/bytes.ts";
import type { Instant } from "../core/record.ts";
import { InvalidArgumentError } from "../errors.ts";

export interface FakeClock {
  /** Epoch milliseconds. Bound, so that it can be handed over as it is: `clock: clock.now`. */
  readonly now: () => Instant;
  /** Moves it by `ms`, backwards when negative, as a clock that is set right may do. */
  advance(ms: number): void;
  set(instant: Instant): void;
}

/** 2030-01-02T03:04:05.678Z: no round number, so that rounding shows. */
const START = Date.UTC(2030, 0, 2, 3, 4, 5, 678);

export function fakeClock(start: Instant = START): FakeClock {
  let at = start;
  return {
    now: () => at,
    advance(ms) {
      if (!Number.isFinite(ms)) throw new InvalidArgumentError("advance(): ms must be a number.");
      at += ms;
    },
    set(instant) {
      if (!Number.isFinite(instant)) throw new InvalidArgumentError("set(): must be an instant.");
      at = instant;
    },
  };
}

/** The same bytes for the same seed (mulberry32). Never for anything but tests: they can be guessed. */
export function seededRandom(seed: number): RandomSource {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return (bytes) => Uint8Array.from({ length: bytes }, () => next() >>> 24);
}
