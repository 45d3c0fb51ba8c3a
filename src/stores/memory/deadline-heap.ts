/**
 * Items ordered by the earliest time at which they want to be looked at (a binary heap). That time may be too early,
 * never too late: a deadline that moves away costs nothing until it would have come. Each item knows its place, so that
 * one that ends leaves nothing behind, and an idle sweep looks at one item only.
 */
import type { Instant } from "../../core/record.ts";

interface Placed {
  place: number;
}

export class DeadlineHeap<Item extends Placed> {
  // Apart from the items, so that the engine keeps them as plain doubles.
  readonly #times: Instant[] = [];
  readonly #items: Item[] = [];

  /** The item to be looked at first, if its time has come. */
  due(now: Instant): Item | undefined {
    return now >= this.#at(0) ? this.#items[0] : undefined;
  }

  add(item: Item, time: Instant): void {
    this.#put(this.#items.length, item, time);
    this.#rise(item, time);
  }

  /** Gives an item a later time. */
  postpone(item: Item, time: Instant): void {
    this.#sink(item, time);
  }

  remove(item: Item): void {
    const { place } = item;
    const last = this.#items.pop();
    const time = this.#times.pop();
    if (last === undefined || time === undefined || last === item) return;
    this.#put(place, last, time);
    this.#rise(last, time);
    this.#sink(last, time);
  }

  clear(): void {
    this.#times.length = 0;
    this.#items.length = 0;
  }

  #put(place: number, item: Item, time: Instant): void {
    this.#items[place] = item;
    this.#times[place] = time;
    item.place = place;
  }

  #rise(item: Item, time: Instant): void {
    let { place } = item;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#items[above];
      const other = this.#at(above);
      if (parent === undefined || other <= time) break;
      this.#put(place, parent, other);
      place = above;
    }
    this.#put(place, item, time);
  }

  #sink(item: Item, time: Instant): void {
    let { place } = item;
    for (;;) {
      const left = 2 * place + 1;
      const below = this.#at(left + 1) < this.#at(left) ? left + 1 : left;
      const child = this.#items[below];
      const other = this.#at(below);
      if (child === undefined || other >= time) break;
      this.#put(place, child, other);
      place = below;
    }
    this.#put(place, item, time);
  }

  #at(place: number): Instant {
    return this.#times[place] ?? Number.POSITIVE_INFINITY;
  }
}
