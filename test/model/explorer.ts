/**
 * Plays a scenario in every order, depth first, each run following a list of choices. Orders that differ only in steps
 * that touch nothing in common are tried once (sleep sets). Past the cap the rest is sampled: seeded, repeatable.
 */

import type { Mutant } from "./mutant.ts";
import { Orders, type Recorder } from "./orders.ts";
import { repeatableNumbers } from "./random.ts";
import { play, prepare, rulesOf, type Scenario } from "./scenario.ts";
import type { Step } from "./step.ts";
import type { Chooser, Layout, World } from "./world.ts";

export interface Exploration {
  readonly layout: Layout;
  /** Runs tried in order before sampling starts, and runs sampled then. */
  readonly cap: number;
  readonly samples?: number;
  readonly seed?: number;
  readonly mutant?: Mutant | null;
  /** `false`: really every order, to check the saving itself. */
  readonly isReduced?: boolean;
  /** Stops at the first violation: enough to show that there is one. */
  readonly stopsAtFirst?: boolean;
  /** Called with every finished run. */
  readonly onRun?: (world: World) => void;
}

export interface Violation {
  count: number;
  trace: readonly string[];
  choices: readonly number[];
}

export interface Findings {
  readonly scenario: string;
  readonly layout: Layout;
  runs: number;
  /** Begun and given up: what they would have shown was seen before. */
  pruned: number;
  isExhaustive: boolean;
  readonly violations: Map<string, Violation>;
  readonly residuals: Map<string, Violation>;
  readonly notes: Map<string, number>;
}

export async function explore(scenario: Scenario, exploration: Exploration): Promise<Findings> {
  const { layout, cap, samples = 0, seed = 1, mutant = null, isReduced = true } = exploration;
  const rules = rulesOf(scenario, layout, mutant);
  const prepared = await prepare(scenario, rules);
  const findings: Findings = {
    scenario: scenario.name,
    layout,
    runs: 0,
    pruned: 0,
    isExhaustive: false,
    violations: new Map(),
    residuals: new Map(),
    notes: new Map(),
  };
  const run = async (chooser: Recorder): Promise<void> => {
    const world = await play(scenario, rules, prepared, chooser);
    if (!world) {
      findings.pruned += 1;
      return;
    }
    findings.runs += 1;
    record(findings, scenario, world, chooser.choices);
    exploration.onRun?.(world);
    if (findings.runs % 256 === 0) await new Promise((resolve) => setImmediate(resolve));
  };
  const isEnough = (): boolean => exploration.stopsAtFirst === true && findings.violations.size > 0;

  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0; // many errors are made and none of them is read
  const orderly = new Orders(isReduced);
  for (let more = true; more && findings.runs < cap && !isEnough(); ) {
    await run(orderly);
    more = orderly.next();
    findings.isExhaustive = !more;
  }
  const below = repeatableNumbers(seed);
  for (let i = 0; i < samples && !findings.isExhaustive && !isEnough(); i++) await run(new Sampler(below));
  Error.stackTraceLimit = stackTraceLimit;
  return findings;
}

function record(findings: Findings, scenario: Scenario, world: World, choices: readonly number[]): void {
  for (const note of world.notes) findings.notes.set(note, (findings.notes.get(note) ?? 0) + 1);
  const { violation, trace } = world;
  if (violation === null) return;
  const known = scenario.residual?.test(violation) ? findings.residuals : findings.violations;
  const found = known.get(violation) ?? { count: 0, trace, choices: [...choices] };
  known.set(violation, found);
  found.count += 1;
  if (trace.length < found.trace.length) Object.assign(found, { trace, choices: [...choices] });
}

class Sampler implements Recorder {
  readonly choices: number[] = [];
  readonly #below: (width: number) => number;

  constructor(below: (width: number) => number) {
    this.#below = below;
  }

  step(parked: readonly Step[]): number {
    return this.pick(parked.length);
  }

  pick(width: number): number {
    const way = this.#below(width);
    this.choices.push(way);
    return way;
  }
}

/** Plays the one run that a list of choices names. */
export function following(choices: readonly number[]): Chooser {
  let at = 0;
  const next = (): number => choices[at++] ?? 0;
  return { step: next, pick: next };
}
