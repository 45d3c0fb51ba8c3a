/** Keeps strangers from filling a trail: so many records of one event a minute, and how many were left out. */
import type { EventName } from "../core/event-types.ts";

const MINUTE_MS = 60_000;

interface Window {
  startedAt: number;
  passed: number;
  omitted: number;
}

export class FloodGate {
  readonly #perMinute: number;
  readonly #windows = new Map<EventName, Window>();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** How many were left out since the last one that passed; `null`: leave this one out too. */
  pass(event: EventName, at: number): number | null {
    const window = this.#windows.get(event) ?? { startedAt: at, passed: 0, omitted: 0 };
    this.#windows.set(event, window);
    if (at - window.startedAt >= MINUTE_MS) {
      window.startedAt = at;
      window.passed = 0;
    }
    if (window.passed >= this.#perMinute) {
      window.omitted += 1;
      return null;
    }
    window.passed += 1;
    return this.#taken(window);
  }

  /** What was left out and not told yet. */
  *rest(): Iterable<readonly [event: EventName, omitted: number]> {
    for (const [event, window] of this.#windows) {
      const omitted = this.#taken(window);
      if (omitted > 0) yield [event, omitted];
    }
  }

  #taken(window: Window): number {
    const { omitted } = window;
    window.omitted = 0;
    return omitted;
  }
}
