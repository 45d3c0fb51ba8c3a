/** A number for each row, in four bytes: what would take an object for each row otherwise. Grows as rows come. */

/** No row. */
export const NONE = -1;

export class Column {
  #values = new Int32Array(16);

  /** For places that were put. */
  at(place: number): number {
    return this.#values[place] ?? NONE;
  }

  put(place: number, value: number): void {
    if (place >= this.#values.length) {
      const longer = new Int32Array(Math.ceil(place * 1.25) + 16);
      longer.set(this.#values);
      this.#values = longer;
    }
    this.#values[place] = value;
  }

  clear(): void {
    this.#values = new Int32Array(16);
  }
}
