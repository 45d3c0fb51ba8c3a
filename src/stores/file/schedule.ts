/**
 * When a sweep has to look at what: an empty file `due/<minute>/<instant>-<what>` for each session, and one in `left/`
 * for each tombstone and revocation mark. The name says it all, so that a sweep reads only what is due, and asks the
 * disk once a minute what that is. A mark is a hint to look, and looking decides; so saves and touches leave theirs
 * behind, and one too many costs one look.
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

const BUCKET_MS = 60_000;
const MARK = /^([0-9a-f]{16})-([sm][0-9a-f]{32})$/;

/** The marks of the earliest bucket, the next one last. */
interface OpenBucket {
  readonly bucket: number;
  readonly names: string[];
}

/** Apart, so that sessions whose time is over need not wait until all is forgotten that ended before. */
export interface Schedules {
  /** When sessions end. Folders of earlier versions have tombstones and revocation marks among them. */
  readonly deadlines: Schedule;
  /** When tombstones and revocation marks may be forgotten. */
  readonly leftovers: Schedule;
}

export function loadSchedules(disk: Disk): Schedules {
  const schedules = { deadlines: new Schedule(disk, "due"), leftovers: new Schedule(disk, "left") };
  for (const schedule of Object.values(schedules)) schedule.load();
  return schedules;
}

export class Schedule {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #buckets = new Set<number>();
  #open: OpenBucket | null = null;

  constructor(disk: Disk, folder: string) {
    this.#disk = disk;
    this.#folder = folder;
  }

  /** Learns from the disk what there is. */
  load(): void {
    this.#buckets.clear();
    this.#open = null;
    for (const name of this.#disk.list(this.#folder))
      if (/^-?\d{1,17}$/.test(name)) this.#buckets.add(Number(name));
  }

  add(subject: Subject, at: Instant): void {
    this.#disk.mark(this.#pathOf(subject, at));
    this.#added(subject, at);
  }

  /** From one instant to another; made if it was not there. */
  move(subject: Subject, from: Instant, to: Instant): void {
    this.moveTo(this, subject, from, to);
  }

  /** The same, into another schedule. */
  moveTo(other: Schedule, subject: Subject, from: Instant, to: Instant): void {
    if (other === this && from === to) return;
    this.#disk.moveMark(this.#pathOf(subject, from), other.#pathOf(subject, to));
    other.#added(subject, to);
  }

  remove(subject: Subject, at: Instant): void {
    this.#disk.remove(this.#pathOf(subject, at));
  }

  isDue(now: Instant): boolean {
    return this.#next(now) !== null;
  }

  /**
   * The earliest that is due; `null` when nothing is. It is handed out once, so it has to be moved or removed then,
   * and `load` called if that failed.
   */
  take(now: Instant): Due | null {
    const due = this.#next(now);
    if (due) this.#open?.names.pop();
    return due;
  }

  #next(now: Instant): Due | null {
    for (;;) {
      const open = this.#openEarliest(now);
      if (!open) return null;
      const name = open.names.at(-1);
      const due = name === undefined ? null : parse(name);
      if (due) return due.at <= now ? due : null;
      if (name === undefined) this.#close(open);
      else open.names.pop(); // not a name of ours
    }
  }

  /** The earliest bucket, if its minute has come. */
  #openEarliest(now: Instant): OpenBucket | null {
    if (this.#open) return this.#open;
    let first = Number.POSITIVE_INFINITY;
    for (const bucket of this.#buckets) if (bucket < first) first = bucket;
    if (first * BUCKET_MS > now) return null;
    this.#open = { bucket: first, names: this.#disk.list(`${this.#folder}/${first}`).sort().reverse() };
    return this.#open;
  }

  #close({ bucket }: OpenBucket): void {
    this.#disk.removeEmpty(`${this.#folder}/${bucket}`);
    this.#buckets.delete(bucket);
    this.#open = null;
  }

  #added(subject: Subject, at: Instant): void {
    const bucket = bucketOf(at);
    this.#buckets.add(bucket);
    if (!this.#open || bucket > this.#open.bucket) return;
    if (bucket < this.#open.bucket) this.#open = null;
    else insert(this.#open.names, nameOf(subject, at));
  }

  #pathOf(subject: Subject, at: Instant): string {
    return `${this.#folder}/${bucketOf(at)}/${nameOf(subject, at)}`;
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

function bucketOf(at: Instant): number {
  return Math.floor(at / BUCKET_MS);
}

function nameOf(subject: Subject, at: Instant): string {
  return `${sortable(at)}-${subject}`;
}

function parse(name: string): Due | null {
  const [, at, subject] = MARK.exec(name) ?? [];
  return at && subject ? { at: fromSortable(at), subject: subject as Subject } : null;
}
