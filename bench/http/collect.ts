// The rounds of all cells, made results.
import { nameOf, type Plan } from "./cells.ts";
import { profileOf } from "./profile/attribution.ts";
import type { ByPart } from "./profile/parts.ts";
import type { Cell } from "./results.ts";
import type { Census, Round } from "./running-cell.ts";
import { calmOf, medianOf, spreadOf } from "./stats.ts";

/** One life of a cell, beside others. */
export interface Life {
  readonly plan: Plan;
  readonly census: Census;
  readonly rounds: readonly Round[];
  /** Whether the load never slept. */
  readonly isAwake: boolean;
  /** Shares of the main thread's CPU time. */
  readonly profile: ByPart | null;
}

interface Measured extends Life {
  /** CPU time of the bare framework that took turns with it, if there was one. */
  readonly bareMicros: number | null;
}

export class Collected {
  readonly #measured = new Map<string, Measured>();

  /** What took turns with each other. The bare framework may come again, beside others: of one manner of load is its figure. */
  add(lives: readonly Life[]): void {
    const bare = lives.find(({ plan }) => plan.store === null);
    const bareMicros = bare ? calmOf(bare.rounds.map((round) => round.cpuMicros)) : null;
    for (const life of lives) {
      const name = nameOf(life.plan);
      const before = this.#measured.get(name);
      if (before && before.isAwake !== life.isAwake) continue;
      this.#measured.set(name, { ...life, rounds: [...(before?.rounds ?? []), ...life.rounds], bareMicros });
    }
  }

  /** Of what has been measured up to now. */
  cells(): readonly Cell[] {
    return [...this.#measured.values()].map(cellOf);
  }
}

function cellOf({ plan, census, rounds, profile, bareMicros }: Measured): Cell {
  const { subject, store, workload, version } = plan;
  const of = (value: (round: Round) => number): number[] => rounds.map(value);
  const cpuMicros = spreadOf(of((round) => round.cpuMicros));
  const calmMicros = calmOf(of((round) => round.cpuMicros));
  return {
    library: subject.library,
    version,
    framework: subject.framework,
    store,
    workload,
    requestsPerSecond: spreadOf(of((round) => round.requestsPerSecond)),
    cpuMicros,
    calmMicros,
    addedMicros: store === null || bareMicros === null ? null : calmMicros - bareMicros,
    busy: medianOf(of((round) => round.busy)),
    p50Millis: medianOf(of((round) => round.p50Millis)),
    p99Millis: medianOf(of((round) => round.p99Millis)),
    storeCommands: census.storeCommands,
    heapBytes: census.heapBytes,
    failures: of((round) => round.failures).reduce((sum, each) => sum + each, census.failures),
    profile: profile && profileOf(profile, cpuMicros.median, medianOf(of((round) => round.mainShare))),
  };
}
