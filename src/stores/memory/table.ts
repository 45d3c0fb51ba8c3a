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
import { NONE } from "./column.ts";
import { DeadlineHeap } from "./deadline-heap.ts";
import { type Packed, unpack } from "./packed.ts";
import { Remembered } from "./remembered.ts";
import { Rings } from "./rings.ts";
import { Rows } from "./rows.ts";

/** One operation under way: its clock, and what it ended (`null` when nobody listens). */
export interface Turn {
  readonly now: Instant;
  readonly ended: [SessionHeader, EndReason][] | null;
}

/** A row and what it holds, read once. */
export interface Found {
  readonly row: number;
  readonly record: SessionRecord;
}

export class Table {
  readonly #rows = new Rows();
  readonly #deadlines = new DeadlineHeap();
  readonly #rings: Rings;
  readonly #tombstones: Remembered<Ended>;
  readonly #maxSessions: number;

  /** `hashOf`: see `RingOptions`. */
  constructor(maxSessions: number, hashOf: (userId: string) => number) {
    this.#maxSessions = maxSessions;
    this.#tombstones = new Remembered(TOMBSTONE_MS, maxSessions);
    this.#rings = new Rings({ packedAt: (row) => this.#rows.at(row), hashOf });
  }

  /** The session if it is live; one whose deadline has come ends here. */
  live(turn: Turn, id: SessionId): Found | undefined {
    const row = this.#rows.find(id);
    return row === NONE ? undefined : this.#read(turn, row, id);
  }

  /** The live sessions of a user, newest first. Rows that `isWanted` refuses are not looked at. */
  *liveOf(turn: Turn, userId: string, isWanted: (row: Packed) => boolean = () => true): Generator<Found> {
    for (const row of this.#rings.of(userId)) {
      const found = isWanted(this.#rows.at(row)) ? this.#read(turn, row) : undefined;
      if (found) yield found;
    }
  }

  /** The first session after a row, with its row; `null` after the last. `NONE` is before all. */
  next(row: number): Found | null {
    const next = this.#rows.after(row);
    return next === NONE ? null : { row: next, record: unpack(this.#rows.at(next)) };
  }

  tombstone(turn: Turn, id: SessionId): Ended | null {
    const found = this.#tombstones.get(id, turn.now);
    return found ? { ...found } : null;
  }

  insert(record: SessionRecord): void {
    const row = this.#rows.add(record);
    this.#rings.add(row, record.userId);
    this.#deadlines.add(row, deadlineOf(record));
  }

  /** Deadlines only move away, so the heap may learn of it when the old one comes. */
  write(row: number, record: SessionRecord): void {
    this.#rows.write(row, record);
    if (record.userId === null) this.#rings.used(row);
  }

  end(turn: Turn, { row, record }: Found, reason: EndReason): void {
    this.#rings.remove(row, record.userId);
    this.#rows.remove(row);
    this.#deadlines.remove(row);
    this.#bury(turn, record, reason);
  }

  endAll(turn: Turn, reason: EndReason): void {
    const records: SessionRecord[] = [];
    for (let found = this.next(NONE); found; found = this.next(found.row)) records.push(found.record);
    this.#rows.clear();
    this.#rings.clear();
    this.#deadlines.clear();
    for (const record of records) {
      this.#bury(turn, record, isLive(record, turn.now) ? reason : expiryReason(record, turn.now));
    }
  }

  /** Sees to it that one more fits, when `leaving` are about to end. */
  makeRoom(turn: Turn, leaving: number): void {
    if (this.#rows.size - leaving < this.#maxSessions) return;
    if (this.#endDue(turn, 1).removed > 0) return;
    const visitor = this.#rings.leastUsedVisitor();
    if (visitor === NONE) {
      throw new StoreFault(
        "unavailable",
        `The memory store is full: ${this.#maxSessions} sessions, all of them signed in. Raise maxSessions.`,
      );
    }
    this.end(turn, { row: visitor, record: unpack(this.#rows.at(visitor)) }, "limit");
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
  }

  /** Looks at rows whose time has come until `limit` of them have ended; the others get their new time. */
  #endDue(turn: Turn, limit: number): SweepResult {
    let removed = 0;
    for (let row = this.#deadlines.due(turn.now); row !== NONE; row = this.#deadlines.due(turn.now)) {
      if (removed === limit) return { removed, more: true };
      const found = this.#read(turn, row);
      if (found) this.#deadlines.postpone(row, deadlineOf(found.record));
      else removed += 1;
    }
    return { removed, more: false };
  }

  #read(turn: Turn, row: number, id?: SessionId): Found | undefined {
    const record = unpack(this.#rows.at(row), id);
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
