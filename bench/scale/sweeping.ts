/** A store in which nearly everything has expired is swept as a manager does it, while those who are left go on. */
import { setTimeout as delay } from "node:timers/promises";
import { SWEEP_SLICE } from "../../src/core/sweeper.ts";
import { quantile } from "../shared/statistics.ts";
import { beside, type Noticed } from "./beside.ts";
import type { Filled } from "./cost.ts";
import { ABSOLUTE_MS, Fleet, IDLE_MS } from "./fleet.ts";

export interface Sweeping {
  readonly expired: number;
  readonly ended: number;
  /** One call of `sweep`, in milliseconds. */
  readonly sliceP50: number;
  readonly sliceP95: number;
  readonly sliceMax: number;
  readonly still: Noticed;
  readonly sweeping: Noticed;
}

const LIVE = 2000;

/** Ends what there is, or as much as goes in so many seconds. */
export async function measureSweep(filled: Filled, seconds: number): Promise<Sweeping> {
  const { store } = filled.site;
  const later = Date.now() + 2 * IDLE_MS;
  const now = (): number => later;
  const stay = new Fleet(LIVE, later);
  for (const [place] of Array.from({ length: LIVE }).entries()) {
    const record = { ...stay.record(place), idleUntil: later + ABSOLUTE_MS };
    const result = await store.create(record, { now: later, since: { startedAt: later + 1 } });
    if (!result.ok) throw new Error(`A session could not be made: ${result.reason}.`);
  }
  const anyLive = (): string => stay.record(stay.any()).id;
  const quiet = await beside(filled.site, anyLive, now, () => delay(Math.min(5, seconds) * 1000));

  const slices: number[] = [];
  let ended = 0;
  const { noticed } = await beside(filled.site, anyLive, now, async () => {
    const until = performance.now() + seconds * 1000;
    for (let more = true; more && performance.now() < until; ) {
      const started = performance.now();
      const result = await store.sweep({ now: later, limit: SWEEP_SLICE });
      slices.push(performance.now() - started);
      ended += result.removed;
      more = result.more;
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  return {
    expired: filled.fleet.size,
    ended,
    sliceP50: quantile(slices, 0.5),
    sliceP95: quantile(slices, 0.95),
    sliceMax: Math.max(...slices),
    still: quiet.noticed,
    sweeping: noticed,
  };
}
