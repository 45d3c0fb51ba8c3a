/** What a scenario is, and how one run of it is played. */
import type { AnyOptions } from "../../src/core/options.ts";
import type { Mutant } from "./mutant.ts";
import type { FaultKind } from "./step.ts";
import { type Chooser, type Layout, type Rules, World } from "./world.ts";

export interface Scenario {
  readonly name: string;
  /** What must hold, as a user would say it. */
  readonly promise: string;
  readonly layouts: readonly Layout[];
  readonly options?: Partial<AnyOptions>;
  /** How many faults may strike in one run, and which. */
  readonly faults?: number;
  readonly kinds?: readonly FaultKind[];
  readonly giveUps?: number;
  readonly tries?: number;
  /** What happened before, the same for all runs. */
  readonly before?: (world: World) => Promise<void>;
  /** Starts the parties; what it returns judges the end. */
  readonly start: (world: World) => (world: World) => Promise<void> | void;
  /** Looked at after every step. */
  readonly always?: (world: World) => void;
  /** Violations that are known and cannot be helped; counted, not failed. */
  readonly residual?: RegExp;
}

/** Two processes differ from several where more than two requests meet. */
export const OF_TWO: readonly Layout[] = ["one process", "several processes"];
export const OF_MORE: readonly Layout[] = ["one process", "two processes", "several processes"];
const MOST_STEPS = 400;
const NOBODY: Chooser = { step: () => 0, pick: () => 0 };

export function rulesOf(scenario: Scenario, layout: Layout, mutant: Mutant | null): Rules {
  const { options = {}, faults = 0, kinds = [], giveUps = 0, tries = 4 } = scenario;
  return { layout, options, faults, kinds, giveUps, tries, mutant };
}

/** The world as it is when the parties start. Worth making once for many runs. */
export async function prepare(scenario: Scenario, rules: Rules): Promise<World> {
  const world = new World({ ...rules, mutant: null }, NOBODY);
  await scenario.before?.(world);
  if (world.violation) throw new Error(`${scenario.name}: preparing failed: ${world.violation}`);
  return world;
}

/** One run. `null`: the chooser gave it up, since an equal one was played. */
export async function play(
  scenario: Scenario,
  rules: Rules,
  prepared: World,
  chooser: Chooser,
): Promise<World | null> {
  const world = new World(rules, chooser, prepared);
  world.isDirect = false;
  const judge = scenario.start(world);
  const isComplete = await schedule(scenario, world);
  world.isDirect = true;
  if (isComplete && world.violation === null) {
    await judge(world);
    for (const id of world.reported) {
      world.expect(!world.store.rows.has(id), "a session whose end was reported is there again");
    }
  }
  world.isOver = true;
  for (const step of world.parked) step.abandon();
  await quiet();
  return isComplete ? world : null;
}

async function schedule(scenario: Scenario, world: World): Promise<boolean> {
  const { parked, chooser, trace } = world;
  for (let taken = 0; world.violation === null; taken++) {
    await quiet();
    scenario.always?.(world);
    if (parked.length === 0 || world.violation !== null) break;
    const index = chooser.step(parked);
    const [step] = index < 0 ? [] : parked.splice(index, 1);
    if (!step) return false;
    const kinds = world.faultsLeft > 0 ? step.faults : [];
    const fault = kinds.length > 0 ? (kinds[chooser.pick(kinds.length + 1) - 1] ?? null) : null;
    if (fault) world.faultsLeft -= 1;
    const outcome = step.take(fault);
    trace.push(`${step.actor}:${step.label}${fault ? `!${fault}` : ""}${outcome && `=${outcome}`}`);
    if (taken > MOST_STEPS) world.violate("it goes on for ever");
  }
  if (world.isStuck && world.violation === null) world.violate("somebody waits for what never comes");
  return true;
}

/**
 * Resolves when nothing more happens by itself. Node runs what `nextTick` was given only after every promise has
 * settled that can, and no timer matters here: deadlines are an hour away, and pauses are none.
 */
function quiet(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
