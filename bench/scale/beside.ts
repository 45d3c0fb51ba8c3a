/** What everybody else notices of heavy work: reads of other sessions go on, and the event loop is watched. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { quantile } from "../shared/statistics.ts";
import type { Filled } from "./cost.ts";

export interface Noticed {
  readonly seconds: number;
  readonly reads: number;
  /** Milliseconds from when a read could have begun until its answer. */
  readonly readP50: number;
  readonly readP99: number;
  /** How late the event loop came, in milliseconds. */
  readonly loopP99: number;
  readonly loopMax: number;
}

/** How exactly the delay is sampled; a loop that is never late shows this much. */
const RESOLUTION_MS = 1;

/** Before and after, so that the loop is seen to come late however short the work is. */
const MARGIN_MS = 10;

/** `ids`: of sessions that stay. */
export async function beside<T>(
  { store }: Filled["site"],
  ids: () => string,
  now: () => number,
  act: () => Promise<T>,
): Promise<{ readonly result: T; readonly noticed: Noticed }> {
  const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const millis: number[] = [];
  let isOver = false;
  async function read(): Promise<void> {
    while (!isOver) {
      const started = performance.now();
      await new Promise((resolve) => setImmediate(resolve)); // its turn, as for a request that has come in
      const found = await store.load(ids(), { now: now() });
      millis.push(performance.now() - started);
      if (!found || "ended" in found) throw new Error("A session that should have stayed is gone.");
    }
  }
  loop.enable();
  const reading = read();
  await delay(MARGIN_MS);
  const started = performance.now();
  let seconds: number;
  let result: T;
  try {
    result = await act();
    seconds = (performance.now() - started) / 1000;
    await delay(MARGIN_MS);
  } finally {
    isOver = true;
  }
  await reading;
  loop.disable();
  return {
    result,
    noticed: {
      seconds,
      reads: millis.length,
      readP50: quantile(millis, 0.5),
      readP99: quantile(millis, 0.99),
      loopP99: late(loop.percentile(99)),
      loopMax: late(loop.max),
    },
  };
}

function late(nanos: number): number {
  return Math.max(0, nanos / 1e6 - RESOLUTION_MS);
}
