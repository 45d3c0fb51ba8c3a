// The parts of the page that a run fills, as Markdown: ratios first, absolute figures last.
import { type BenchResults, WORKLOADS } from "../http/results.ts";
import { budgetsOf } from "./budgets.ts";
import { addedOf, isBare, isVoid, lostOf, type Pair, pairsOf } from "./compare.ts";
import { figuresOf } from "./figures.ts";
import { profilesOf } from "./profiles.ts";
import { reasonFor } from "./reasons.ts";
import { counted, ratio, TITLES, table, whole } from "./text.ts";

/** Each part by the name of its place in the page. */
export function partsOf(results: BenchResults): Record<string, string> {
  return {
    run: runOf(results),
    budgets: budgetTable(results),
    plots: plotsOf(),
    ratios: ratiosOf(results),
    lost: lostTable(results),
    profiles: profilesOf(results),
    figures: figuresOf(results),
  };
}

function runOf({ startedAt, machine, rounds, secondsPerRound, cells }: BenchResults): string {
  const versions = new Map(cells.filter((cell) => !isBare(cell)).map((cell) => [cell.library, cell.version]));
  const frameworks = new Map(cells.filter(isBare).map((cell) => [cell.framework, cell.version]));
  const list = (pairs: Iterable<readonly [string, string]>): string =>
    [...pairs].map((pair) => pair.join(" ")).join(", ");
  const failed = cells.filter(isVoid).length;
  return table(
    ["", ""],
    [
      ["Date", startedAt.slice(0, 10)],
      ["Machine", `${machine.cpu}, ${counted(machine.cores, "core")}, ${whole(machine.memoryGiB)} GiB`],
      ["Node", machine.node],
      [
        "Server and load",
        machine.pinned ? "each on a core of its own" : "on any core, disturbing each other",
      ],
      ["Rounds", `${rounds} of ${secondsPerRound} s for each cell, interleaved, each in a fresh process`],
      ["Cells", `${cells.length}${failed > 0 ? `, ${failed} of them void for unexpected answers` : ""}`],
      ["Servers of stores", list(Object.entries(machine.servers)) || "none"],
      ["Frameworks", [...frameworks].map(([name, version]) => `${name} (${version})`).join(", ")],
      ["Libraries", list(versions)],
    ],
  );
}

function budgetTable(results: BenchResults): string {
  const said = (isMet: boolean | null): string =>
    isMet === null ? "not measured" : isMet ? "met" : "**not met**";
  return table(
    ["What", "Budget", "Measured", ""],
    budgetsOf(results).map(({ what, budget, measured, isMet }) => [what, budget, measured, said(isMet)]),
  );
}

function plotsOf(): string {
  return WORKLOADS.map((workload) => {
    const [title, does] = TITLES[workload];
    return `![${title}: ${does}. The figures are in the tables below.](images/benchmarks/${workload}.svg)`;
  }).join("\n\n");
}

function ratiosOf(results: BenchResults): string {
  const added = ({ ours, peer }: Pair): string => ratio((addedOf(ours) ?? 1) / (addedOf(peer) ?? 1));
  const served = ({ ours, peer }: Pair): string =>
    ratio(ours.requestsPerSecond.median / peer.requestsPerSecond.median);
  return [
    "### CPU added, ours to the peer's",
    ratioTable(results, added),
    "### Requests per second, ours to the peer's",
    ratioTable(results, served),
  ].join("\n\n");
}

/** A row for each peer on each framework and store, a column for each workload. */
function ratioTable(results: BenchResults, say: (pair: Pair) => string): string {
  const rows = new Map<string, Map<string, string>>();
  for (const pair of WORKLOADS.flatMap((workload) => pairsOf(results, workload))) {
    const { framework, store, library, workload } = pair.peer;
    const key = `${framework}|${store}|${library}`;
    if (!rows.has(key)) rows.set(key, new Map());
    rows.get(key)?.set(workload, say(pair));
  }
  return table(
    ["Framework", "Store", "Peer", ...WORKLOADS.map((workload) => `>${workload}`)],
    [...rows].map(([key, cells]) => [...key.split("|"), ...WORKLOADS.map((each) => cells.get(each) ?? "")]),
  );
}

function lostTable(results: BenchResults): string {
  const lost = lostOf(results);
  const compared = WORKLOADS.flatMap((workload) => pairsOf(results, workload)).length;
  if (lost.length === 0) return `Nowhere in the ${compared} comparisons of this run.`;
  const close = { true: "yes", false: "no", null: "" };
  const rows = lost.map((each) => [
    each.peer.workload,
    each.peer.framework,
    each.peer.store ?? "",
    each.peer.library,
    each.measure,
    Number.isFinite(each.ratio) ? each.ratio.toFixed(2) : "some to none",
    close[`${each.isClose}`],
    reasonFor(each) ?? "not found yet",
  ]);
  const pairs = new Set(lost.map(({ peer }) => peer)).size;
  return [
    `In ${pairs} of the ${compared} comparisons, in one measure or more:`,
    table(
      [
        "Workload",
        "Framework",
        "Store",
        "Peer",
        "Measure",
        ">Ours to the peer's",
        "Spreads overlap",
        "Reason",
      ],
      rows,
    ),
  ].join("\n\n");
}
