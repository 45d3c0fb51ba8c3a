/** Idle extension without a write: throttled, data-free, only forward. */
import { StoreUnavailableError } from "../errors.ts";
import type { Engine } from "./engine.ts";
import { idleFromNow } from "./making.ts";
import type { SessionState, Unread } from "./state.ts";

const LONGEST_THROTTLE_MS = 3_600_000;

/** Due when the last one is older than a twentieth of the idle time, or an hour. */
export function touchDue(engine: Engine, { record, isUnconfirmed }: Unread): boolean {
  if (isUnconfirmed) return false;
  const throttle = Math.min(record.idleFor / 20, LONGEST_THROTTLE_MS);
  if (engine.now() - record.seenAt >= throttle) return true;
  // A login that waits for its first use has a deadline much shorter than its idle time.
  return record.idleUntil + throttle < idleFromNow(record, record.seenAt);
}

/** A touch that fails costs at most a little idle time, so it never fails a request that was answered well. */
export async function touch(engine: Engine, state: SessionState): Promise<void> {
  const { found } = state;
  if (!found) return;
  try {
    const alive = await engine.store.touch(found.record.id, idleFromNow(found.record, engine.now()));
    if (!alive) state.hold = null;
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
  }
}
