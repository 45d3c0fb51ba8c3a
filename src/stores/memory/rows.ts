/** The sessions by number and by id. The number of one that ended is given to another. */
import type { SessionId, SessionRecord } from "../../core/record.ts";
import { NONE } from "./column.ts";
import { HashIndex } from "./hash-index.ts";
import { idIn, isOfId, type Packed, pack } from "./packed.ts";

/** Where nothing is. */
const VOID = "";

export class Rows {
  readonly #packed: Packed[] = [];
  readonly #free: number[] = [];
  readonly #byId = new HashIndex();

  get size(): number {
    return this.#packed.length - this.#free.length;
  }

  /** `NONE` when there is none. */
  find(id: SessionId): number {
    return this.#byId.find(hashOf(id), (row) => isOfId(this.at(row), id));
  }

  at(row: number): Packed {
    return this.#packed[row] ?? VOID;
  }

  add(record: SessionRecord): number {
    const row = this.#free.pop() ?? this.#packed.length;
    this.write(row, record);
    this.#byId.add(hashOf(record.id), row);
    return row;
  }

  write(row: number, record: SessionRecord): void {
    this.#packed[row] = pack(record);
  }

  remove(row: number): void {
    this.#byId.remove(hashOf(idIn(this.at(row))), row);
    this.#packed[row] = VOID;
    this.#free.push(row);
  }

  /** The first one after a row, `NONE` being before all; `NONE` after the last. */
  after(row: number): number {
    for (let next = row + 1; next < this.#packed.length; next++) if (this.at(next) !== VOID) return next;
    return NONE;
  }

  clear(): void {
    this.#packed.length = 0;
    this.#free.length = 0;
    this.#byId.clear();
  }
}

/** Ids are random already. */
function hashOf(id: SessionId): number {
  let hash = 0;
  for (let at = 0; at < 8; at++) hash = Math.imul(hash, 37) + id.charCodeAt(at);
  return hash | 0;
}
