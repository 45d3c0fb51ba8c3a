/** Every live session, a page at a time, for whoever moves them to a store of our own. */
import type { SessionId, SessionRecord } from "../../core/record.ts";
import { isSessionId } from "../../core/token.ts";
import type { CallOptions, Page, Scanned } from "../contract.ts";
import { placeOfScan } from "../cursor.ts";
import { isDamaged } from "./entry.ts";
import { idIn, type Rows, rowKey } from "./rows.ts";
import type { Turns } from "./turns.ts";

export class Scanning {
  readonly #turns: Turns;
  readonly #rows: Rows;
  /** In order. Listed anew where a scan begins: some stores read all they have to do it. */
  #ids: readonly SessionId[] | null = null;

  constructor(turns: Turns, rows: Rows) {
    this.#turns = turns;
    this.#rows = rows;
  }

  async page(call: CallOptions & Page): Promise<Scanned> {
    const after = placeOfScan(call.after);
    if (call.after === undefined || this.#ids === null) this.#ids = await this.#list(call);
    const begin = this.#ids.findIndex((id) => after === null || id > after);
    const ids = begin < 0 ? [] : this.#ids.slice(begin, begin + call.limit);
    const sessions: SessionRecord[] = [];
    let damaged = 0;
    for (const id of ids) {
      try {
        const record = await this.#read(id, call);
        if (record) sessions.push(record);
      } catch (error) {
        if (!isDamaged(error)) throw error;
        damaged += 1;
      }
    }
    const last = ids.at(-1);
    const isOver = last === undefined || last === this.#ids.at(-1);
    if (isOver) this.#ids = null;
    return { sessions, damaged, after: isOver ? null : last };
  }

  async #list({ signal }: CallOptions): Promise<readonly SessionId[]> {
    const ids = (await this.#turns.keys(signal)).map(idIn).filter((id) => id !== null);
    return ids.filter(isSessionId).toSorted((one, other) => (one < other ? -1 : 1));
  }

  #read(id: SessionId, call: CallOptions): Promise<SessionRecord | null> {
    return this.#turns.share(rowKey(id), call.signal, async (turn) => {
      const row = await this.#rows.read(turn, id, call);
      if (!row || "ended" in row || (await this.#rows.overBy(row, call))) return null;
      return row.record;
    });
  }
}
