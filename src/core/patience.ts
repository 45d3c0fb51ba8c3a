/**
 * How long and how often something is tried again. Real time, not the session clock: a deadline is about waiting.
 * The protocol model puts its own in place, so that every retry is a step it can order.
 */
export interface Patience {
  /** Resolves `true` after a pause when another try is worth it, `false` when the deadline has passed. */
  again(): Promise<boolean>;
}

const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 100;

/** Full jitter, doubling up to 100 ms, until `timeoutMs` from now (PROTOCOL rule 11). */
export function untilDeadline(timeoutMs: number): Patience {
  const deadline = performance.now() + timeoutMs;
  let ceiling = FIRST_PAUSE_MS;
  return {
    async again() {
      const pause = Math.random() * ceiling;
      ceiling = Math.min(2 * ceiling, LONGEST_PAUSE_MS);
      if (performance.now() + pause >= deadline) return false;
      await new Promise((resolve) => setTimeout(resolve, pause));
      return true;
    },
  };
}
