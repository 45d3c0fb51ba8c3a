// Warm is a cell when V8 has compiled what runs often. Until then its threads compile beside the server, and who has more
// code is compiled later: a fixed number of requests that is enough for one library is not for another.
import type { LoadAnswer } from "./load.ts";
import type { ServerCpu } from "./serve.ts";

export interface Warmed {
  /** Before each slice, of that many requests at most. */
  prepare(most: number): Promise<void>;
  run(most: number, seconds: number): Promise<LoadAnswer>;
  cpu(): Promise<ServerCpu>;
}

const SLICE_SECONDS = 0.5;
/** What other threads than the main one may take of the CPU time. Those that collect garbage go on for ever. */
const STEADY_SHARE = 0.05;
/** In a row: between two steps of its compilers V8 rests as well. */
const STEADY_SLICES = 2;
/** What is slow is measured then, compiled or not: its time goes elsewhere. */
const MOST_SECONDS = 10;

/** Resolves, when it is steady or `most` requests were made, to how many of them failed. */
export async function warmUntilSteady(most: number, { prepare, run, cpu }: Warmed): Promise<number> {
  const end = performance.now() + MOST_SECONDS * 1000;
  let [left, steady, failures] = [most, 0, 0];
  while (left > 0 && steady < STEADY_SLICES && performance.now() < end) {
    await prepare(left);
    const before = await cpu();
    const slice = await run(left, SLICE_SECONDS);
    const after = await cpu();
    left -= slice.answered;
    failures += slice.failures;
    steady = othersShare(before, after) < STEADY_SHARE ? steady + 1 : 0;
  }
  return failures;
}

function othersShare(before: ServerCpu, after: ServerCpu): number {
  return 1 - (after.mainMicros - before.mainMicros) / (after.micros - before.micros);
}
