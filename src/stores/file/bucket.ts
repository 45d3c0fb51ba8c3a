/**
 * The names in one folder of a schedule, read a piece at a time: in a minute with very many logins there are hundreds
 * of thousands, and reading and sorting them at once would hold the event loop for seconds. They are kept by the second
 * they are due in, and a second is sorted when its first name is asked for.
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
const SECOND_MS = 1000;
const SECONDS = BUCKET_MS / SECOND_MS;
/** Names in a piece: less than a millisecond on most disks. */
export const PIECE = 512;
const MARK = /^([0-9a-f]{16})-([sm][0-9a-f]{32})$/;

/** In descending order once `isSorted`, and each there once. */
interface Second {
  names: string[];
  isSorted: boolean;
}

export class Bucket {
  readonly number: number;
  readonly #pieces: Generator<string[]>;
  readonly #seconds: Second[] = Array.from({ length: SECONDS }, () => ({ names: [], isSorted: false }));
  /** No second before it has names. */
  #first = 0;

  constructor(disk: Disk, folder: string, number: number) {
    this.number = number;
    this.#pieces = disk.pieces(`${folder}/${number}`, PIECE);
  }

  /** Reads the next piece; `false` when it was the last, and from then on. What is added meanwhile may be met a second time. */
  read(): boolean {
    const { done, value } = this.#pieces.next();
    if (done) return false;
    for (const name of value) {
      const due = parse(name);
      if (due) this.#secondOf(due.at).names.push(name); // else no name of ours
    }
    if (value.length < PIECE) this.close();
    return value.length === PIECE;
  }

  /** Gives up what has not been read. */
  close(): void {
    this.#pieces.return(undefined);
  }

  /** The earliest; asked for when all was read. */
  peek(): Due | null {
    const name = this.#earliest()?.at(-1);
    return name === undefined ? null : parse(name);
  }

  /** Takes out what `peek` saw. */
  pop(): void {
    this.#earliest()?.pop();
  }

  add(subject: Subject, at: Instant): void {
    const second = this.#secondOf(at);
    const name = nameOf(subject, at);
    if (second.isSorted) insert(second.names, name);
    else second.names.push(name);
  }

  #earliest(): string[] | null {
    for (; this.#first < SECONDS; this.#first++) {
      const second = this.#seconds[this.#first];
      if (!second || second.names.length === 0) continue;
      if (!second.isSorted) {
        second.names = [...new Set(second.names)].sort().reverse();
        second.isSorted = true;
      }
      return second.names;
    }
    return null;
  }

  /** The one that `at` lies in, which something is about to be put into. */
  #secondOf(at: Instant): Second {
    const index = Math.floor((at - this.number * BUCKET_MS) / SECOND_MS);
    const inside = Math.min(Math.max(index, 0), SECONDS - 1);
    this.#first = Math.min(this.#first, inside);
    return this.#seconds[inside] as Second;
  }
}

/** Keeps the descending order; a name that is there already stays single. */
function insert(names: string[], name: string): void {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((names[middle] ?? "") > name) low = middle + 1;
    else high = middle;
  }
  if (names[low] !== name) names.splice(low, 0, name);
}

export function nameOf(subject: Subject, at: Instant): string {
  return `${sortable(at)}-${subject}`;
}

function parse(name: string): Due | null {
  const [, at, subject] = MARK.exec(name) ?? [];
  return at && subject ? { at: fromSortable(at), subject: subject as Subject } : null;
}
