/**
 * How a store is called: opened once, every call under a deadline, every fault turned into `StoreUnavailableError`,
 * doubtful writes repeated, and what came of it told to whoever watches.
 */
import {
  DataTooLargeError,
  StoreFault,
  type StoreFaultKind,
  StoreLacksError,
  StoreUnavailableError,
} from "../errors.ts";
import type { CallOptions, SessionStore } from "../stores/contract.ts";
import type { Patience } from "./patience.ts";
import type { Instant } from "./record.ts";
import type { Cause, Outcome, StoreWatch } from "./store-watch.ts";

export interface StoreClientOptions {
  readonly store: SessionStore;
  readonly now: () => Instant;
  readonly timeoutMs: number;
  readonly patience: (timeoutMs: number) => Patience;
  readonly watch: StoreWatch;
}

export type Act<T> = (call: CallOptions) => Promise<T>;

/** Opening may create a schema or wait for a connection: it gets longer than a call. */
const OPEN_TIMEOUT_MS = 10_000;
const FINAL: ReadonlySet<StoreFaultKind> = new Set(["too-large", "corrupt", "damaged", "closed"]);

/** Our own deadline passed. */
class Expired extends StoreFault {}

export class StoreCalls {
  readonly #options: StoreClientOptions;
  #opening: Promise<readonly string[]> | null = null;
  #isOpen = false;

  constructor(options: StoreClientOptions) {
    this.#options = options;
  }

  /** Opens the store once; a failure is not remembered, so the next call tries again. */
  async open(): Promise<readonly string[]> {
    try {
      return await this.#opened();
    } catch (error) {
      throw this.#told(error);
    }
  }

  async once<T>(operation: string, act: Act<T>, cause?: Cause): Promise<T> {
    try {
      return await this.#attempt(operation, act, cause);
    } catch (error) {
      throw this.#told(error);
    }
  }

  /** Until the outcome is known, or patience is over. */
  async repeat<T>(operation: string, act: Act<T>, cause?: Cause, onDoubt?: () => void): Promise<T> {
    const patience = this.#options.patience(this.#options.timeoutMs);
    for (;;) {
      try {
        return await this.#attempt(operation, act, cause);
      } catch (error) {
        if (!(error instanceof StoreUnavailableError) || FINAL.has(error.kind)) throw this.#told(error);
        onDoubt?.();
        // One try that took all the time there was leaves none, whichever of the two timers rang first.
        if (error.cause instanceof Expired || !(await patience.again())) throw this.#told(error);
      }
    }
  }

  /** No deadline of ours on work whose length depends on how much there is to do. */
  async unhurried<T>(operation: string, act: Act<T>, cause?: Cause): Promise<T> {
    try {
      if (!this.#isOpen) await this.#opened();
      return await this.#timed(operation, () => act(this.#callOptions(cause)));
    } catch (error) {
      throw this.#told(this.#wrapped(operation, error));
    }
  }

  /** For those who give up by themselves: the failure is told, and returned to be thrown. */
  unavailable(operation: string, kind: StoreFaultKind): StoreUnavailableError {
    this.#options.watch.failed(operation, kind);
    return new StoreUnavailableError(operation, kind, this.#options.store.name);
  }

  #opened(): Promise<readonly string[]> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<readonly string[]> {
    const { store, timeoutMs } = this.#options;
    try {
      const longer = Math.max(OPEN_TIMEOUT_MS, timeoutMs);
      const warnings = await this.#timed("open", () =>
        this.#deadline("open", longer, (call) => store.open(call)),
      );
      this.#isOpen = true;
      return warnings;
    } catch (error) {
      this.#opening = null;
      throw error;
    }
  }

  #attempt<T>(operation: string, act: Act<T>, cause?: Cause): Promise<T> {
    if (!this.#isOpen) return this.#attemptLater(operation, act, cause);
    return this.#timed(operation, () => this.#deadline(operation, this.#options.timeoutMs, act, cause));
  }

  /** Opening goes on behind a request that could not wait for it. */
  async #attemptLater<T>(operation: string, act: Act<T>, cause?: Cause): Promise<T> {
    const { timeoutMs } = this.#options;
    await this.#deadline(operation, timeoutMs, () => this.#opened());
    return this.#timed(operation, () => this.#deadline(operation, timeoutMs, act, cause));
  }

  async #deadline<T>(operation: string, timeoutMs: number, act: Act<T>, cause?: Cause): Promise<T> {
    const controller = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Expired("timeout", `No answer within ${timeoutMs} ms`));
        controller.abort();
      }, timeoutMs);
    });
    try {
      return await Promise.race([act(this.#callOptions(cause, controller.signal)), expired]);
    } catch (error) {
      throw this.#wrapped(operation, error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Tells how long it took, if anybody measures. */
  #timed<T>(operation: string, act: () => Promise<T>): Promise<T> {
    const tell = this.#options.watch.timed(operation);
    return tell ? measured(act, tell) : act();
  }

  #callOptions(cause?: Cause, signal?: AbortSignal): CallOptions {
    const onEnded = this.#options.watch.ended(cause);
    return { now: this.#options.now(), ...(signal && { signal }), ...(onEnded && { onEnded }) };
  }

  #wrapped(operation: string, cause: unknown): Error {
    if (
      cause instanceof StoreUnavailableError ||
      cause instanceof DataTooLargeError ||
      cause instanceof StoreLacksError
    )
      return cause;
    const { store } = this.#options;
    const kind = faultKind(cause);
    if (kind === "too-large") return new DataTooLargeError(null, store.guarantees.maxBytes);
    return new StoreUnavailableError(operation, kind, store.name, { cause });
  }

  /** One damaged session is told of as `undecodable`; too much data is the application's mistake. */
  #told(error: unknown): unknown {
    if (error instanceof StoreUnavailableError && error.kind !== "damaged") {
      this.#options.watch.failed(error.operation, error.kind);
    }
    return error;
  }
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

function faultKind(error: unknown): StoreFaultKind {
  if (error instanceof DataTooLargeError) return "too-large";
  const isKnown = error instanceof StoreFault || error instanceof StoreUnavailableError;
  return isKnown ? error.kind : "unavailable";
}
