/**
 * How a store is called: opened once, every operation under a deadline, every fault turned into `StoreUnavailableError`,
 * doubtful writes repeated, a dead store left alone for a while, and what came of it told to whoever watches.
 */
import { DataTooLargeError, StoreFault, type StoreFaultKind, StoreUnavailableError } from "../errors.ts";
import type { CallOptions, SessionStore } from "../stores/contract.ts";
import { Breaker, type BreakerSettings, type Pass } from "./breaker.ts";
import { Deadline } from "./deadline.ts";
import type { Patience } from "./patience.ts";
import type { RealTime } from "./real-time.ts";
import type { Instant } from "./record.ts";
import { Repeats } from "./repeats.ts";
import { faultKind, isOfTheCall } from "./store-faults.ts";
import type { Cause, Outcome, StoreWatch } from "./store-watch.ts";
import { WaitingList } from "./waiting-list.ts";

export interface StoreClientOptions {
  readonly store: SessionStore;
  readonly now: () => Instant;
  readonly timeoutMs: number;
  readonly breaker: BreakerSettings | null;
  readonly patience: (timeoutMs: number) => Patience;
  readonly time: RealTime;
  readonly watch: StoreWatch;
}

/** How long a call may take with all its tries, and whether there may be more than one. */
interface Allowance {
  /** Default: the option `timeout`. */
  readonly timeoutMs?: number;
  readonly repeats?: Repeats;
}

export type Act<T> = (call: CallOptions) => Promise<T>;

/** Opening may create a schema or wait for a connection: it gets longer than a call. */
const OPEN_TIMEOUT_MS = 10_000;
/** Work whose length depends on how much there is to do may go for this many deadlines without a sign of life. */
const STEPS = 10;
/** The store was not reached, or its answer was not. Any other fault is an answer. */
const DOWN: ReadonlySet<StoreFaultKind> = new Set(["unavailable", "timeout", "ambiguous"]);

export class StoreCalls {
  readonly #options: StoreClientOptions;
  readonly #breaker: Breaker;
  readonly #underWay = new WaitingList<Deadline>();
  readonly #answersItself: boolean;
  #opening: Promise<readonly string[]> | null = null;
  #isOpen = false;

