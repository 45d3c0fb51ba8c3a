// What the comparison over HTTP makes of its rounds, and when it begins to count them.
import { expect, test } from "vitest";
import type { LoadAnswer } from "../../bench/http/load.ts";
import type { ServerCpu } from "../../bench/http/serve.ts";
import { calmOf } from "../../bench/http/stats.ts";
import { warmUntilSteady } from "../../bench/http/warming.ts";

/** A cell whose other threads take these shares of the CPU time, slice by slice, and the last one from then on. */
function cellOf(shares: readonly number[]) {
  const runs: number[] = [];
  let cpu: ServerCpu = { micros: 0, mainMicros: 0 };
  return {
    runs,
    prepare: async () => {},
    run: async (most: number): Promise<LoadAnswer> => {
      const share = shares[Math.min(runs.length, shares.length - 1)] ?? 0;
      cpu = { micros: cpu.micros + 1000, mainMicros: cpu.mainMicros + 1000 * (1 - share) };
      const answered = Math.min(most, 1000);
      runs.push(answered);
      return { answered, failures: 1, seconds: 0.5, p50Millis: 1, p99Millis: 1 };
    },
    cpu: async () => cpu,
  };
}

test("a cell is warm when its compilers have rested twice in a row", async () => {
  const cell = cellOf([0.4, 0.01, 0.2, 0.03, 0.02]);
  expect(await warmUntilSteady(50_000, cell)).toBe(5);
  expect(cell.runs).toHaveLength(5);
});

test("a cell whose other threads never rest is measured after the requests it is given", async () => {
  const cell = cellOf([0.3]);
  await warmUntilSteady(2_500, cell);
  expect(cell.runs).toEqual([1000, 1000, 500]);
});

test.each([
  [[5], 5],
  [[9, 1, 5], 1],
  [[5, 4, 3, 2, 1], 2],
  [[11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 3],
])("the calm round of %j is %i", (rounds, calm) => {
  expect(calmOf(rounds)).toBe(calm);
});
