/**
 * A step: what one party of a run would do next and has not done yet. The scheduler picks one at a time. Two steps that
 * touch nothing in common need to be tried in one order only, which is what `independent` says.
 */

/**
 * What networks and servers do to one call of a store. `lost`: not applied, an error. `ambiguous`: applied, an error.
 * `late`: an error now, applied at a later step. `slow`: applied now, answered at a later step. `crash`: applied, and
 * the process that called is gone with everything it was doing.
 */
export type FaultKind = "lost" | "ambiguous" | "late" | "slow" | "crash";

export interface Touches {
  /** `all`: whatever it may be, order matters. */
  readonly area: "store" | "jar" | "all";
  /** Records, or jars. */
  readonly keys: readonly string[];
  /** Reaches all sessions of a user, listed in `keys` or not. */
  readonly wide: boolean;
  readonly writes: boolean;
}

export interface Step {
  /** Who takes it: the name of a request, or of a party beside the requests. */
  readonly actor: string;
  readonly label: string;
  /** The process that waits for its outcome and changes its own state then; `null`: none. */
  readonly process: object | null;
  readonly faults: readonly FaultKind[];
  /** As things stand now: a load is a write when the record has expired. */
  touches(): Touches;
  /** Takes it. What it came to, for the trace; empty when there is nothing to say. */
  take(fault: FaultKind | null): string;
  /** The run is over: lets go of whoever waits. */
  abandon(): void;
}

export const EVERYTHING: Touches = { area: "all", keys: [], wide: true, writes: true };

/** What remains of a step once it is taken: enough to tell whether another may change places with it. */
export interface Footprint extends Touches {
  readonly actor: string;
  readonly process: object | null;
  readonly mayCrash: boolean;
}

export function footprintOf(step: Step): Footprint {
  const { actor, process, faults } = step;
  return { ...step.touches(), actor, process, mayCrash: faults.includes("crash") };
}

/** Whether it makes no difference which of the two comes first. */
export function independent(one: Footprint, other: Footprint): boolean {
  if (one.actor === other.actor || one.area === "all" || other.area === "all") return false;
  const sameProcess = one.process !== null && one.process === other.process;
  if (sameProcess && (one.mayCrash || other.mayCrash)) return false;
  if (one.area !== other.area) return true;
  // Requests of one process wait for each other in its committers, so their order shows.
  if (sameProcess) return false;
  if (!one.writes && !other.writes) return true;
  if (one.wide || other.wide) return false;
  return !one.keys.some((key) => other.keys.includes(key));
}
