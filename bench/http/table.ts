// What is printed at the end: each library beside the bare framework and beside Sojourn, in ratios of this run.
import { type BenchResults, type Cell, WORKLOADS } from "./results.ts";

const HEADINGS = ["", "requests/s", "CPU us", "added us", "to Sojourn", "commands", "heap MB"];

export function tableOf({ cells }: BenchResults): string {
  const lines = WORKLOADS.flatMap((workload) => {
    const chosen = cells.filter((cell) => cell.workload === workload);
    return chosen.length === 0
      ? []
      : ["", workload, row(HEADINGS), ...chosen.map((cell) => lineOf(cell, cells))];
  });
  return lines.join("\n");
}

function lineOf(cell: Cell, all: readonly Cell[]): string {
  const ours = all.find(
    (each) =>
      each.library === "sojourn" &&
      each.framework === cell.framework &&
      each.store === cell.store &&
      each.workload === cell.workload,
  );
  const isPeer = cell.library !== "sojourn" && cell.store !== null;
  const ratio = isPeer && ours?.addedMicros && cell.addedMicros ? cell.addedMicros / ours.addedMicros : null;
  return row([
    [cell.framework, cell.library, cell.store ?? ""].join(" "),
    cell.requestsPerSecond.median.toFixed(0),
    cell.cpuMicros.median.toFixed(1),
    cell.addedMicros?.toFixed(1) ?? "",
    ratio === null ? "" : `${ratio.toFixed(1)} x`,
    cell.storeCommands?.toFixed(2) ?? "",
    cell.failures > 0 ? `VOID: ${cell.failures} failed` : ((cell.heapBytes ?? 0) / 1e6).toFixed(1),
  ]);
}

function row([name = "", ...columns]: readonly string[]): string {
  return name.padEnd(42) + columns.map((column) => column.padStart(12)).join("");
}
