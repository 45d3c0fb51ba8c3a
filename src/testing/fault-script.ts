/** What happens to one scripted call of a store. */
import { StoreFault } from "../errors.ts";
import type { SessionStore } from "../stores/contract.ts";

export type StoreOperation = Exclude<
  keyof SessionStore,
  "name" | "guarantees" | "close" | typeof Symbol.asyncDispose
>;

/**
 * `lost`: never applied, throws `unavailable`. `ambiguous`: applied, throws `ambiguous`. `late`: throws `ambiguous` at
 * once and is applied when released. `hang`: no answer until the caller's signal aborts (`timeout`, never applied) or
 * it is released (then applied and answered).
 */
export type FaultKind = "lost" | "ambiguous" | "late" | "hang";

export interface FaultHandle {
  /** Resolves when a call has come to this point: parked, hanging, thrown or answered. */
  readonly reached: Promise<void>;
  /** Lets it go on, also before it has come. Resolves when the store has done what was held back. */
  release(): Promise<void>;
}

export class Script implements FaultHandle {
  readonly reached: Promise<void>;
  readonly #kind: FaultKind | "park-before" | "park-after";
  readonly #onHang: () => void;
  readonly #reach: () => void;
  readonly #released = Promise.withResolvers<void>();
  readonly #done = Promise.withResolvers<void>();
  #isReached = false;

  constructor(kind: FaultKind | "park-before" | "park-after", onHang: () => void = () => {}) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#kind = kind;
    this.#onHang = onHang;
    this.reached = promise;
    this.#reach = () => {
      this.#isReached = true;
      resolve();
    };
  }

  async release(): Promise<void> {
    this.#released.resolve();
    if (this.#isReached) await this.#done.promise;
  }

  async play<T>(
    operation: StoreOperation,
    signal: AbortSignal | undefined,
    act: () => Promise<T>,
  ): Promise<T> {
    if (this.#kind === "late") {
      void this.#applyLate(act);
      this.#reach();
      throw new StoreFault("ambiguous", `Scripted fault: ${operation} is applied later`);
    }
    try {
      return await this.#play(operation, signal, act);
    } finally {
      this.#reach();
      this.#done.resolve();
    }
  }

  async #play<T>(
    operation: StoreOperation,
    signal: AbortSignal | undefined,
    act: () => Promise<T>,
  ): Promise<T> {
    if (this.#kind === "lost") throw new StoreFault("unavailable", `Scripted fault: ${operation} is lost`);
    if (this.#kind === "hang") {
      this.#reach();
      const end = Promise.race([this.#released.promise, aborted(operation, signal)]);
      this.#onHang();
      await end;
      return act();
    }
    if (this.#kind === "park-before") await this.#park();
    const answer = await act();
    if (this.#kind === "park-after") await this.#park();
    if (this.#kind === "ambiguous")
      throw new StoreFault("ambiguous", `Scripted fault: the answer of ${operation} is lost`);
    return answer;
  }

  #park(): Promise<void> {
    this.#reach();
    return this.#released.promise;
  }

  /** Its caller has gone, so what it answers or throws now reaches nobody. */
  async #applyLate(act: () => Promise<unknown>): Promise<void> {
    await this.#released.promise;
    await act().catch(() => undefined);
    this.#done.resolve();
  }
}

function aborted(operation: StoreOperation, signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => reject(new StoreFault("timeout", `Scripted fault: ${operation} hangs`));
    if (signal?.aborted) fail();
    else signal?.addEventListener("abort", fail, { once: true });
  });
}
