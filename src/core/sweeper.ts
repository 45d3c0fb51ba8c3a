/**
 * Ends what has expired, in small slices, from the first request on. The timer never keeps a process alive, and its
 * interval is spread so that many processes do not sweep at the same moment.
 */
import { StoreUnavailableError } from "../errors.ts";
import type { StoreClient } from "./store-client.ts";

const INTERVAL_MS = 60_000;
/** How many sessions one call ends at most. */
export const SWEEP_SLICE = 16;
/** One background round ends at most this many: a clock that jumped ahead must not empty a store in one go. */
const SLICES_PER_ROUND = 2000;

export class Sweeper {
  readonly #store: StoreClient;
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;

  constructor(store: StoreClient) {
    this.#store = store;
  }

  /** Called with every request; does something only the first time. */
  start(): void {
    if (this.#timer || this.#isStopped || this.#store.store.guarantees.expiry === "native") return;
    this.#schedule();
  }

  #schedule(): void {
    this.#timer = setTimeout(() => void this.#round(), INTERVAL_MS * (0.75 + Math.random() / 2));
    this.#timer.unref();
  }

  async #round(): Promise<void> {
    try {
      await this.sweep(SLICES_PER_ROUND);
    } catch (error) {
      // The next round tries again; requests learn of an outage by themselves.
      if (!(error instanceof StoreUnavailableError)) {
        process.emitWarning(`The background sweep failed: ${String(error)}`, { code: "SOJOURN_SWEEP" });
      }
    }
    if (!this.#isStopped) this.#schedule();
  }

  /** Sweeps until nothing is left, or `maxSlices` are done. Answers how many sessions it ended. */
  async sweep(maxSlices: number = Number.POSITIVE_INFINITY): Promise<number> {
    let removed = 0;
    for (let slice = 0; slice < maxSlices && !this.#isStopped; slice++) {
      const result = await this.#store.sweep(SWEEP_SLICE);
      removed += result.removed;
      if (!result.more) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    return removed;
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer) clearTimeout(this.#timer);
  }
}
