/**
 * The circuit breaker: a store that keeps failing is not asked for a while, so that it does not cost every request its
 * deadline. After a pause one call tries; if that fails, the next pause is twice as long.
 */
import { InvalidOptionError } from "../errors.ts";
import { durationOption } from "./duration.ts";
import type { SessionOptions } from "./manager-types.ts";
import { refuseUnknownKeys } from "./option-checks.ts";
import type { RealTime } from "./real-time.ts";

/** The option `breaker`, resolved. */
export interface BreakerSettings {
  /** It opens after this many failures in a row. */
  readonly failures: number;
  readonly pauseMs: number;
  readonly longestPauseMs: number;
}

/** What a call that may go holds until it came back. */
export interface Pass {
  readonly startedAt: number;
  readonly isTrial: boolean;
}

export interface BreakerOptions {
  /** `null`: it never opens. */
  readonly settings: BreakerSettings | null;
  /** For how long a store must have failed: less is a hiccup, which repeats and reconnections bridge. */
  readonly leastMs: number;
  readonly time: RealTime;
  readonly onOpen: (failures: number) => void;
  readonly onClose: (downMs: number) => void;
}

interface Outage {
  readonly since: number;
  readonly pauseMs: number;
  readonly endsAt: number;
  isTried: boolean;
}

export class Breaker {
  readonly #options: BreakerOptions;
  #failures = 0;
  #failingSince = 0;
  #outage: Outage | null = null;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#outage !== null;
  }

  /** In how long the store may be asked again; 0 while it may. */
  get leftMs(): number {
    const { time } = this.#options;
    return this.#outage ? Math.max(0, this.#outage.endsAt - time.now()) : 0;
  }

  /** `null`: the store is not to be asked now. */
  enter(): Pass | null {
    const startedAt = this.#options.time.now();
    if (!this.#outage) return { startedAt, isTrial: false };
    if (this.#outage.isTried || this.leftMs > 0) return null;
    this.#outage.isTried = true;
    return { startedAt, isTrial: true };
  }

  /** The store answered, whatever it was. */
  answered(): void {
    this.#failures = 0;
    if (!this.#outage) return;
    const { since } = this.#outage;
    this.#outage = null;
    this.#options.onClose(this.#options.time.now() - since);
  }

  /** It was not asked after all: the next call may try. */
  unasked({ isTrial }: Pass): void {
    if (isTrial && this.#outage) this.#outage.isTried = false;
  }

  /** It did not, or not in time. */
  failed({ startedAt, isTrial }: Pass): void {
    const { settings, leastMs, time, onOpen } = this.#options;
    if (!settings) return;
    if (this.#outage) {
      if (isTrial) this.#outage = this.#pause(settings, this.#outage.since, this.#outage.pauseMs * 2);
      return;
    }
    this.#failingSince = this.#failures === 0 ? startedAt : Math.min(this.#failingSince, startedAt);
    this.#failures += 1;
    if (this.#failures < settings.failures || time.now() - this.#failingSince < leastMs) return;
    this.#outage = this.#pause(settings, this.#failingSince, settings.pauseMs);
    onOpen(this.#failures);
  }

  /** Between half of it and all, so that many processes do not try at the same moment. */
  #pause({ longestPauseMs }: BreakerSettings, since: number, ms: number): Outage {
    const pauseMs = Math.min(ms, longestPauseMs);
    const endsAt = this.#options.time.now() + pauseMs * (0.5 + Math.random() / 2);
    return { since, pauseMs, endsAt, isTried: false };
  }
}

/** Where `breaker` says nothing else. */
export const BREAKER: BreakerSettings = { failures: 5, pauseMs: 1000, longestPauseMs: 10_000 };

/** Throws `InvalidOptionError` for what cannot be. */
export function readBreaker(given: SessionOptions<object>["breaker"]): BreakerSettings | null {
  if (given === false) return null;
  if (given === undefined) return BREAKER;
  refuseUnknownKeys(given, ["failures", "pause", "longestPause"], "breaker");
  const { failures = BREAKER.failures } = given;
  if (!Number.isSafeInteger(failures) || failures < 1)
    throw new InvalidOptionError("breaker.failures", "must be a whole number from 1");
  const pauseMs = durationOption("breaker.pause", given.pause, BREAKER.pauseMs);
  const least = Math.max(BREAKER.longestPauseMs, pauseMs);
  const longestPauseMs = durationOption("breaker.longestPause", given.longestPause, least);
  if (longestPauseMs < pauseMs)
    throw new InvalidOptionError("breaker.longestPause", "is shorter than the first pause");
  return { failures, pauseMs, longestPauseMs };
}
