/**
 * Time as deadlines know it: how long somebody has waited. The clock of sessions is another matter. Tests put a time of
 * their own in place, in which a deadline comes when the test says so.
 */
export interface RealTime {
  /** Milliseconds since some moment; never goes back. */
  now(): number;
  /** Calls `act` once when `ms` are over. The function it answers calls that off. */
  after(ms: number, act: () => void): () => void;
}

/** What `setTimeout` takes; it fires at once for more. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * The time of this machine. Whatever arrived in time is heard before `act`, also where this process stood still
 * meanwhile: timers that are overdue come before the sockets, so `act` waits until those have had their turn.
 */
export const REAL_TIME: RealTime = {
  now: () => performance.now(),
  after(ms, act) {
    let turn: NodeJS.Immediate | undefined;
    const timer = setTimeout(
      () => {
        turn = setImmediate(act);
      },
      Math.min(ms, LONGEST_MS),
    );
    return () => {
      clearTimeout(timer);
      if (turn) clearImmediate(turn);
    };
  },
};
