/** Freeing what is past its time, in stores where nothing else does: a slice of the keys at a time. */
import type { Instant, SessionId } from "../../core/record.ts";
import { type CallOptions, type SweepResult, TOMBSTONE_MS } from "../contract.ts";
import { isDamaged } from "./entry.ts";
import type { Foreign } from "./foreign.ts";
import { idIn, type Rows, rowKey } from "./rows.ts";
import type { Turns } from "./turns.ts";

/** Most rows looked at in one slice, whatever is found. */
const LOOKS = 1000;

export class Sweeping {
  readonly #foreign: Foreign;
  readonly #turns: Turns;
  readonly #rows: Rows;
  /** Before when no look at a row is worth it: deadlines only move on. */
  #due = new Map<SessionId, Instant>();
  #left: SessionId[] = [];

  constructor(foreign: Foreign, turns: Turns, rows: Rows) {
    this.#foreign = foreign;
    this.#turns = turns;
    this.#rows = rows;
  }

  /** Ends `limit` at most. */
  async slice(call: CallOptions & { readonly limit: number }): Promise<SweepResult> {
    if (!this.#foreign.sweeps) return { removed: 0, more: false };
    if (this.#left.length === 0) await this.#list(call);
    let removed = 0;
    for (let look = 0; look < LOOKS && removed < call.limit; look++) {
      const id = this.#left.pop();
      if (id === undefined) break;
      if (await this.#lookIfReadable(id, call)) removed += 1;
    }
    return { removed, more: this.#left.length > 0 };
  }

  /** A row that cannot be read is left alone, and does not keep the others from being freed. */
  async #lookIfReadable(id: SessionId, call: CallOptions): Promise<boolean> {
    try {
      return await this.#look(id, call);
    } catch (error) {
      if (!isDamaged(error)) throw error;
      this.#due.set(id, call.now + TOMBSTONE_MS);
      return false;
    }
  }

  /** Whether that ended a session. */
  #look(id: SessionId, call: CallOptions): Promise<boolean> {
    return this.#turns.alone(rowKey(id), call.signal, async (turn) => {
      const before = await this.#rows.read(turn, id, call);
      if (before === null) {
        this.#due.delete(id);
        await turn.remove(rowKey(id)); // an end that has had its time
        return false;
      }
      const left = "ended" in before ? before : await this.#rows.live(turn, id, call);
      if (left && "record" in left) {
        this.#due.set(id, Math.min(left.record.idleUntil, left.record.absoluteUntil));
        return false;
      }
      this.#due.set(id, (left?.at ?? call.now) + TOMBSTONE_MS);
      return "record" in before;
    });
  }

  async #list({ now, signal }: CallOptions): Promise<void> {
    const ids = (await this.#turns.keys(signal)).map(idIn).filter((id) => id !== null);
    const known = this.#due;
    this.#due = new Map(ids.map((id) => [id, known.get(id) ?? 0]));
    this.#left = ids.filter((id) => (this.#due.get(id) ?? 0) <= now);
  }
}
