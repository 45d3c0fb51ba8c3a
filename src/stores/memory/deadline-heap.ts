/**
 * Rows ordered by the earliest time at which they want to be looked at (a binary heap). That time may be too early,
 * never too late: a deadline that moves away costs nothing until it would have come. The place of each is known, so that
 * one that ends leaves nothing behind, and an idle sweep looks at one row only.
 */
import type { Instant } from "../../core/record.ts";
import { Column, NONE } from "./column.ts";

export class DeadlineHeap {
  // Apart from the rows, so that the engine keeps them as plain doubles.
  readonly #times: Instant[] = [];
  readonly #rows = new Column();
  /** Of each row. */
  readonly #places = new Column();

  /** The row to be looked at first, if its time has come; else `NONE`. */
  due(now: Instant): number {
    return this.#times.length > 0 && now >= this.#at(0) ? this.#rows.at(0) : NONE;
  }

  add(row: number, time: Instant): void {
    this.#put(this.#times.length, row, time);
    this.#rise(row, time);
  }

  /** Gives a row a later time. */
  postpone(row: number, time: Instant): void {
    this.#sink(row, time);
  }

  remove(row: number): void {
    const place = this.#places.at(row);
    const last = this.#rows.at(this.#times.length - 1);
    const time = this.#times.pop();
    if (time === undefined || last === row) return;
    this.#put(place, last, time);
    this.#rise(last, time);
    this.#sink(last, time);
  }

  clear(): void {
    this.#times.length = 0;
    this.#rows.clear();
    this.#places.clear();
  }

  #put(place: number, row: number, time: Instant): void {
    this.#times[place] = time;
    this.#rows.put(place, row);
    this.#places.put(row, place);
  }

  #rise(row: number, time: Instant): void {
    let place = this.#places.at(row);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = this.#at(above);
      if (other <= time) break;
      this.#put(place, this.#rows.at(above), other);
      place = above;
    }
    this.#put(place, row, time);
  }

  #sink(row: number, time: Instant): void {
    let place = this.#places.at(row);
    for (;;) {
      const left = 2 * place + 1;
      const below = this.#at(left + 1) < this.#at(left) ? left + 1 : left;
      const other = this.#at(below);
      if (other >= time) break;
      this.#put(place, this.#rows.at(below), other);
      place = below;
    }
    this.#put(place, row, time);
  }

  #at(place: number): Instant {
    return this.#times[place] ?? Number.POSITIVE_INFINITY;
  }
}
