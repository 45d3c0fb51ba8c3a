/** Time in a case's hands: a deadline comes because the case lets it pass, never because the machine was busy. */
import type { Patience } from "../core/patience.ts";
import type { RealTime } from "../core/real-time.ts";

/** What a pause between two tries counts for, however long it took. */
const PAUSE_MS = 10;

interface Timer {
  readonly due: number;
  readonly act: () => void;
}

export class TestTime implements RealTime {
  #now = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  after(ms: number, act: () => void): () => void {
    const timer: Timer = { due: this.#now + ms, act };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** As many tries as go into `timeoutMs`, each of them a turn of the event loop later. */
  readonly patience = (timeoutMs: number): Patience => {
    let left = timeoutMs;
    return {
      async again() {
        left -= PAUSE_MS;
        await new Promise((resolve) => setImmediate(resolve));
        return left > 0;
      },
    };
  };

  /** Lets `ms` pass, and what comes due meanwhile happen in its order. */
  pass(ms: number): void {
    const until = this.#now + ms;
    for (let next = this.#next(); next && next.due <= until; next = this.#next()) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.due);
      next.act();
    }
    this.#now = until;
  }

  /** Lets the next deadline pass. */
  expire(): void {
    const next = this.#next();
    if (next) this.pass(next.due - this.#now);
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (!next || timer.due < next.due) next = timer;
    return next;
  }
}
