// The rounds of all cells, made results.
import { baseOf, nameOf, type Plan } from "./cells.ts";
import type { Round } from "./measure.ts";
import type { Cell } from "./results.ts";
import { medianOf, spreadOf } from "./stats.ts";

export class Collected {
  readonly #plans: readonly Plan[];
  readonly #rounds = new Map<string, Round[]>();

  constructor(plans: readonly Plan[]) {
    this.#plans = plans;
  }

  add(plan: Plan, round: Round): void {
    const rounds = this.#rounds.get(nameOf(plan)) ?? [];
    this.#rounds.set(nameOf(plan), [...rounds, round]);
  }

  /** Of what has been measured up to now. */
  cells(): readonly Cell[] {
    const bare = new Map(
      this.#plans
        .filter(({ subject }) => subject.library === "bare")
        .map((plan) => [baseOf(plan), medianOf(this.#of(plan).map((round) => round.cpuMicros))]),
    );
    return this.#plans.flatMap((plan) => {
      const rounds = this.#of(plan);
      return rounds.length === 0 ? [] : [cellOf(plan, rounds, bare.get(baseOf(plan)))];
    });
  }

  #of(plan: Plan): readonly Round[] {
    return this.#rounds.get(nameOf(plan)) ?? [];
  }
}

function cellOf(plan: Plan, rounds: readonly Round[], bareMicros: number | undefined): Cell {
  const { subject, store, workload, version } = plan;
  const of = (value: (round: Round) => number): number[] => rounds.map(value);
  const cpuMicros = spreadOf(of((round) => round.cpuMicros));
  const counts = rounds.map((round) => round.storeCommands).filter((count) => count !== null);
  return {
    library: subject.library,
    version,
    framework: subject.framework,
    store,
    workload,
    requestsPerSecond: spreadOf(of((round) => round.requestsPerSecond)),
    cpuMicros,
    addedMicros: store === null || !bareMicros ? null : cpuMicros.median - bareMicros,
    busy: medianOf(of((round) => round.busy)),
    p50Millis: medianOf(of((round) => round.p50Millis)),
    p99Millis: medianOf(of((round) => round.p99Millis)),
    storeCommands: counts.length === 0 ? null : medianOf(counts),
    heapBytes: medianOf(of((round) => round.heapBytes)),
    failures: of((round) => round.failures).reduce((sum, each) => sum + each, 0),
  };
}
