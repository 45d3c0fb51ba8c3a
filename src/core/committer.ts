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

const LISTS = 64;
/** The last character of an id but one: all its bits are random in every store. */
const RANDOM_CHARACTER = 20;

export class Committers {
  /** Each in the list that its id names. Lists and no Map: see waiting-list.ts. */
  readonly #underWay: readonly Turn[][] = Array.from({ length: LISTS }, () => []);

  /** Comes when all earlier turns of this session are over, at once where there is none. Whoever enters has to leave. */
  enter(id: SessionId): Turn | Promise<Turn> {
    const list = this.#listOf(id);
    for (const busy of list) {
      if (busy.id === id) return new Promise((resolve) => busy.waiting.push(resolve));
    }
    const turn: Turn = { id, latest: null, waiting: [] };
    list.push(turn);
    return turn;
  }

  leave(turn: Turn): void {
    const next = turn.waiting.shift();
    if (next) next(turn);
    else {
      const list = this.#listOf(turn.id);
      list.splice(list.indexOf(turn), 1);
    }
  }

  #listOf(id: SessionId): Turn[] {
    return this.#underWay[id.charCodeAt(RANDOM_CHARACTER) & (LISTS - 1)] as Turn[];
  }
}
