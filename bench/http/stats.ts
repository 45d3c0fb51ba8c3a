// The numbers of the rounds, made one.
import { quantile } from "../shared/statistics.ts";
import type { Spread } from "./results.ts";

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

/** What the calm quarter of the rounds stayed within: of three the least, of eleven the third. */
export function calmOf(values: readonly number[]): number {
  return quantile(values, 0.25);
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: medianOf(values), low: Math.min(...values), high: Math.max(...values) };
}

const STEPS_PER_MILLI = 100;
const LONGEST_MILLIS = 5_000;

/** How long answers took, to a hundredth of a millisecond. */
export class Latencies {
  readonly #counts = new Uint32Array(LONGEST_MILLIS * STEPS_PER_MILLI);
  #total = 0;

  add(millis: number): void {
    const step = Math.min(Math.floor(millis * STEPS_PER_MILLI), this.#counts.length - 1);
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
    this.#total++;
  }

  /** What that share of them took at most. */
  at(share: number): number {
    const wanted = this.#total * share;
    let seen = 0;
    for (const [step, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= wanted) return (step + 1) / STEPS_PER_MILLI;
    }
    return 0;
  }
}
