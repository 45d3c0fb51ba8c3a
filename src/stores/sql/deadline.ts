/** How long a call may take. */
import { StoreFault } from "../../errors.ts";
import type { CallOptions } from "../contract.ts";

export type Deadline = Pick<CallOptions, "signal" | "onProgress">;

/**
 * Gives up waiting at the deadline. No library takes a statement back that was sent, so it may still be applied:
 * every statement of these stores is safe when it comes late.
 */
export function within<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(timedOut());
    const done = (): void => signal.removeEventListener("abort", onAbort);
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(done);
  });
}

export function timedOut(): StoreFault {
  return new StoreFault("timeout", "The time for this call is up.");
}
