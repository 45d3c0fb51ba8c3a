/** A session in a foreign store: read with what revokes it, ended, written. The caller has the turn. */
import {
  type Ended,
  expiryReason,
  headerOf,
  isLive,
  type SessionId,
  type SessionRecord,
  type Version,
} from "../../core/record.ts";
import type { EndReason } from "../../errors.ts";
import { type CallOptions, TOMBSTONE_MS } from "../contract.ts";
import { decodeRow, encodeEnd, encodeRow, isDamaged, type Row } from "./entry.ts";
import { markAgainst, readMarks } from "./marks.ts";
import type { Turn, Turns } from "./turns.ts";

const PREFIX = "sojourn-session-";
/** How often a row that cannot be read is looked at again: it may be in the middle of being written elsewhere. */
const LOOKS = 3;

export function rowKey(id: SessionId): string {
  return PREFIX + id;
}

/** `null` for keys of anything else. */
export function idIn(key: string): SessionId | null {
  return key.startsWith(PREFIX) ? key.slice(PREFIX.length) : null;
}

export class Rows {
  readonly #turns: Turns;

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  /** As stored, whatever its deadlines and marks say; an end past its time is `null`. */
  async read(turn: Turn, id: SessionId, { now }: CallOptions): Promise<Row | Ended | null> {
    for (let look = 1; ; look++) {
      try {
        const found = decodeRow(id, await turn.get(rowKey(id)));
        return found && "ended" in found && now >= found.at + TOMBSTONE_MS ? null : found;
      } catch (error) {
        if (look === LOOKS || !isDamaged(error)) throw error;
      }
    }
  }

  /** Why it is over although it is stored. */
  async overBy(row: Row, { now, signal }: CallOptions): Promise<Ended | null> {
    if (!isLive(row.record, now)) return { ended: expiryReason(row.record, now), at: now };
    const standing = await readMarks(this.#turns, row.record.userId, signal);
    const mark = markAgainst(row, standing);
    return mark && { ended: "revoked", at: mark.at };
  }

  /** The live row. One that is over is ended on the way. */
  async live(turn: Turn, id: SessionId, call: CallOptions): Promise<Row | Ended | null> {
    const row = await this.read(turn, id, call);
    if (!row || "ended" in row) return row;
    const over = await this.overBy(row, call);
    if (!over) return row;
    await this.end(turn, row.record, over, call);
    return call.now < over.at + TOMBSTONE_MS ? over : null;
  }

  /** Wipes it, and keeps the reason for ten minutes. */
  async end(turn: Turn, record: SessionRecord, end: Ended, call: CallOptions): Promise<void> {
    await this.endUnread(turn, record.id, end);
    call.onEnded?.(headerOf(record), end.ended);
  }

  /** The same for a row that cannot be read. */
  async endUnread(turn: Turn, id: SessionId, end: Ended): Promise<void> {
    await turn.set(rowKey(id), encodeEnd(id, end), TOMBSTONE_MS);
  }

  /** Ends it if it is live, and of this version where one is given. */
  async endLive(
    turn: Turn,
    id: SessionId,
    reason: EndReason,
    call: CallOptions & { readonly expected?: Version | undefined },
  ): Promise<"deleted" | "gone" | { readonly conflict: SessionRecord }> {
    const row = await this.live(turn, id, call);
    if (!row || "ended" in row) return "gone";
    if (call.expected !== undefined && row.record.version !== call.expected) return { conflict: row.record };
    await this.end(turn, row.record, { ended: reason, at: call.now }, call);
    return "deleted";
  }

  /** The engine frees it ten minutes after its deadline, so that a visitor who comes late is told why. */
  write(turn: Turn, row: Row, { now }: CallOptions): Promise<void> {
    const { id, idleUntil, absoluteUntil } = row.record;
    return turn.set(rowKey(id), encodeRow(row), Math.min(idleUntil, absoluteUntil) - now + TOMBSTONE_MS);
  }
}