  constructor(options: StoreClientOptions) {
    const { store, breaker, timeoutMs, time, watch } = options;
    this.#options = options;
    this.#answersItself = store.carrying !== undefined || store.guarantees.staleFor !== undefined;
    this.#breaker = new Breaker({
      settings: breaker,
      leastMs: timeoutMs,
      time,
      onOpen: (failures) => {
        this.#giveUpAll();
        watch.down(failures);
      },
      onClose: (downMs) => watch.up(downMs),
    });
  }

  /** Opens the store once; a failure is not remembered, so the next call tries again. */
  async open(): Promise<readonly string[]> {
    try {
      return await this.#opened();
    } catch (error) {
      throw this.#told("open", error);
    }
  }

  once<T>(operation: string, act: Act<T>, cause?: Cause): Promise<T> {
    return this.#run(operation, (deadline) => this.#attempt(operation, deadline, act, cause));
  }

  /** What an open store knows by itself: it is asked nothing, and nothing is learnt about it. */
  async known<T>(operation: string, read: () => T): Promise<T> {
    if (!this.#isOpen) await this.#run(operation, (deadline) => deadline.wait(this.#opened()));
    try {
      return read();
    } catch (error) {
      throw this.#told(operation, error);
    }
  }

  /** Asks whatever came before: for health checks, which must not be told what others have seen. */
  async always<T>(operation: string, act: Act<T>): Promise<T> {
    const deadline = new Deadline(this.#options.timeoutMs, this.#options.time);
    try {
      return await this.#attempt(operation, deadline, act);
    } catch (error) {
      throw this.#told(operation, error);
    } finally {
      deadline.close();
    }
  }

  /** Until the outcome is known, or the time is up. */
  repeat<T>(operation: string, act: Act<T>, cause?: Cause, repeats: Repeats = new Repeats()): Promise<T> {
    return this.#run(operation, (deadline) => this.#attempt(operation, deadline, act, cause), { repeats });
  }

  /**
   * For work whose length depends on how much there is to do: as long as steps of it get done. It does not try whether a
   * store is back, since others would wait for it.
   */
  async unhurried<T>(operation: string, act: Act<T>, cause?: Cause): Promise<T> {
    if (this.#breaker.isOpen) await this.once(operation, (call) => healthy(this.#options.store, call));
    const timeoutMs = this.#options.timeoutMs * STEPS;
    return this.#run(
      operation,
      (deadline) => {
        const onProgress = (): void => {
          deadline.restart();
          this.#breaker.answered();
        };
        return this.#attempt(operation, deadline, (call) => act({ ...call, onProgress }), cause);
      },
      { timeoutMs },
    );
  }

  /** For those who give up by themselves: the failure is told, and returned to be thrown. */
  unavailable(operation: string, kind: StoreFaultKind): StoreUnavailableError {
    const { store, watch } = this.#options;
    watch.failed(operation, kind);
    return new StoreUnavailableError(operation, kind, store.name);
  }

  async #run<T>(
    operation: string,
    act: (deadline: Deadline) => Promise<T>,
    { timeoutMs = this.#options.timeoutMs, repeats }: Allowance = {},
  ): Promise<T> {
    const pass = this.#breaker.enter();
    if (!pass)
      throw this.#told(operation, new StoreFault("refused", "The store has failed again and again."));
    const deadline = new Deadline(timeoutMs, this.#options.time);
    this.#underWay.add(deadline);
    try {
      for (;;) {
        try {
          const result = await act(deadline);
          this.#heard(deadline, pass);
          return result;
        } catch (error) {
          if (!repeats) throw error;
          await repeats.pause(error, deadline, () => this.#options.patience(timeoutMs));
        }
      }
    } catch (error) {
      if (!isOfTheCall(error) && DOWN.has(faultKind(error))) this.#breaker.failed(pass);
      else this.#heard(deadline, pass);
      throw this.#told(operation, error);
    } finally {
      deadline.close();
      this.#underWay.remove(deadline);
    }
  }

  /** Opening goes on behind a request that cannot wait for it. */
  #attempt<T>(operation: string, deadline: Deadline, act: Act<T>, cause?: Cause): Promise<T> {
    if (this.#isOpen) return this.#asked(operation, deadline, act, cause);
    return deadline.wait(this.#opened()).then(() => this.#asked(operation, deadline, act, cause));
  }

  /** Tells how long it took, if anybody measures. */
  #asked<T>(operation: string, deadline: Deadline, act: Act<T>, cause?: Cause): Promise<T> {
    deadline.isLocal = false;
    const tell = this.#options.watch.timed(operation);
    const ask = (): Promise<T> => deadline.wait(act(this.#callOptions(deadline, cause)));
    return tell ? measured(ask, tell) : ask();
  }

  #opened(): Promise<readonly string[]> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<readonly string[]> {
    const { store, timeoutMs, time } = this.#options;
    const deadline = new Deadline(Math.max(OPEN_TIMEOUT_MS, timeoutMs), time);
    try {
      const warnings = await this.#asked("open", deadline, (call) => store.open(call));
      this.#isOpen = true;
      return warnings;
    } catch (error) {
      this.#opening = null;
      throw this.#wrapped("open", error);
    } finally {
      deadline.close();
    }
  }

  /** Whoever still waits for a store that is down waits in vain. */
  #giveUpAll(): void {
    for (const deadline of this.#underWay.all()) {
      deadline.end(new StoreFault("timeout", "Given up: other calls had no answer either"));
    }
  }

  #callOptions(deadline: Deadline, cause?: Cause): CallOptions {
    const { now, watch } = this.#options;
    const call: { -readonly [K in keyof CallOptions]: CallOptions[K] } = {
      now: now(),
      signal: deadline.signal,
    };
    const onEnded = watch.ended(cause);
    if (onEnded) call.onEnded = onEnded;
    if (this.#answersItself) {
      call.onLocal = () => {
        deadline.isLocal = true;
      };
    }
    return call;
  }

  #heard(deadline: Deadline, pass: Pass): void {
    if (deadline.isLocal) this.#breaker.unasked(pass);
    else this.#breaker.answered();
  }

  /** One damaged session is told of as `undecodable`; too much data is the application's mistake. */
  #told(operation: string, error: unknown): Error {
    const wrapped = this.#wrapped(operation, error);
    if (wrapped instanceof StoreUnavailableError && wrapped.kind !== "damaged") {
      this.#options.watch.failed(wrapped.operation, wrapped.kind);
    }
    return wrapped;
  }

  #wrapped(operation: string, error: unknown): Error {
    if (isOfTheCall(error)) return error;
    const { store } = this.#options;
    const kind = faultKind(error);
    if (kind === "too-large") return new DataTooLargeError(null, store.guarantees.maxBytes);
    const retryAfterMs = this.#breaker.leftMs;
    if (error instanceof StoreUnavailableError)
      return new StoreUnavailableError(error.operation, kind, store.name, {
        cause: error.cause,
        retryAfterMs,
      });
    return new StoreUnavailableError(operation, kind, store.name, { cause: error, retryAfterMs });
  }
}

async function healthy(store: SessionStore, call: CallOptions): Promise<void> {
  const { ok, detail } = await store.health(call);
  if (!ok) throw new StoreFault("unavailable", detail ?? "The store is not well.");
}

async function measured<T>(act: () => Promise<T>, tell: (outcome: Outcome) => void): Promise<T> {
  try {
    const result = await act();
    tell("ok");
    return result;
  } catch (error) {
    tell(faultKind(error));
    throw error;
  }
}
