/** Whether memory stays where it is: the line through what was measured once the process had warmed up. */

export interface Sample {
  /** Since the start. */
  readonly seconds: number;
  /** In use after a collection. */
  readonly bytes: number;
}

export interface Trend {
  readonly verdict: "flat" | "growing";
  /** Of the middle of the line. */
  readonly bytes: number;
  /** By how much it rises from its first to its last sample. */
  readonly rise: number;
  readonly bytesPerHour: number;
}

/** The first third is left out: caches fill, and code is compiled. */
const WARM_UP = 1 / 3;
/** A rise of this part of the whole is no growth: what happens to be alive differs by more from sample to sample. */
const TOLERATED = 0.05;

export function trendOf(samples: readonly Sample[]): Trend {
  const last = samples.at(-1)?.seconds ?? 0;
  const kept = samples.filter(({ seconds }) => seconds >= last * WARM_UP);
  if (kept.length < 3) throw new Error("too few samples for a trend");
  const middle = mean(kept.map(({ seconds }) => seconds));
  const bytes = mean(kept.map((sample) => sample.bytes));
  const slope =
    kept.reduce((sum, sample) => sum + (sample.seconds - middle) * (sample.bytes - bytes), 0) /
    kept.reduce((sum, sample) => sum + (sample.seconds - middle) ** 2, 0);
  const rise = slope * (last - (kept[0]?.seconds ?? last));
  return { verdict: rise > bytes * TOLERATED ? "growing" : "flat", bytes, rise, bytesPerHour: slope * 3600 };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
