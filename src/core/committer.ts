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
  tail: Promise<void>;
  waiting: number;
  readonly turn: Turn;
}

export class Committers {
  readonly #queues = new Map<SessionId, Queue>();

  /** Runs `act` when all earlier turns of this session are over. */
  async take<T>(id: SessionId, act: (turn: Turn) => Promise<T>): Promise<T> {
    const queue = this.#queues.get(id) ?? { tail: Promise.resolve(), waiting: 0, turn: { latest: null } };
    this.#queues.set(id, queue);
    queue.waiting += 1;
    const before = queue.tail;
    let finish: () => void = () => {};
    queue.tail = new Promise((resolve) => {
      finish = resolve;
    });
    try {
      await before;
      return await act(queue.turn);
    } finally {
      finish();
      queue.waiting -= 1;
      if (queue.waiting === 0) this.#queues.delete(id);
    }
  }
}
