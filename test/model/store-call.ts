/** One call of a process to the store: it waits as a step, and when it is picked it happens, or meets a fault. */
import { AsyncLocalStorage } from "node:async_hooks";
import { StoreFault } from "../../src/errors.ts";
import type { Process } from "./process.ts";
import type { FaultKind, Step, Touches } from "./step.ts";
import type { World } from "./world.ts";

/** On whose behalf calls are made: the name of a request, and the moment at which it saw the store last. */
export interface Caller {
  readonly name: string;
  sawAt: number;
}

export const caller = new AsyncLocalStorage<Caller>();

export interface Operation<T> {
  readonly label: string;
  /** It changes nothing, so it does not matter whether a fault came before or after it. */
  readonly isRead: boolean;
  touches(): Touches;
  act(): T;
}

const NOTHING: Touches = { area: "store", keys: [], wide: false, writes: false };
const OF_READS: ReadonlySet<FaultKind> = new Set<FaultKind>(["lost", "slow", "crash"]);

export function callStore<T>(world: World, process: Process, operation: Operation<T>): Promise<T> {
  if (!process.isAlive || world.isOver) return Promise.reject(closed());
  if (world.isDirect) return Promise.resolve(perform(world, caller.getStore(), operation));
  return new Promise((resolve, reject) => {
    world.park(new CallStep(world, process, operation, resolve, reject));
  });
}

class CallStep<T> implements Step {
  readonly actor: string;
  readonly label: string;
  readonly process: Process;
  readonly faults: readonly FaultKind[];
  readonly #world: World;
  readonly #operation: Operation<T>;
  readonly #resolve: (result: T) => void;
  readonly #reject: (fault: StoreFault) => void;
  readonly #caller: Caller | undefined;

  constructor(
    world: World,
    process: Process,
    operation: Operation<T>,
    resolve: (result: T) => void,
    reject: (fault: StoreFault) => void,
  ) {
    const { kinds } = world.rules;
    this.#world = world;
    this.#operation = operation;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#caller = caller.getStore();
    this.actor = this.#caller?.name ?? process.name;
    this.label = operation.label;
    this.process = process;
    this.faults = operation.isRead ? kinds.filter((kind) => OF_READS.has(kind)) : kinds;
  }

  touches(): Touches {
    return this.#operation.touches();
  }

  abandon(): void {
    this.#reject(closed());
  }

  take(fault: FaultKind | null): string {
    switch (fault) {
      case null:
        return this.#answer(this.#perform());
      case "lost":
        this.#reject(new StoreFault("unavailable", "not applied"));
        return "";
      case "ambiguous":
        this.#perform();
        if (this.#world.rules.mutant?.driverRepeats)
          this.#followUp("again", () => this.#answer(this.#perform()));
        else this.#reject(new StoreFault("ambiguous", "applied, but nobody was told"));
        return "";
      case "late":
        this.#world.park(new LateStep(this, () => describe(this.#operation.act())));
        this.#reject(new StoreFault("timeout", "applied later"));
        return "";
      case "slow": {
        const result = this.#perform();
        this.#followUp("answered", () => this.#answer(result));
        return describe(result);
      }
      case "crash":
        this.#perform();
        this.process.crash();
        this.abandon();
        return "";
    }
  }

  #perform(): T {
    return perform(this.#world, this.#caller, this.#operation);
  }

  #answer(result: T): string {
    this.#resolve(result);
    return describe(result);
  }

  #followUp(what: string, act: () => string): void {
    const { actor, process } = this;
    const touches = what === "answered" ? () => NOTHING : () => this.touches();
    const label = `${this.label} ${what}`;
    this.#world.park({
      actor,
      label,
      process,
      faults: [],
      touches,
      take: act,
      abandon: () => this.abandon(),
    });
  }
}

function perform<T>(world: World, who: Caller | undefined, operation: Operation<T>): T {
  world.moment += 1;
  if (who) who.sawAt = world.moment;
  return operation.act();
}

/** A call on its way that its caller no longer waits for, alive or not. */
class LateStep implements Step {
  readonly actor: string;
  readonly label: string;
  readonly process = null;
  readonly faults: readonly FaultKind[] = [];
  readonly #call: Step;
  readonly #act: () => string;

  constructor(call: Step, act: () => string) {
    this.actor = `late ${call.actor}`;
    this.label = call.label;
    this.#call = call;
    this.#act = act;
  }

  touches(): Touches {
    return this.#call.touches();
  }

  take(): string {
    return this.#act();
  }

  abandon(): void {}
}

function closed(): StoreFault {
  return new StoreFault("closed", "the run or the process is over");
}

/** For the trace. */
function describe(result: unknown): string {
  if (typeof result !== "object" || result === null) return String(result);
  if ("ended" in result) return String(result.ended);
  if ("conflict" in result) return "conflict";
  if ("ok" in result) return "reason" in result ? String(result.reason) : "ok";
  return "";
}
