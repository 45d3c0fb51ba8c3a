// The absolute figures of a run, as Markdown: what they are worth on another machine is their ratios.
import { type BenchResults, type Cell, type Spread, WORKLOADS } from "../http/results.ts";
import { groupsOf, isBare, isOurs, isVoid } from "./compare.ts";
import { megabytes, micros, percent, TITLES, table, whole } from "./text.ts";

/** A table for each workload: every cell of the run, the bare framework first. */
export function figuresOf(results: BenchResults): string {
  return WORKLOADS.map((workload) => {
    const bare = results.cells.filter((cell) => cell.workload === workload && isBare(cell));
    const groups = groupsOf(results, workload);
    const rows = bare.flatMap((alone) => [
      alone,
      ...groups.filter(({ framework }) => framework === alone.framework).flatMap(({ cells }) => cells),
    ]);
    const others = groups.filter(({ bare: alone }) => !alone).flatMap(({ cells }) => cells);
    const [title, does] = TITLES[workload];
    return [`### ${title}`, `${does}.`, table(FIGURES, [...rows, ...others].map(figureRow))].join("\n\n");
  }).join("\n\n");
}

const FIGURES = [
  "Framework",
  "Store",
  "Library",
  ">CPU added, µs",
  ">CPU, µs",
  ">Requests/s",
  ">Busy",
  ">p50, ms",
  ">p99, ms",
  ">Commands",
  ">Heap, MB",
];

function figureRow(cell: Cell): string[] {
  const name = isOurs(cell) ? `**${cell.library}**` : cell.library;
  const head = [cell.framework, cell.store ?? "", name];
  if (isVoid(cell)) return [...head, `void: ${cell.failures} unexpected answers`, "", "", "", "", "", "", ""];
  return [
    ...head,
    cell.addedMicros === null ? "" : micros(cell.addedMicros),
    spread(cell.cpuMicros),
    spread(cell.requestsPerSecond),
    percent(cell.busy),
    cell.p50Millis.toFixed(1),
    cell.p99Millis.toFixed(1),
    cell.storeCommands === null ? "" : cell.storeCommands.toFixed(2),
    cell.heapBytes === null ? "" : megabytes(cell.heapBytes),
  ];
}

/** The middle round, and how far the others are from it. */
function spread({ median, low, high }: Spread): string {
  const most = Math.max(high - median, median - low) / median;
  return `${whole(median)} ±${percent(most)}`;
}
