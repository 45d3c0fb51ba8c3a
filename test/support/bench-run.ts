// A small run of the HTTP benchmark, made up: two frameworks, a peer that is slower, one that is faster, one that fails.
import { type BenchResults, type Cell, type Spread, WORKLOADS } from "../../bench/http/results.ts";

/** Microseconds of CPU added to a bare request of 50, by library, in the order of `WORKLOADS`. */
const ADDED: Readonly<Record<string, readonly number[]>> = {
  sojourn: [0.2, 2, 10, 20, 60, 40],
  "express-session": [60, 30, 72, 75, 150, 2_400],
  "cookie-session": [5, 1.6, 9.8, 30, 28, 25],
  "@fastify/session": [30, 18, 41, 60, 110, 90],
};
const BARE_MICROS = 50;

const PLACES: readonly (readonly [
  framework: string,
  store: "memory" | "redis" | "cookie",
  libraries: string,
])[] = [
  ["Express 5", "memory", "sojourn express-session"],
  ["Express 5", "redis", "express-session sojourn"],
  ["Express 5", "cookie", "sojourn cookie-session"],
  ["Fastify 5", "redis", "sojourn @fastify/session"],
];

/** The cells of the made-up run; `change` may replace what it is given. */
export function benchRun(change: (cell: Cell) => Cell = (cell) => cell): BenchResults {
  const cells = WORKLOADS.flatMap((workload, index) => [
    ...["Express 5", "Fastify 5"].map((framework) => cellOf("bare", framework, null, workload, null)),
    ...PLACES.flatMap(([framework, store, libraries]) =>
      libraries
        .split(" ")
        .map((library) => cellOf(library, framework, store, workload, ADDED[library]?.[index] ?? 0)),
    ),
  ]);
  return {
    startedAt: "2026-11-26T10:00:00.000Z",
    machine: {
      cpu: "Example 3000 <8 cores>",
      cores: 2,
      memoryGiB: 8,
      node: "24.21.0",
      pinned: true,
      servers: { Redis: "7.0.15" },
    },
    rounds: 5,
    secondsPerRound: 2,
    cells: cells.map(change),
  };
}

function cellOf(
  library: string,
  framework: string,
  store: Cell["store"],
  workload: Cell["workload"],
  addedMicros: number | null,
): Cell {
  const micros = BARE_MICROS + (addedMicros ?? 0);
  return {
    library,
    version: "1.2.3",
    framework,
    store,
    workload,
    requestsPerSecond: around(1e6 / micros),
    cpuMicros: around(micros),
    addedMicros,
    busy: 0.97,
    p50Millis: 0.8,
    p99Millis: 2.4,
    storeCommands: store === "redis" ? 1 : null,
    heapBytes: 12_000_000,
    failures: 0,
  };
}

function around(median: number): Spread {
  return { median, low: median * 0.99, high: median * 1.01 };
}
