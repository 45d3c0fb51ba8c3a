// The one axis that all plots share: CPU time added per request, in microseconds, by decades.
//
// Of what was measured, this alone can be compared between frameworks, stores and workloads: requests per second depend
// on what the framework costs, and memory on how many sessions there are. From a visitor's request to a login it spans
// three decades, so the scale is logarithmic, equal distances are equal ratios, and values are dots: a bar's length would
// mean nothing where there is no zero.
import type { BenchResults, Cell } from "../http/results.ts";
import { isVoid, LEAST_MICROS } from "./compare.ts";

export interface Scale {
  /** Microseconds at the left and right end. */
  readonly from: number;
  readonly to: number;
  /** One each decade. */
  readonly ticks: readonly number[];
  /** Where a value stands, from 0 to 1; what is outside stands at the nearer end. */
  at(micros: number): number;
}

/** What is added, and what it is in the least and greatest round; `null` for the bare framework. */
export function addedSpread(cell: Cell): { low: number; added: number; high: number } | null {
  const { addedMicros: added, cpuMicros, calmMicros = cpuMicros.median } = cell;
  if (added === null) return null;
  const bare = calmMicros - added;
  return { low: cpuMicros.low - bare, added, high: cpuMicros.high - bare };
}

/** Wide enough for every cell of every workload. */
export function scaleOf(results: BenchResults): Scale {
  const highest = results.cells.map((cell) => (isVoid(cell) ? 0 : (addedSpread(cell)?.high ?? 0)));
  const from = LEAST_MICROS;
  const to = roundUp(Math.max(from * 10, ...highest));
  const decades = Math.log10(to / from);
  return {
    from,
    to,
    ticks: Array.from({ length: Math.floor(decades) + 1 }, (_, index) => from * 10 ** index),
    at: (micros) => Math.min(1, Math.max(0, Math.log10(Math.max(micros, from) / from) / decades)),
  };
}

/** To 1, 2 or 5 times a power of ten. */
function roundUp(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(value));
  return decade * ([1, 2, 5].find((step) => value <= decade * step) ?? 10);
}
