/**
 * The names in one folder of a schedule, gone through a piece at a time and never kept or sorted: in a minute with very
 * many logins there are hundreds of thousands, and all of them at once would hold the event loop for seconds. So within
 * a minute they come out in no order.
 */
import type { Instant } from "../../core/record.ts";
import type { Disk } from "./disk.ts";
import { fromSortable, sortable } from "./sortable.ts";

/** `s` and the file name of a session, or `m` and that of a revocation mark. */
export type Subject = `${"s" | "m"}${string}`;

export interface Due {
  readonly at: Instant;
  readonly subject: Subject;
}

export const BUCKET_MS = 60_000;
/** Names in a piece: less than a millisecond on most disks. */
export const PIECE = 512;
const MARK = /^([0-9a-f]{16})-([sm][0-9a-f]{32})$/;

export class Bucket {
  readonly number: number;
  readonly #disk: Disk;
  readonly #path: string;
  /** The pass through the folder that is under way, and what is left of its last piece. */
  #pass: Generator<string[], void> | null = null;
  #piece: string[] = [];
  /** Whether this pass, or the last one, handed something out. */
  #hasTaken = false;
  /** The earliest that passes have left behind, or that was added since the last one began: when to begin another. */
  #nextAt: Instant = Number.NEGATIVE_INFINITY;
  #restsUntil: Instant = Number.NEGATIVE_INFINITY;

  constructor(disk: Disk, folder: string, number: number) {
    this.number = number;
    this.#disk = disk;
    this.#path = `${folder}/${number}`;
  }

  /** When `peek` has found nothing: whether nothing will be due later either. */
  get isEmpty(): boolean {
    return this.#nextAt === Number.POSITIVE_INFINITY;
  }

  /** One that is due; `"reading"` after a piece was read and more are to come; `null` when nothing is due. */
  peek(now: Instant): Due | "reading" | null {
    for (;;) {
      for (let name = this.#piece.at(-1); name !== undefined; name = this.#piece.at(-1)) {
        const due = this.#parse(name);
        if (due && due.at <= now) return due;
        this.#piece.pop();
        if (due) this.add(due.at); // else no name of ours
      }
      if (!this.#pass && (this.#nextAt > now || this.#restsUntil > now)) return null;
      this.#readOn();
      if (this.#pass) return "reading";
    }
  }

  /** Takes out what `peek` saw. */
  pop(): void {
    this.#piece.pop();
    this.#hasTaken = true;
  }

  /** Something was put into the folder. A pass that is under way may meet it or not. */
  add(at: Instant): void {
    this.#nextAt = Math.min(this.#nextAt, at);
  }

  /**
   * Removes the folder, when `isEmpty`. `false`: there has to be another pass, since something is left in it, and a file
   * system may skip names when others are removed meanwhile. What a pass that took nothing leaves is none of ours.
   */
  remove(): boolean {
    if (this.#disk.removeEmpty(this.#path) || !this.#hasTaken) return true;
    this.#nextAt = Number.NEGATIVE_INFINITY;
    return false;
  }

  /** Gives up what has not been read. */
  close(): void {
    this.#pass?.return();
    this.#pass = null;
  }

  /**
   * A pass through a crowd takes so long that more is due at its end. So before the minute is over there is one, and
   * not one after the other.
   */
  #readOn(): void {
    const isCrowded = this.#pass !== null;
    if (!this.#pass) {
      this.#pass = this.#disk.pieces(this.#path, PIECE);
      this.#hasTaken = false;
      this.#nextAt = Number.POSITIVE_INFINITY;
    }
    const { done, value } = this.#pass.next();
    this.#piece = value ?? [];
    if (!done && this.#piece.length === PIECE) return;
    this.close();
    if (isCrowded) this.#restsUntil = (this.number + 1) * BUCKET_MS;
  }

  /** `null` for a name that is none of ours, or that belongs into another folder. */
  #parse(name: string): Due | null {
    const [, text, subject] = MARK.exec(name) ?? [];
    if (!text || !subject) return null;
    const at = fromSortable(text);
    return bucketOf(at) === this.number ? { at, subject: subject as Subject } : null;
  }
}

/** The minute that an instant lies in. */
export function bucketOf(at: Instant): number {
  return Math.floor(at / BUCKET_MS);
}

export function nameOf(subject: Subject, at: Instant): string {
  return `${sortable(at)}-${subject}`;
}
