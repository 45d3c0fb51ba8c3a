/**
 * One committer per session and process: commits of one session take turns, and each starts from what the one before
 * it stored. So parallel requests of one session cost no conflict inside a process, and the number of contenders in the
 * store is the number of processes (PROTOCOL P1).
 */
import type { SessionId, SessionRecord } from "./record.ts";

export interface Turn {
  /** What the previous turn stored, if it is known to be newer than what any waiting request loaded. */
  latest: SessionRecord | null;
}

interface Queue {
  /** Those who come next, first come first served. */
  readonly waiting: (() => void)[];
  readonly turn: Turn;
}

export class Committers {
  readonly #queues = new Map<SessionId, Queue>();

  /** Runs `act` when all earlier turns of this session are over. */
  async take<T>(id: SessionId, act: (turn: Turn) => Promise<T>): Promise<T> {
    const busy = this.#queues.get(id);
    const queue = busy ?? { waiting: [], turn: { latest: null } };
    if (busy) await new Promise<void>((resolve) => busy.waiting.push(resolve));
    else this.#queues.set(id, queue);
    try {
      return await act(queue.turn);
    } finally {
      const next = queue.waiting.shift();
      if (next) next();
      else {
        this.#queues.delete(id);
        queue.turn.latest = null; // tables that the map has left behind hold the queue, see waiting-list.ts
      }
    }
  }
}
