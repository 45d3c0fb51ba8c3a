/** The rows of the memory store with everything that leads to them: by id, by user, by deadline. */
import {
  type Ended,
  expiryReason,
  headerOf,
  type Instant,
  isLive,
  type SessionHeader,
  type SessionId,
  type SessionRecord,
} from "../../core/record.ts";
import { type EndReason, StoreFault } from "../../errors.ts";
import { type SweepResult, TOMBSTONE_MS } from "../contract.ts";
import { DeadlineHeap } from "./deadline-heap.ts";
import { Remembered } from "./remembered.ts";
import { Rings } from "./rings.ts";
import { pack, Row, unpack } from "./row.ts";

/** One operation under way: its clock, and what it ended (`null` when nobody listens). */
export interface Turn {
  readonly now: Instant;
  readonly ended: [SessionHeader, EndReason][] | null;
}

/** A row and what it holds, read once. */
export interface Found {
  readonly row: Row;
  readonly record: SessionRecord;
}

export class Table {
  readonly #rows = new Map<SessionId, Row>();
  readonly #deadlines = new DeadlineHeap<Row>();
  readonly #rings = new Rings();
  readonly #tombstones: Remembered<Ended>;
  readonly #maxSessions: number;
  /** The scan that went on last: a row, and those after it. */
  #walk: { readonly at: SessionId; readonly rest: MapIterator<Row> } | null = null;

  constructor(maxSessions: number) {
    this.#maxSessions = maxSessions;
    this.#tombstones = new Remembered(TOMBSTONE_MS, maxSessions);
  }

  /** The session if it is live; one whose deadline has come ends here. */
  live(turn: Turn, id: SessionId): Found | undefined {
    const row = this.#rows.get(id);
    return row && this.#read(turn, row);
  }

  /** The live sessions of a user, newest first. Rows that `isWanted` refuses are not looked at. */
  *liveOf(turn: Turn, userId: string, isWanted: (row: Row) => boolean = () => true): Generator<Found> {
    for (const row of this.#rings.of(userId)) {
      const found = isWanted(row) ? this.#read(turn, row) : undefined;
      if (found) yield found;
    }
  }

  /**
   * The next rows in the order in which they came, after the one with this id; from the first where that has gone. A
   * map has no place to start at, so a walk that goes on where it was is kept.
   */
  *rowsAfter(id: SessionId | null): Generator<Row> {
    const rest = id !== null && this.#walk?.at === id ? this.#walk.rest : this.#walkFrom(id);
    for (let next = rest.next(); !next.done; next = rest.next()) {
      this.#walk = { at: next.value.id, rest };
      yield next.value;
    }
    this.#walk = null;
  }

  #walkFrom(id: SessionId | null): MapIterator<Row> {
    const rest = this.#rows.values();
    if (id !== null && this.#rows.has(id)) while (rest.next().value?.id !== id);
    return rest;
  }

  tombstone(turn: Turn, id: SessionId): Ended | null {
    const found = this.#tombstones.get(id, turn.now);
    return found ? { ...found } : null;
  }

  insert(record: SessionRecord): void {
    const row = new Row(record);
    this.#rows.set(row.id, row);
    this.#rings.add(row);
    this.#deadlines.add(row, deadlineOf(record));
  }

  /** Deadlines only move away, so the heap may learn of it when the old one comes. */
  write(row: Row, record: SessionRecord): void {
    row.packed = pack(record);
    this.#rings.used(row);
  }

  end(turn: Turn, { row, record }: Found, reason: EndReason): void {
    this.#rows.delete(row.id);
    this.#rings.remove(row);
    this.#deadlines.remove(row);
    this.#bury(turn, record, reason);
  }

  endAll(turn: Turn, reason: EndReason): void {
    const rows = [...this.#rows.values()];
    this.#rows.clear();
    this.#rings.clear();
    this.#deadlines.clear();
    for (const row of rows) {
      const record = unpack(row);
      this.#bury(turn, record, isLive(record, turn.now) ? reason : expiryReason(record, turn.now));
    }
  }

  /** Sees to it that one more fits, when `leaving` are about to end. */
  makeRoom(turn: Turn, leaving: number): void {
    if (this.#rows.size - leaving < this.#maxSessions) return;
    if (this.#endDue(turn, 1).removed > 0) return;
    const visitor = this.#rings.leastUsedVisitor();
    if (!visitor) {
      throw new StoreFault(
        "unavailable",
        `The memory store is full: ${this.#maxSessions} sessions, all of them signed in. Raise maxSessions.`,
      );
    }
    this.end(turn, { row: visitor, record: unpack(visitor) }, "limit");
  }

  sweep(turn: Turn, limit: number): SweepResult {
    const { removed, more } = this.#endDue(turn, limit);
    const moreToForget = this.#tombstones.forget(turn.now, limit);
    return { removed, more: more || moreToForget };
  }

  clear(): void {
    this.#rows.clear();
    this.#rings.clear();
    this.#deadlines.clear();
    this.#tombstones.clear();
    this.#walk = null;
  }

  /** Looks at rows whose time has come until `limit` of them have ended; the others get their new time. */
  #endDue(turn: Turn, limit: number): SweepResult {
    let removed = 0;
    for (let row = this.#deadlines.due(turn.now); row; row = this.#deadlines.due(turn.now)) {
      if (removed === limit) return { removed, more: true };
      const found = this.#read(turn, row);
      if (found) this.#deadlines.postpone(row, deadlineOf(found.record));
      else removed += 1;
    }
    return { removed, more: false };
  }

  #read(turn: Turn, row: Row): Found | undefined {
    const record = unpack(row);
    const found = { row, record };
    if (isLive(record, turn.now)) return found;
    this.end(turn, found, expiryReason(record, turn.now));
    return undefined;
  }

  #bury(turn: Turn, record: SessionRecord, reason: EndReason): void {
    this.#tombstones.set(record.id, { ended: reason, at: turn.now });
    turn.ended?.push([headerOf(record), reason]);
  }
}

function deadlineOf(record: SessionRecord): Instant {
  return Math.min(record.idleUntil, record.absoluteUntil);
}
