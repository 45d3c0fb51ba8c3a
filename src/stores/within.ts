/** How long a call waits for its server. */
import type { StoreFault } from "../errors.ts";

/**
 * Gives up waiting when the signal aborts. No library takes back what was sent, so that it may still be applied: whatever
 * these stores send is safe when it comes late.
 */
export function within<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  late: () => StoreFault,
): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(late());
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(
      (result) => {
        signal.removeEventListener("abort", onAbort);
        resolve(result);
      },
      (error: unknown) => {
        signal.removeEventListener("abort", onAbort);
        reject(error);
      },
    );
  });
}
