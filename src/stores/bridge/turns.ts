/**
 * Who may work on a row now. A foreign store cannot compare and set, so one process at least takes its own calls in turn:
 * those that write have a row to themselves, those that read share it. (A file that is being written is read by halves.)
 */
import { StoreFault } from "../../errors.ts";
import type { Foreign, Stored } from "./foreign.ts";

/** How long a write that its caller gave up keeps the row, when it neither succeeds nor fails. */
const HELD_MS = 30_000;

interface Line {
  /** Settles when the last one that writes is done. */
  writing: Promise<unknown>;
  readonly reading: Set<Promise<unknown>>;
  /** Those that wait or work. */
  length: number;
}

/** By what is bridged, so that all bridges to it in this process keep the same turns. */
const lines = new WeakMap<object, Map<string, Line>>();

export class Turns {
  readonly #foreign: Foreign;
  readonly #lines: Map<string, Line>;

  constructor(foreign: Foreign) {
    this.#foreign = foreign;
    this.#lines = lines.get(foreign.owner) ?? new Map<string, Line>();
    lines.set(foreign.owner, this.#lines);
  }

  get canList(): boolean {
    return this.#foreign.keys !== undefined;
  }

  /** Every key there is; no row is held meanwhile. None where the foreign store cannot say. */
  keys(signal: AbortSignal | undefined): Promise<readonly string[]> {
    return ask(this.#foreign, signal, async () => (await this.#foreign.keys?.()) ?? []);
  }

  /** While nobody writes the row. */
  share<T>(key: string, signal: AbortSignal | undefined, act: (turn: Turn) => Promise<T>): Promise<T> {
    return this.#take(key, signal, act, (line, done) => {
      line.reading.add(done);
      void done.then(() => line.reading.delete(done));
      return line.writing;
    });
  }

  /** While nobody else reads or writes the row, also not for a caller that gave up. */
  alone<T>(key: string, signal: AbortSignal | undefined, act: (turn: Turn) => Promise<T>): Promise<T> {
    return this.#take(key, signal, act, (line, done) => {
      const before = Promise.all([line.writing, ...line.reading]);
      line.writing = done;
      return before;
    });
  }

  async #take<T>(
    key: string,
    signal: AbortSignal | undefined,
    act: (turn: Turn) => Promise<T>,
    enter: (line: Line, done: Promise<void>) => Promise<unknown>,
  ): Promise<T> {
    const line = this.#lines.get(key) ?? { writing: Promise.resolve(), reading: new Set(), length: 0 };
    this.#lines.set(key, line);
    line.length += 1;
    const { promise: done, resolve: leave } = Promise.withResolvers<void>();
    const before = enter(line, done);
    const turn = new Turn(this.#foreign, signal);
    try {
      await inTime(before, signal);
      return await act(turn);
    } finally {
      // One that gave up while it waited leaves only when those before it have: the next one waits for them through it.
      void Promise.all([before, turn.settled()]).then(() => {
        leave();
        line.length -= 1;
        if (line.length === 0) this.#lines.delete(key);
      });
    }
  }
}

/** The foreign store for as long as one caller waits. */
export class Turn {
  readonly #foreign: Foreign;
  readonly #signal: AbortSignal | undefined;
  readonly #writes: Promise<unknown>[] = [];

  constructor(foreign: Foreign, signal: AbortSignal | undefined) {
    this.#foreign = foreign;
    this.#signal = signal;
  }

  get(key: string): Promise<unknown> {
    return this.#ask(() => this.#foreign.get(key));
  }

  set(key: string, value: Stored, lifeMs: number): Promise<void> {
    return this.#ask(() => this.#write(this.#foreign.set(key, value, lifeMs)));
  }

  async remove(key: string): Promise<void> {
    await this.#ask(async () => this.#write(this.#foreign.remove?.(key) ?? Promise.resolve()));
  }

  /** When every write has been answered, or has had long enough. */
  async settled(): Promise<void> {
    if (this.#writes.length === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, HELD_MS);
    timer.unref();
    await Promise.race([Promise.allSettled(this.#writes), promise]);
    clearTimeout(timer);
  }

  #write(writing: Promise<void>): Promise<void> {
    this.#writes.push(writing);
    return writing;
  }

  #ask<T>(act: () => Promise<T>): Promise<T> {
    return ask(this.#foreign, this.#signal, act);
  }
}

async function ask<T>({ name }: Foreign, signal: AbortSignal | undefined, act: () => Promise<T>): Promise<T> {
  refuseLate(signal);
  try {
    return await inTime(act(), signal);
  } catch (error) {
    if (error instanceof StoreFault) throw error;
    throw new StoreFault("unavailable", `The ${name} store failed.`, { cause: error });
  }
}

export function refuseLate(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw late();
}

/** Foreign stores wait for as long as it takes, and some for ever; a session call must not. */
async function inTime<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(late());
  if (signal.aborted) giveUp();
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

function late(): StoreFault {
  return new StoreFault("timeout", "The store did not answer in time.");
}
