/**
 * The rows of each user in a ring, newest login first, and those of all visitors in one more, last used first. Links
 * cost 8 bytes a session; a Set for each user would cost twenty times that.
 */
import { Column, NONE } from "./column.ts";
import { HashIndex } from "./hash-index.ts";
import { isBefore, type Packed, userIn } from "./packed.ts";

export interface RingOptions {
  /** What stands in a row. */
  readonly packedAt: (row: number) => Packed;
  /** 32 bits that nobody outside can foresee, so that nobody can choose names that fall together. */
  readonly hashOf: (userId: string) => number;
}

export class Rings {
  readonly #options: RingOptions;
  readonly #next = new Column();
  readonly #previous = new Column();
  /** The first row of each user's ring. */
  readonly #heads = new HashIndex();
  #visitors = NONE;

  constructor(options: RingOptions) {
    this.#options = options;
  }

  /** In its order: a user's by `createdAt`, then id; a visitor's as the one used last. */
  add(row: number, userId: string | null): void {
    const head = this.#headOf(userId);
    if (head === NONE) {
      this.#next.put(row, row);
      this.#previous.put(row, row);
      if (userId === null) this.#visitors = row;
      else this.#heads.add(this.#options.hashOf(userId), row);
    } else if (userId === null || this.#isBefore(row, head)) {
      this.#link(row, head);
      this.#lead(userId, head, row);
    } else {
      let behind = this.#next.at(head);
      while (behind !== head && !this.#isBefore(row, behind)) behind = this.#next.at(behind);
      this.#link(row, behind);
    }
  }

  remove(row: number, userId: string | null): void {
    const next = this.#next.at(row);
    const previous = this.#previous.at(row);
    if (next === row) {
      if (userId === null) this.#visitors = NONE;
      else this.#heads.remove(this.#options.hashOf(userId), row);
      return;
    }
    if (this.#headOf(userId) === row) this.#lead(userId, row, next);
    this.#next.put(previous, next);
    this.#previous.put(next, previous);
  }

  /** A visitor came back: its session is the last to be given up. */
  used(row: number): void {
    if (this.#visitors === row) return;
    this.remove(row, null);
    this.add(row, null);
  }

  /** A user's rows in order, as they are now. */
  of(userId: string): number[] {
    const head = this.#headOf(userId);
    if (head === NONE) return [];
    const rows = [head];
    for (let row = this.#next.at(head); row !== head; row = this.#next.at(row)) rows.push(row);
    return rows;
  }

  /** `NONE` when there is no visitor. */
  leastUsedVisitor(): number {
    return this.#visitors === NONE ? NONE : this.#previous.at(this.#visitors);
  }

  clear(): void {
    this.#next.clear();
    this.#previous.clear();
    this.#heads.clear();
    this.#visitors = NONE;
  }

  #headOf(userId: string | null): number {
    if (userId === null) return this.#visitors;
    const { hashOf, packedAt } = this.#options;
    return this.#heads.find(hashOf(userId), (row) => userIn(packedAt(row)) === userId);
  }

  #lead(userId: string | null, head: number, by: number): void {
    if (userId === null) this.#visitors = by;
    else this.#heads.replace(this.#options.hashOf(userId), head, by);
  }

  #isBefore(row: number, other: number): boolean {
    const { packedAt } = this.#options;
    return isBefore(packedAt(row), packedAt(other));
  }

  #link(row: number, behind: number): void {
    const previous = this.#previous.at(behind);
    this.#next.put(row, behind);
    this.#previous.put(row, previous);
    this.#next.put(previous, row);
    this.#previous.put(behind, row);
  }
}
