/**
 * Every order of steps, or as few of them as show every outcome: two orders that differ only in neighbours that touch
 * nothing in common come to the same, so one of them is enough. This is source-set dynamic partial-order reduction (Abdulla,
 * Aronis, Jonsson, Sagonas 2014) with sleep sets, over lists of choices: after each run, the races found in it say which
 * other steps are worth taking first, and where.
 */
import { type Footprint, footprintOf, independent, type Step } from "./step.ts";
import type { Chooser } from "./world.ts";

/** A chooser that remembers what it chose. */
export interface Recorder extends Chooser {
  readonly choices: readonly number[];
}

/** A step that waits to be taken. */
interface Waiting {
  readonly step: Step;
  readonly footprint: Footprint;
  /** The event in whose wake it came to wait; -1 for the start. */
  readonly cause: number;
}

interface Fork {
  /** The ways still worth trying; the first is the current one. */
  readonly ways: number[];
  readonly tried: Set<number>;
  /** Ways that lead to what was seen already from an earlier fork. */
  readonly asleep: ReadonlySet<number>;
  /** What waits here in the current run, for a fork between steps. */
  waiting: readonly Waiting[];
}

/** A step that was taken in the current run. */
interface Event extends Waiting {
  readonly fork: Fork;
  /** The events that come before it in every equal order, as bits. */
  readonly before: bigint;
}

export class Orders implements Recorder {
  readonly choices: number[] = [];
  readonly #isReduced: boolean;
  readonly #forks: Fork[] = [];
  #events: Event[] = [];
  #waiting: readonly Waiting[] = [];
  #asleep: readonly Waiting[] = [];

  constructor(isReduced: boolean) {
    this.#isReduced = isReduced;
  }

  step(parked: readonly Step[]): number {
    const waiting = parked.map((step) => this.#meet(step));
    this.#waiting = waiting;
    const fork = this.#forkHere(waiting.length);
    fork.waiting = waiting;
    const way = fork.ways[0] ?? -1;
    const taken = waiting[way];
    if (taken && this.#isReduced) this.#take(fork, taken);
    return way;
  }

  pick(width: number): number {
    const fork = this.#forkHere(width, true);
    return fork.ways[0] ?? 0;
  }

  /** Moves on to the next list of choices; `false` when there is none. */
  next(): boolean {
    this.#addRaces();
    const forks = this.#forks;
    for (let last = forks.at(-1); last; last = forks.at(-1)) {
      const done = last.ways.shift();
      if (done !== undefined) last.tried.add(done);
      if (last.ways.length > 0) break;
      forks.pop();
    }
    this.choices.length = 0;
    this.#events = [];
    this.#waiting = [];
    this.#asleep = [];
    return forks.length > 0;
  }

  #meet(step: Step): Waiting {
    const known = this.#waiting.find((waiting) => waiting.step === step);
    return { step, footprint: footprintOf(step), cause: known ? known.cause : this.#events.length - 1 };
  }

  #forkHere(width: number, triesAll = !this.#isReduced): Fork {
    const at = this.choices.length;
    const fork = this.#forks[at] ?? this.#newFork(width, triesAll);
    this.#forks[at] = fork;
    this.choices.push(fork.ways[0] ?? -1);
    return fork;
  }

  #newFork(width: number, triesAll: boolean): Fork {
    const all = Array.from({ length: width }, (_, way) => way);
    if (triesAll) return { ways: all, tried: new Set(), asleep: new Set(), waiting: [] };
    const sleepers = new Set(this.#asleep.map((waiting) => waiting.step));
    const isAsleep = (way: number): boolean => {
      const waiting = this.#waiting[way];
      return waiting !== undefined && sleepers.has(waiting.step);
    };
    const awake = all.filter((way) => !isAsleep(way));
    return { ways: awake.slice(0, 1), tried: new Set(), asleep: new Set(all.filter(isAsleep)), waiting: [] };
  }

  #take(fork: Fork, taken: Waiting): void {
    this.#events.push({ ...taken, fork, before: this.#before(taken) });
    const tried = fork.waiting.filter((_, way) => fork.tried.has(way));
    this.#asleep = [...this.#asleep, ...tried].filter((sleeper) =>
      independent(sleeper.footprint, taken.footprint),
    );
  }

  /** What comes before a step in every equal order: what brought it about, and what it depends on. */
  #before(step: Waiting): bigint {
    let before = this.#causes(step);
    for (let i = this.#events.length - 1; i >= 0; i--) {
      const event = this.#events[i];
      if (!event || has(before, i) || independent(event.footprint, step.footprint)) continue;
      before |= event.before | bit(i);
    }
    return before;
  }

  #causes(step: Waiting): bigint {
    const cause = this.#events[step.cause];
    return cause ? cause.before | bit(step.cause) : 0n;
  }

  /** For every two steps that might have come the other way round: where to try that. */
  #addRaces(): void {
    const taken = new Set(this.#events.map((event) => event.step));
    this.#events.forEach((event, index) => {
      this.#addRacesOf(event, index, event.before);
    });
    for (const waiting of this.#waiting) {
      if (!taken.has(waiting.step)) this.#addRacesOf(waiting, this.#events.length, this.#before(waiting));
    }
  }

  #addRacesOf(later: Waiting, index: number, beforeLater: bigint): void {
    let before = this.#causes(later);
    for (let i = index - 1; i >= 0; i--) {
      const earlier = this.#events[i];
      if (!earlier || has(before, i) || independent(earlier.footprint, later.footprint)) continue;
      this.#tryOtherwise(i, index, { ...later, before: beforeLater, fork: earlier.fork });
      before |= earlier.before | bit(i);
    }
  }

  /**
   * In place of event `i`, one of those should be taken that an order with `later` ahead of it can begin with: what does
   * not need event `i` itself, nor another that does not need it (Abdulla and others 2014: the initials).
   */
  #tryOtherwise(i: number, index: number, later: Event): void {
    const { fork } = later;
    const ways: number[] = [];
    let ahead = 0n;
    for (let at = i + 1; at <= index; at++) {
      const event = at === index ? later : this.#events[at];
      if (!event || (at < index && has(event.before, i))) continue;
      if ((event.before & ahead) === 0n) ways.push(fork.waiting.findIndex(({ step }) => step === event.step));
      ahead |= bit(at);
    }
    const isKnown = (way: number): boolean =>
      fork.tried.has(way) || fork.ways.includes(way) || fork.asleep.has(way);
    const [first = -1] = ways;
    if (first >= 0 && !ways.some(isKnown)) fork.ways.push(first);
  }
}

function bit(index: number): bigint {
  return 1n << BigInt(index);
}

function has(bits: bigint, index: number): boolean {
  return ((bits >> BigInt(index)) & 1n) === 1n;
}
