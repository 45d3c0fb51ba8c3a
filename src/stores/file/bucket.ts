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
  /** The earliest that passes have left behind, or that was added since the last one began: when to begin another. */
  #nextAt: Instant = Number.NEGATIVE_INFINITY;

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
        const due = parse(name);
        if (due && due.at <= now) return due;
        this.#piece.pop();
        if (due) this.add(due.at); // else no name of ours
      }
      if (!this.#pass && this.#nextAt > now) return null;
      this.#readOn();
      if (this.#pass) return "reading";
    }
  }

  /** Takes out what `peek` saw. */
  pop(): void {
    this.#piece.pop();
  }

  /** Something was put into the folder. A pass that is under way may meet it or not. */
  add(at: Instant): void {
    this.#nextAt = Math.min(this.#nextAt, at);
  }

  /** Gives up what has not been read. */
  close(): void {
    this.#pass?.return();
    this.#pass = null;
  }

  #readOn(): void {
    if (!this.#pass) {
      this.#pass = this.#disk.pieces(this.#path, PIECE);
      this.#nextAt = Number.POSITIVE_INFINITY;
    }
    const { done, value } = this.#pass.next();
    this.#piece = value ?? [];
    if (done || this.#piece.length < PIECE) this.close();
  }
}

export function nameOf(subject: Subject, at: Instant): string {
  return `${sortable(at)}-${subject}`;
}

function parse(name: string): Due | null {
  const [, at, subject] = MARK.exec(name) ?? [];
  return at && subject ? { at: fromSortable(at), subject: subject as Subject } : null;
}
