/** Waiting for a database that another process keeps busy, without blocking the event loop. */
import { untilDeadline } from "../../core/patience.ts";
import { StoreFault } from "../../errors.ts";
import { isBusy } from "./faults.ts";

/** Without a signal, a call gives up after this long. */
const DEADLINE_MS = 1000;

/** Tries again until it works, fails for another reason, or the time is up. Nothing is applied by a busy try. */
export async function patiently<T>(act: () => T, where: string, signal: AbortSignal | undefined): Promise<T> {
  const patience = untilDeadline(signal ? Number.POSITIVE_INFINITY : DEADLINE_MS);
  for (;;) {
    const mayTryAgain = await patience.again();
    if (signal?.aborted) throw timedOut(where);
    try {
      return act();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (mayTryAgain) continue;
      throw new StoreFault(
        "busy",
        `SQLite store ${where}: the database stayed locked by another process for ${DEADLINE_MS} ms.`,
        { cause: error },
      );
    }
  }
}

export function timedOut(where: string): StoreFault {
  return new StoreFault("timeout", `SQLite store ${where}: the time for this call is up.`);
}
