// What the CPU time was spent on where a peer takes less of it or answers more: ours and the peer's, one under the other.
import { type ByPart, PARTS } from "../http/profile/parts.ts";
import { type BenchResults, type Cell, WORKLOADS } from "../http/results.ts";
import { isOurs, lostOf, type Pair } from "./compare.ts";
import { micros, TITLES, table } from "./text.ts";

const EXPLAINED: readonly string[] = ["CPU added", "requests per second"];
const NONE = "no profile was taken";
/** Less than this is no part of anything: a sample or two. */
const LEAST_MICROS = 0.05;

/** A table for each workload in which something of it was lost. */
export function profilesOf(results: BenchResults): string {
  const lost = lostOf(results).filter(({ measure }) => EXPLAINED.includes(measure));
  if (lost.length === 0) return "There is none to explain.";
  const pairs = [...new Map(lost.map((each): [Cell, Pair] => [each.peer, each])).values()];
  if (!pairs.some(({ ours, peer }) => ours.profile ?? peer.profile)) return `In this run ${NONE}.`;
  return WORKLOADS.flatMap((workload) => {
    const here = pairs.filter(({ peer }) => peer.workload === workload);
    return here.length === 0 ? [] : [`### ${TITLES[workload][0]}: where the time goes`, profileTable(here)];
  }).join("\n\n");
}

/** Without the parts that none of them has. */
function profileTable(pairs: readonly Pair[]): string {
  const cells = pairs.flatMap(({ ours, peer }) => [ours, peer]);
  const parts = PARTS.filter((part) => cells.some(({ profile }) => (profile?.[part] ?? 0) >= LEAST_MICROS));
  const amounts = ({ profile }: Cell): string[] =>
    profile ? parts.map((part) => amount(profile, part)) : [NONE, ...parts.slice(1).map(() => "")];
  return table(
    ["Framework", "Store", "Library", ">CPU, µs", ...parts.map((part) => `>${part}`)],
    cells.map((cell) => [
      cell.framework,
      cell.store ?? "",
      isOurs(cell) ? `**${cell.library}**` : cell.library,
      micros(cell.cpuMicros.median),
      ...amounts(cell),
    ]),
  );
}

function amount(profile: ByPart, part: (typeof PARTS)[number]): string {
  const value = profile[part] ?? 0;
  return value < LEAST_MICROS ? "" : micros(value);
}
