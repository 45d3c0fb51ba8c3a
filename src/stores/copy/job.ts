/** The work on one session. */
import type { Instant } from "../../core/record.ts";
import type { CallOptions, SessionStore } from "../contract.ts";
import type { CopyCounts } from "./types.ts";

/** What becomes of one session. */
export type Outcome = Exclude<keyof CopyCounts, "damaged"> | "nothing";

/** What it needs. */
export interface Job {
  readonly from: SessionStore;
  readonly to: SessionStore;
  readonly now: Instant;
  readonly prune: boolean;
  readonly switchedAt: Instant | null;
  /** One call of a store, as of this instant and under its deadline. */
  readonly ask: Ask;
}

export type Ask = <T>(now: Instant, act: (call: CallOptions) => Promise<T>) => Promise<T>;

/** The timer ends with the call: those of `AbortSignal.timeout` would pile up by the ten thousands. */
export function askWithin(timeoutMs: number): Ask {
  return async (now, act) => {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), timeoutMs);
    try {
      return await act({ now, signal: abort.signal });
    } finally {
      clearTimeout(timer);
    }
  };
}
