/** The rows of the memory store with everything that leads to them: by id, by user, by deadline. */
import {
  type Ended,
  expiryReason,
  headerOf,
  type Instant,
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

export class Table {
  readonly #rows = new Map<SessionId, Row>();
  readonly #deadlines = new DeadlineHeap<Row>();
  readonly #rings = new Rings();
  readonly #tombstones: Remembered<Ended>;
  readonly #maxSessions: number;

  constructor(maxSessions: number) {
    this.#maxSessions = maxSessions;
    this.#tombstones = new Remembered(TOMBSTONE_MS, maxSessions);
  }

  /** The row if it is live; one whose deadline has come ends here. */
  live(turn: Turn, id: SessionId): Row | undefined {
    const row = this.#rows.get(id);
    return row && this.#isLive(turn, row) ? row : undefined;
  }

  /** The live rows of a user, newest first. */
  liveOf(turn: Turn, userId: string): Row[] {
    return this.#rings.of(userId).filter((row) => this.#isLive(turn, row));
  }

  all(turn: Turn): Row[] {
    return [...this.#rows.values()].filter((row) => this.#isLive(turn, row));
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

  write(row: Row, record: SessionRecord): void {
    row.packed = pack(record);
    this.#rings.used(row);
    this.#deadlines.move(row, deadlineOf(record));
  }

  end(turn: Turn, row: Row, reason: EndReason): void {
    this.#rows.delete(row.id);
    this.#rings.remove(row);
    this.#deadlines.remove(row);
    this.#tombstones.set(row.id, { ended: reason, at: turn.now });
    turn.ended?.push([headerOf(unpack(row)), reason]);
  }

  /** Sees to it that one more fits, when `leaving` are about to end. */
  makeRoom(turn: Turn, leaving: number): void {
    if (this.#rows.size - leaving < this.#maxSessions) return;
    const due = this.#deadlines.due(turn.now);
    const visitor = this.#rings.leastUsedVisitor();
    if (due) this.#expire(turn, due);
    else if (visitor) this.end(turn, visitor, "limit");
    else {
      throw new StoreFault(
        "unavailable",
        `The memory store is full: ${this.#maxSessions} sessions, all of them signed in. Raise maxSessions.`,
      );
    }
  }

  sweep(turn: Turn, limit: number): SweepResult {
    let removed = 0;
    let due = this.#deadlines.due(turn.now);
    for (; due && removed < limit; due = this.#deadlines.due(turn.now)) {
      this.#expire(turn, due);
      removed += 1;
    }
    const more = this.#tombstones.forget(turn.now, limit);
    return { removed, more: due !== undefined || more };
  }

  clear(): void {
    this.#rows.clear();
    this.#rings.clear();
    this.#deadlines.clear();
    this.#tombstones.clear();
  }

  #isLive(turn: Turn, row: Row): boolean {
    if (turn.now < this.#deadlines.deadlineOf(row)) return true;
    this.#expire(turn, row);
    return false;
  }

  #expire(turn: Turn, row: Row): void {
    this.end(turn, row, expiryReason(unpack(row), turn.now));
  }
}

function deadlineOf(record: SessionRecord): Instant {
  return Math.min(record.idleUntil, record.absoluteUntil);
}
