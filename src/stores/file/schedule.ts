/**
 * When a sweep has to look at what: an empty file `due/<minute>/<instant>-<what>` for each session, and one in `left/`
 * for each tombstone and revocation mark. The name says it all, so that a sweep reads only what is due, and asks the
 * disk once a minute what that is. A mark is a hint to look, and looking decides; so saves and touches leave theirs
 * behind, and one too many costs one look.
 */
import type { Instant } from "../../core/record.ts";
import { BUCKET_MS, Bucket, bucketOf, type Due, nameOf, type Subject } from "./bucket.ts";
import type { Disk } from "./disk.ts";

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

/** Minutes of which nothing is left: so many are done with in one step. */
const EMPTIED = 16;

export class Schedule {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #buckets = new Set<number>();
  /** The earliest one whose minute has come. */
  #open: Bucket | null = null;

  constructor(disk: Disk, folder: string) {
    this.#disk = disk;
    this.#folder = folder;
  }

  /** Learns from the disk what there is. */
  load(): void {
    for (const name of this.#disk.list(this.#folder))
      if (/^-?\d{1,17}$/.test(name)) this.#buckets.add(Number(name));
  }

  add(subject: Subject, at: Instant): void {
    this.#disk.mark(this.#pathOf(subject, at));
    this.#added(at);
  }

  /** From one instant to another; made if it was not there. */
  move(subject: Subject, from: Instant, to: Instant): void {
    this.moveTo(this, subject, from, to);
  }

  /** The same, into another schedule. */
  moveTo(other: Schedule, subject: Subject, from: Instant, to: Instant): void {
    if (other === this && from === to) return;
    try {
      this.#disk.moveMark(this.#pathOf(subject, from), other.#pathOf(subject, to));
    } finally {
      other.#added(to); // it may be there, even if the old one could not be taken away
    }
  }

  remove(subject: Subject, at: Instant): void {
    this.#disk.remove(this.#pathOf(subject, at));
  }

  /** Whether there may be something to take: as long as names have to be read, nobody knows. */
  isDue(now: Instant): boolean {
    return this.#next(now) !== null;
  }

  /**
   * One of the earliest minute that is due; `null` when nothing is; `"reading"` after a piece of the names was read and
   * more are to come, so ask again. What is neither moved nor removed then comes out again, behind the others of its
   * minute: one that cannot be dealt with keeps none of them.
   */
  take(now: Instant): Due | "reading" | null {
    const due = this.#next(now);
    if (due && due !== "reading") this.#open?.pop();
    return due;
  }

  /** Gives up what has not been read; `take` would begin anew. */
  close(): void {
    this.#open?.close();
    this.#open = null;
  }

  #next(now: Instant): Due | "reading" | null {
    for (let emptied = 0; emptied < EMPTIED; emptied++) {
      this.#open ??= this.#openEarliest(now);
      if (!this.#open) return null;
      const due = this.#peek(this.#open, now);
      if (due || !this.#open.isEmpty) return due;
      this.#drop(this.#open);
    }
    return "reading";
  }

  #drop(open: Bucket): void {
    if (!open.remove()) return;
    this.#buckets.delete(open.number);
    this.close();
  }

  #peek(open: Bucket, now: Instant): Due | "reading" | null {
    try {
      return open.peek(now);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #openEarliest(now: Instant): Bucket | null {
    let first = Number.POSITIVE_INFINITY;
    for (const bucket of this.#buckets) if (bucket < first) first = bucket;
    return first * BUCKET_MS > now ? null : new Bucket(this.#disk, this.#folder, first);
  }

  #added(at: Instant): void {
    const bucket = bucketOf(at);
    this.#buckets.add(bucket);
    if (!this.#open || bucket > this.#open.number) return;
    if (bucket < this.#open.number) this.close();
    else this.#open.add(at);
  }

  #pathOf(subject: Subject, at: Instant): string {
    return `${this.#folder}/${bucketOf(at)}/${nameOf(subject, at)}`;
  }
}
