// Who is compared with whom: ours with every peer on the same framework and store, in the same run.
import { type BenchResults, type Cell, STORES, WORKLOADS } from "../http/results.ts";

export type Workload = Cell["workload"];

const OURS = "sojourn";
const BARE = "bare";

/** Below this, what is added cannot be told from what the machine adds; in ratios it counts as this much. */
export const LEAST_MICROS = 1;

/** The cells of one framework and store, and the framework alone. */
export interface Group {
  readonly workload: Workload;
  readonly framework: string;
  readonly store: (typeof STORES)[number];
  readonly bare: Cell | undefined;
  readonly ours: Cell | undefined;
  /** Ours among them; what adds least comes first, void cells last. */
  readonly cells: readonly Cell[];
}

/** One peer beside ours. */
export interface Pair {
  readonly ours: Cell;
  readonly peer: Cell;
}

/** One measure of a pair in which the peer does better. */
export interface Lost extends Pair {
  readonly measure: (typeof MEASURES)[number]["name"];
  /** Ours to the peer's; above 1 for what should be small, below 1 for what should be large. */
  readonly ratio: number;
  /** The ranges of the rounds overlap, so another run may turn it round; `null` where only one value is known. */
  readonly isClose: boolean | null;
}

const MEASURES = [
  {
    name: "CPU added",
    of: (cell: Cell) => addedOf(cell),
    range: (cell: Cell) => cell.cpuMicros,
    isBetter: (peer: number, ours: number) => peer < ours,
  },
  {
    name: "requests per second",
    of: (cell: Cell) => cell.requestsPerSecond.median,
    range: (cell: Cell) => cell.requestsPerSecond,
    isBetter: (peer: number, ours: number) => peer > ours,
  },
  {
    name: "store commands",
    of: (cell: Cell) => cell.storeCommands,
    range: () => null,
    isBetter: (peer: number, ours: number) => peer < ours - 0.05, // a touch that was due is no command per request
  },
  {
    name: "memory",
    of: (cell: Cell) => cell.heapBytes,
    range: () => null,
    isBetter: (peer: number, ours: number) => peer < ours * 0.98, // the heap of the same program differs by as much
  },
] as const;

export const isOurs = (cell: Cell): boolean => cell.library === OURS;
export const isBare = (cell: Cell): boolean => cell.library === BARE;
export const isVoid = (cell: Cell): boolean => cell.failures > 0;

/** What ratios are made of: `addedMicros`, no less than `LEAST_MICROS`; `null` where the cell is void. */
export function addedOf(cell: Cell): number | null {
  if (isVoid(cell) || cell.addedMicros === null) return null;
  return Math.max(cell.addedMicros, LEAST_MICROS);
}

/** Frameworks as the run has them, stores as `STORES` has them: the same order in every workload. */
export function groupsOf(results: BenchResults, workload: Workload): Group[] {
  const cells = results.cells.filter((cell) => cell.workload === workload);
  const frameworks = [...new Set(results.cells.map((cell) => cell.framework))];
  return frameworks.flatMap((framework) =>
    STORES.flatMap((store): Group[] => {
      const here = cells.filter((cell) => cell.framework === framework && cell.store === store);
      if (here.length === 0) return [];
      return [
        {
          workload,
          framework,
          store,
          bare: cells.find((cell) => cell.framework === framework && isBare(cell)),
          ours: here.find(isOurs),
          cells: here.toSorted((one, other) => rank(one) - rank(other)),
        },
      ];
    }),
  );
}

function rank(cell: Cell): number {
  return isVoid(cell) ? Number.POSITIVE_INFINITY : (cell.addedMicros ?? 0);
}

/** Every peer that has ours beside it; void cells compare with nothing. */
export function pairsOf(results: BenchResults, workload: Workload): Pair[] {
  return groupsOf(results, workload).flatMap(({ ours, cells }): Pair[] => {
    if (!ours || isVoid(ours)) return [];
    return cells.filter((peer) => !isOurs(peer) && !isVoid(peer)).map((peer) => ({ ours, peer }));
  });
}

/** Everything in which some peer does better than ours, in the order of the workloads. */
export function lostOf(results: BenchResults): Lost[] {
  return WORKLOADS.flatMap((workload) => pairsOf(results, workload)).flatMap(({ ours, peer }) =>
    MEASURES.flatMap(({ name, of, range, isBetter }): Lost[] => {
      const [mine, theirs] = [of(ours), of(peer)];
      if (mine === null || theirs === null || !isBetter(theirs, mine)) return [];
      const [here, there] = [range(ours), range(peer)];
      const isClose = here && there ? here.low <= there.high && there.low <= here.high : null;
      return [{ ours, peer, measure: name, ratio: mine / theirs, isClose }];
    }),
  );
}
