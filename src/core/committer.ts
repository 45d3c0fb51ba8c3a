/**
 * One committer per session and process: commits of one session take turns, and each starts from what the one before
 * it stored. So parallel requests of one session cost no conflict inside a process, and the number of contenders in the
 * store is the number of processes (PROTOCOL P1).
 */
import type { SessionId, SessionRecord } from "./record.ts";

/** What the commits of one session hand on to each other, as long as any is under way. */
export interface Turn {
  readonly id: SessionId;
  /** What the previous turn stored, if it is known to be newer than what any waiting request loaded. */
  latest: SessionRecord | null;
  /** Those who come next, first come first served. */
  readonly waiting: ((turn: Turn) => void)[];
}

export class Committers {
  readonly #underWay = new Map<SessionId, Turn>();

  /** Comes when all earlier turns of this session are over, at once where there is none. Whoever enters has to leave. */
  enter(id: SessionId): Turn | Promise<Turn> {
    const busy = this.#underWay.get(id);
    if (busy) return new Promise((resolve) => busy.waiting.push(resolve));
    const turn: Turn = { id, latest: null, waiting: [] };
    this.#underWay.set(id, turn);
    return turn;
  }

  leave(turn: Turn): void {
    const next = turn.waiting.shift();
    if (next) next(turn);
    else {
      this.#underWay.delete(turn.id);
      turn.latest = null; // tables that the map has left behind hold the turn, see waiting-list.ts
    }
  }
}
