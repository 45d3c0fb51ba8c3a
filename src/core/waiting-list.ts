/**
 * Who waits for the store just now. A list, and no Set: one that things come to and go from at every request leaves old
 * tables behind, each of which holds the next one and all it knew until the collector's great round. That cost a writing
 * request a third of its time (docs/decisions/048-request-path.md).
 */
export interface Listed {
  /** Where it stands in the list, kept by the list. */
  place: number;
}

export class WaitingList<T extends Listed> {
  readonly #waiting: T[] = [];

  add(one: T): void {
    one.place = this.#waiting.length;
    this.#waiting.push(one);
  }

  /** Of one that was added and not removed since. */
  remove(one: T): void {
    const last = this.#waiting.pop();
    if (last === undefined || last === one) return;
    last.place = one.place;
    this.#waiting[one.place] = last;
  }

  /** As it is now, whoever comes and goes meanwhile. */
  all(): readonly T[] {
    return [...this.#waiting];
  }
}
