/**
 * The rows of each user in a ring, newest login first, and those of all visitors in one more, last used first. Links
 * in the rows themselves cost 16 bytes a session; a Set for each user would cost ten times that.
 */
import { createdAtOf, type Row } from "./row.ts";

export class Rings {
  /** The first row of each ring. `null` is the key of the visitors' ring. */
  readonly #heads = new Map<string | null, Row>();

  /** In its order: a user's by `createdAt`, then id; a visitor's as the one used last. */
  add(row: Row): void {
    const head = this.#heads.get(row.userId);
    if (head === undefined) {
      row.next = row; // it may have been in a ring before
      row.previous = row;
      this.#heads.set(row.userId, row);
      return;
    }
    if (row.userId === null || isBefore(row, head)) {
      link(row, head);
      this.#heads.set(row.userId, row);
      return;
    }
    let behind = head.next;
    while (behind !== head && !isBefore(row, behind)) behind = behind.next;
    link(row, behind);
  }

  remove(row: Row): void {
    if (row.next === row) {
      this.#heads.delete(row.userId);
      return;
    }
    if (this.#heads.get(row.userId) === row) this.#heads.set(row.userId, row.next);
    row.previous.next = row.next;
    row.next.previous = row.previous;
  }

  /** A visitor came back: its session is the last to be given up. */
  used(row: Row): void {
    if (row.userId !== null || this.#heads.get(null) === row) return;
    this.remove(row);
    this.add(row);
  }

  /** A user's rows in order, as they are now. */
  of(userId: string): Row[] {
    const head = this.#heads.get(userId);
    if (head === undefined) return [];
    const rows = [head];
    for (let row = head.next; row !== head; row = row.next) rows.push(row);
    return rows;
  }

  leastUsedVisitor(): Row | undefined {
    return this.#heads.get(null)?.previous;
  }

  clear(): void {
    this.#heads.clear();
  }
}

function isBefore(row: Row, other: Row): boolean {
  const at = createdAtOf(row);
  const otherAt = createdAtOf(other);
  return at > otherAt || (at === otherAt && row.id < other.id);
}

function link(row: Row, behind: Row): void {
  row.next = behind;
  row.previous = behind.previous;
  behind.previous.next = row;
  behind.previous = row;
}
