// What the project wants of itself over HTTP, and whether the run kept it.
import type { BenchResults, Cell } from "../http/results.ts";
import { addedOf, isBare, isOurs, isVoid, type Workload } from "./compare.ts";
import { micros, ratio } from "./text.ts";

export interface Verdict {
  readonly what: string;
  readonly budget: string;
  readonly measured: string;
  /** `null`: the run has nothing to judge by. */
  readonly isMet: boolean | null;
}

/** CPU time added, to express-session's on Express with sessions in memory. */
const TO_EXPRESS_SESSION: readonly (readonly [Workload, oneIn: number])[] = [
  ["read", 7],
  ["write", 4],
  ["anonymous", 10],
];

/** Store commands per request. */
const COMMANDS: readonly (readonly [Workload, most: number])[] = [
  ["anonymous", 0],
  ["read", 1],
  ["write", 2],
];
/** Touches and rotations that came due within the run. */
const RARE = 0.05;

export function budgetsOf(results: BenchResults): Verdict[] {
  const cells = results.cells.filter((cell) => !isVoid(cell));
  return [
    ...TO_EXPRESS_SESSION.map(([workload, oneIn]) => toExpressSession(cells, workload, oneIn)),
    ...TO_EXPRESS_SESSION.flatMap(([workload]) => belowPeers(cells, workload)),
    ...COMMANDS.map(([workload, most]) => commands(cells, workload, most)),
  ];
}

function toExpressSession(cells: readonly Cell[], workload: Workload, oneIn: number): Verdict {
  const inMemory = cells.filter(
    (cell) => cell.workload === workload && cell.store === "memory" && /^Express\b/.test(cell.framework),
  );
  const verdict = {
    what: `${workload}: CPU added on Express, sessions in memory`,
    budget: `1/${oneIn} of express-session's`,
  };
  const peer = inMemory.findLast((cell) => cell.library === "express-session");
  const ours = inMemory.find((cell) => isOurs(cell) && cell.framework === peer?.framework);
  const [mine, its] = [ours && addedOf(ours), peer && addedOf(peer)];
  if (!mine || !its) return { ...verdict, measured: "", isMet: null };
  const measured = `${ratio(mine / its)} (${micros(mine)} to ${micros(its)} µs)`;
  return { ...verdict, measured, isMet: mine * oneIn <= its };
}

/** Ours in memory beside the best of the peers on that framework, each in memory too, or where it is cheapest. */
function belowPeers(all: readonly Cell[], workload: Workload): Verdict[] {
  const cells = all.filter((cell) => cell.workload === workload && !isBare(cell));
  const frameworks = new Set(cells.filter((cell) => !isOurs(cell)).map((cell) => cell.framework));
  return [...frameworks].map((framework): Verdict => {
    const here = cells.filter((cell) => cell.framework === framework);
    const ours = here.find((cell) => isOurs(cell) && cell.store === "memory");
    const best = here
      .filter((cell) => !isOurs(cell) && (cell.store === "memory" || !isInMemory(cell.library, here)))
      .toSorted((one, other) => (addedOf(one) ?? 0) - (addedOf(other) ?? 0))[0];
    const verdict = {
      what: `${workload}: CPU added on ${framework}, sessions in memory`,
      budget: "below every peer's there",
    };
    const [mine, its] = [ours && addedOf(ours), best && addedOf(best)];
    if (!best || !mine || !its) return { ...verdict, measured: "", isMet: null };
    const measured = `${micros(mine)} µs; ${best.library} (${best.store}) ${micros(its)}`;
    return { ...verdict, measured, isMet: mine < its };
  });
}

function isInMemory(library: string, cells: readonly Cell[]): boolean {
  return cells.some((cell) => cell.library === library && cell.store === "memory");
}

function commands(cells: readonly Cell[], workload: Workload, most: number): Verdict {
  const counted = cells.filter(
    (cell) => isOurs(cell) && cell.workload === workload && cell.storeCommands !== null,
  );
  const worst = counted.toSorted((one, other) => (other.storeCommands ?? 0) - (one.storeCommands ?? 0))[0];
  const verdict = { what: `${workload}: store commands per request`, budget: `${most}` };
  if (!worst || worst.storeCommands === null) return { ...verdict, measured: "", isMet: null };
  const measured = `at most ${worst.storeCommands.toFixed(2)} (${worst.framework}, ${worst.store})`;
  return { ...verdict, measured, isMet: worst.storeCommands <= most + RARE };
}
