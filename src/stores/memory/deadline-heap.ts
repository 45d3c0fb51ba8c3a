/**
 * Rows ordered by deadline, the earliest on top (a binary heap). Each row knows its place, so that one that ends or
 * moves leaves nothing behind: a sweep looks at expired rows only and costs nothing when there are none.
 */
import type { Instant } from "../../core/record.ts";

interface Placed {
  place: number;
}

export class DeadlineHeap<Item extends Placed> {
  // Apart from the items, so that the engine keeps them as plain doubles.
  readonly #deadlines: Instant[] = [];
  readonly #items: Item[] = [];

  /** The item with the earliest deadline if that has come. */
  due(now: Instant): Item | undefined {
    return now >= (this.#deadlines[0] ?? Number.POSITIVE_INFINITY) ? this.#items[0] : undefined;
  }

  deadlineOf(item: Item): Instant {
    return this.#deadlines[item.place] ?? Number.NEGATIVE_INFINITY;
  }

  add(item: Item, deadline: Instant): void {
    this.#put(this.#items.length, item, deadline);
    this.#rise(item, deadline);
  }

  move(item: Item, deadline: Instant): void {
    this.#deadlines[item.place] = deadline;
    this.#rise(item, deadline);
    this.#sink(item, deadline);
  }

  remove(item: Item): void {
    const { place } = item;
    const last = this.#items.pop();
    const deadline = this.#deadlines.pop();
    if (last === undefined || deadline === undefined || last === item) return;
    this.#put(place, last, deadline);
    this.#rise(last, deadline);
    this.#sink(last, deadline);
  }

  clear(): void {
    this.#deadlines.length = 0;
    this.#items.length = 0;
  }

  #put(place: number, item: Item, deadline: Instant): void {
    this.#items[place] = item;
    this.#deadlines[place] = deadline;
    item.place = place;
  }

  #rise(item: Item, deadline: Instant): void {
    let { place } = item;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#items[above];
      const other = this.#deadlines[above];
      if (parent === undefined || other === undefined || other <= deadline) break;
      this.#put(place, parent, other);
      place = above;
    }
    this.#put(place, item, deadline);
  }

  #sink(item: Item, deadline: Instant): void {
    let { place } = item;
    for (;;) {
      const left = 2 * place + 1;
      const right = left + 1;
      const below = this.#at(right) < this.#at(left) ? right : left;
      const child = this.#items[below];
      const other = this.#at(below);
      if (child === undefined || other >= deadline) break;
      this.#put(place, child, other);
      place = below;
    }
    this.#put(place, item, deadline);
  }

  #at(place: number): Instant {
    return this.#deadlines[place] ?? Number.POSITIVE_INFINITY;
  }
}
