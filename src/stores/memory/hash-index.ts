/**
 * Rows by a hash of something in them, in 8 bytes for a place: hash and row side by side, the row in the first free
 * place from that of its hash on. A Map would take four times that, and the keys besides.
 */
import { NONE } from "./column.ts";

const LEAST = 16;
/** More are tried one after the other as it fills. */
const FULLEST = 0.7;

export class HashIndex {
  #hashes = new Int32Array(LEAST);
  #rows = new Int32Array(LEAST).fill(NONE);
  #size = 0;

  /** The row of this hash for which `isIt`, else `NONE`. */
  find(hash: number, isIt: (row: number) => boolean): number {
    for (let place = this.#home(hash); ; place = this.#after(place)) {
      const row = this.#rowAt(place);
      if (row === NONE || (this.#hashAt(place) === hash && isIt(row))) return row;
    }
  }

  add(hash: number, row: number): void {
    if (this.#size >= this.#rows.length * FULLEST) this.#grow();
    this.#size += 1;
    this.#put(hash, row);
  }

  /** Another row for one that is there. */
  replace(hash: number, row: number, by: number): void {
    this.#rows[this.#placeOf(hash, row)] = by;
  }

  /** Those behind it move up, so that none is cut off from the place of its hash. */
  remove(hash: number, row: number): void {
    let gap = this.#placeOf(hash, row);
    this.#size -= 1;
    for (let place = this.#after(gap); this.#rowAt(place) !== NONE; place = this.#after(place)) {
      if (this.#distance(this.#home(this.#hashAt(place)), place) < this.#distance(gap, place)) continue;
      this.#hashes[gap] = this.#hashAt(place);
      this.#rows[gap] = this.#rowAt(place);
      gap = place;
    }
    this.#rows[gap] = NONE;
  }

  clear(): void {
    this.#hashes = new Int32Array(LEAST);
    this.#rows = new Int32Array(LEAST).fill(NONE);
    this.#size = 0;
  }

  #grow(): void {
    const [hashes, rows] = [this.#hashes, this.#rows];
    this.#hashes = new Int32Array(2 * rows.length);
    this.#rows = new Int32Array(2 * rows.length).fill(NONE);
    for (const [place, row] of rows.entries()) if (row !== NONE) this.#put(hashes[place] ?? 0, row);
  }

  #put(hash: number, row: number): void {
    let place = this.#home(hash);
    while (this.#rowAt(place) !== NONE) place = this.#after(place);
    this.#hashes[place] = hash;
    this.#rows[place] = row;
  }

  #placeOf(hash: number, row: number): number {
    let place = this.#home(hash);
    while (this.#rowAt(place) !== row) place = this.#after(place);
    return place;
  }

  #home(hash: number): number {
    return hash & (this.#rows.length - 1);
  }

  #after(place: number): number {
    return (place + 1) & (this.#rows.length - 1);
  }

  #distance(from: number, to: number): number {
    return (to - from) & (this.#rows.length - 1);
  }

  #rowAt(place: number): number {
    return this.#rows[place] ?? NONE;
  }

  #hashAt(place: number): number {
    return this.#hashes[place] ?? 0;
  }
}
