// What the processes have in common that measure one store each for their parent.
import { setTimeout as delay } from "node:timers/promises";
import { PlaceMissingError } from "./place.ts";

/** For ending servers after a signal. */
const PATIENCE_MS = 5000;

/** For everything that has to be ended, servers above all, whether by the work or by a signal. */
export function endedBySignals(): AsyncDisposableStack {
  const opened = new AsyncDisposableStack();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      const ended = opened.disposeAsync().catch(() => {});
      void Promise.race([ended, delay(PATIENCE_MS)]).then(() => process.exit(130));
    });
  }
  return opened;
}

/** Does the work and tells what came of it, or why it cannot be done on this machine; then ends all that was opened. */
export async function work<Done>(
  opened: AsyncDisposableStack,
  measure: () => Promise<Done>,
  tell: (message: Done | { readonly missing: string }) => void,
): Promise<void> {
  try {
    tell(await measure());
  } catch (error) {
    if (!(error instanceof PlaceMissingError)) throw error;
    tell({ missing: error.message });
  } finally {
    await opened.disposeAsync();
  }
  process.disconnect?.();
}
