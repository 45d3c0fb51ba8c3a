/**
 * One run: its clock, its store, its processes, what waits for its turn, and what came out. Until the parties start,
 * and again once all have finished, every step is taken at once: that is how runs are prepared and judged.
 */

import type { AnyOptions } from "../../src/core/options.ts";
import type { Patience } from "../../src/core/patience.ts";
import type { Visit } from "./client.ts";
import { Jar } from "./jar.ts";
import type { Mutant } from "./mutant.ts";
import { openProcess, type Process } from "./process.ts";
import { ReferenceStore } from "./reference-store.ts";
import { EVERYTHING, type FaultKind, type Step, type Touches } from "./step.ts";

/** Whether the requests of a scenario meet in one process, are spread over two, or have one each. */
export type Layout = "one process" | "two processes" | "several processes";

export interface Rules {
  readonly layout: Layout;
  readonly options: Partial<AnyOptions>;
  readonly faults: number;
  readonly kinds: readonly FaultKind[];
  /** How often in a run somebody's patience may end before its time. */
  readonly giveUps: number;
  /** How often anything is tried before patience ends in any case. */
  readonly tries: number;
  readonly mutant: Mutant | null;
}

/** Decides everything that is left open in a run. */
export interface Chooser {
  /** Which of the parked steps is taken next; -1 gives the run up. */
  step(parked: readonly Step[]): number;
  /** One of `width` ways, 0 the plain one. */
  pick(width: number): number;
}

/** What a write of a request came to. */
export interface Write {
  readonly element: string;
  readonly key: string;
  status: number | "crashed" | null;
  /** Answered together with another one. */
  follows?: Write;
}

const START = 1_800_000_000_000;

export class World {
  readonly rules: Rules;
  readonly chooser: Chooser;
  readonly store: ReferenceStore;
  readonly browser: Jar;
  now: number;
  isDirect = true;
  isOver = false;
  readonly parked: Step[] = [];
  readonly trace: string[] = [];
  readonly notes: Set<string> = new Set();
  readonly writes: Write[] = [];
  readonly visits: Visit[] = [];
  /** Theft signals, by the process that gave them. */
  readonly signals: string[] = [];
  /** Sessions whose end was reported by an event. */
  readonly reported: string[] = [];
  /** Counts what happened, to tell before from after. */
  moment = 0;
  /** When somebody learned that a session ended, by id, and that a cookie is dead, by value. */
  readonly endedAt: Map<string, number> = new Map();
  readonly deadAt: Map<string, number> = new Map();
  /** Every cookie that was ever handed out, by session. */
  readonly issued: Map<string, Set<string>> = new Map();
  readonly processes: Process[] = [];
  violation: string | null = null;
  faultsLeft: number;
  #giveUpsLeft: number;
  #running = 0;

  constructor(rules: Rules, chooser: Chooser, from?: World) {
    this.rules = rules;
    this.chooser = chooser;
    this.store = new ReferenceStore(from?.store);
    this.browser = from?.browser.copy() ?? new Jar("browser");
    this.now = from?.now ?? START;
    for (const [id, values] of from?.issued ?? []) this.issued.set(id, new Set(values));
    this.faultsLeft = rules.faults;
    this.#giveUpsLeft = rules.giveUps;
    rules.mutant?.store?.(this.store);
  }

  violate(problem: string): void {
    this.violation ??= problem;
  }

  expect(holds: boolean, problem: string): void {
    if (!holds) this.violate(problem);
  }

  /** Somebody has learned that a session is over. */
  noteEnd(id: string): void {
    if (!this.endedAt.has(id)) this.endedAt.set(id, this.moment);
  }

  /** Nobody may come in with this cookie any more. */
  noteDeath(cookie: string): void {
    if (!this.deadAt.has(cookie)) this.deadAt.set(cookie, this.moment);
  }

  /** The process that serves a request. A clock that is off makes it one of its own. */
  process(name: string, skewMs = 0): Process {
    const wanted = skewMs === 0 ? this.#processName(name) : name;
    const known = this.processes.find((process) => process.name === wanted);
    if (known) return known;
    const process = openProcess(this, wanted, skewMs);
    this.processes.push(process);
    return process;
  }

  #processName(request: string): string {
    if (this.isDirect || this.rules.layout === "several processes") return request;
    if (this.rules.layout === "one process") return "the process";
    let sum = 0;
    for (let i = 0; i < request.length; i++) sum += request.charCodeAt(i);
    return sum % 2 === 0 ? "the even process" : "the odd process";
  }

  /** Starts a party: it runs until its first step. */
  party(run: () => Promise<void>): void {
    this.#running += 1;
    void run()
      .catch((error: unknown) => {
        if (!(error instanceof Abandoned)) this.violate(`unexpected: ${String(error)}`);
      })
      .finally(() => {
        this.#running -= 1;
      });
  }

  get isStuck(): boolean {
    return this.#running > 0;
  }

  park(step: Step): void {
    this.parked.push(step);
  }

  /** A step that does nothing but come at some time: a request leaves, an answer arrives, the clock is about to move. */
  reach(
    actor: string,
    label: string,
    touches: Touches = EVERYTHING,
    process: Process | null = null,
  ): Promise<void> {
    if (this.isDirect) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.park({
        actor,
        label,
        process,
        faults: [],
        touches: () => touches,
        take() {
          resolve();
          return "";
        },
        abandon: () => reject(new Abandoned()),
      });
    });
  }

  /** Time passes, at a moment of the scheduler's choice. Nothing else may move the clock: others depend on it. */
  async passes(ms: number): Promise<void> {
    await this.reach("clock", `+${ms / 1000} s`);
    this.now += ms;
  }

  /** Lets time pass, independently of what the parties do. */
  clock(...steps: readonly number[]): void {
    this.party(async () => {
      for (const ms of steps) await this.passes(ms);
    });
  }

  patience(): Patience {
    let tries = 0;
    return { again: () => Promise.resolve(++tries < this.rules.tries && !this.#givesUp()) };
  }

  #givesUp(): boolean {
    if (this.isDirect || this.#giveUpsLeft === 0 || this.chooser.pick(2) === 0) return false;
    this.#giveUpsLeft -= 1;
    this.trace.push("(gives up)");
    return true;
  }
}

/** Thrown into whoever still waits when a run is over. */
class Abandoned extends Error {}
