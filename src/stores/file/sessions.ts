/**
 * Session files and what points to them. `sessions/<2>/<id>` is the one truth; `users/<2>/<user>/<created>-<id>` and
 * the schedules are hints that are made before a session and removed after its end, so a crash leaves one too many
 * and never one too few.
 */
import { fromBase64url, toBase64url } from "../../core/bytes.ts";
import type { Ended, Instant, SessionHeader, SessionId, SessionRecord } from "../../core/record.ts";
import { headerOf } from "../../core/record.ts";
import type { EndReason } from "../../errors.ts";
import { TOMBSTONE_MS } from "../contract.ts";
import type { Subject } from "./bucket.ts";
import type { Disk, Staged } from "./disk.ts";
import { decode, type Entry, encodeEnded, encodeLive, type LiveEntry } from "./format.ts";
import type { Identity } from "./identity.ts";
import type { Schedules } from "./schedule.ts";
import { sortable } from "./sortable.ts";

/** Where a user's session is named in the index: newest first when sorted by `compareMarks`. */
export interface UserMark {
  readonly name: string;
  readonly id: SessionId;
}

interface Together {
  readonly draft: Staged;
  readonly ends: readonly (readonly [LiveEntry, EndReason, Staged])[];
}

/** Where files lie that cannot be read. */
export const DAMAGED = "damaged";

const MARK = /^([0-9a-f]{16})-([0-9a-f]{32})$/;

export class Sessions {
  readonly #disk: Disk;
  readonly #schedules: Schedules;
  readonly #identity: Identity;

  constructor(disk: Disk, schedules: Schedules, identity: Identity) {
    this.#disk = disk;
    this.#schedules = schedules;
    this.#identity = identity;
  }

  read(id: SessionId): Entry | null {
    const bytes = this.#disk.read(pathOf(id));
    return bytes === null ? null : decode(id, bytes);
  }

  /** Writes a new session and the ends that go with it beside their places: all of them, or none. */
  stageTogether(
    record: SessionRecord,
    ends: readonly (readonly [LiveEntry, EndReason])[],
    now: Instant,
  ): Together {
    const drafts: Staged[] = [];
    const stage = (bytes: Uint8Array): Staged => {
      const draft = this.#disk.stage(bytes);
      drafts.push(draft);
      return draft;
    };
    try {
      return {
        draft: stage(encodeLive({ record, lookAt: deadlineOf(record) })),
        ends: ends.map(([entry, reason]) => [
          entry,
          reason,
          stage(encodeEnded(entry.record.id, { ended: reason, at: now })),
        ]),
      };
    } catch (error) {
      for (const draft of drafts) this.#disk.discard(draft);
      throw error;
    }
  }

  insert(record: SessionRecord, draft: Staged): void {
    this.#placing(draft, () => {
      this.index(record);
      this.#disk.publish(draft, pathOf(record.id));
    });
  }

  /** Makes the hints that a live session needs. */
  index(record: SessionRecord): void {
    this.#schedules.deadlines.add(subjectOf(record.id), deadlineOf(record));
    if (record.userId !== null) this.#disk.mark(this.#userPath(record.userId, record));
  }

  /** Writes what changed; its user and its place in the order never do. */
  update({ lookAt }: LiveEntry, record: SessionRecord): void {
    this.#disk.write(pathOf(record.id), encodeLive({ record, lookAt }));
  }

  stageEnd(id: SessionId, reason: EndReason, now: Instant): Staged {
    return this.#disk.stage(encodeEnded(id, { ended: reason, at: now }));
  }

  /** Wipes the session; a tombstone stays in its place until `now` + ten minutes. */
  end(entry: LiveEntry, now: Instant, draft: Staged): SessionHeader {
    const { record, lookAt } = entry;
    this.#placing(draft, () => {
      const { deadlines, leftovers } = this.#schedules;
      deadlines.moveTo(leftovers, subjectOf(record.id), lookAt, now + TOMBSTONE_MS);
      this.#disk.publish(draft, pathOf(record.id));
    });
    if (record.userId !== null) this.unmark(record.userId, this.#userPath(record.userId, record));
    return headerOf(record);
  }

  /** The same for a file that cannot be read: whose it was is not known, so hints to it stay until they are met. */
  endDamaged(id: SessionId, reason: EndReason, now: Instant): void {
    this.#schedules.leftovers.add(subjectOf(id), now + TOMBSTONE_MS);
    this.#disk.publish(this.stageEnd(id, reason, now), pathOf(id));
  }

  forget(id: SessionId): void {
    this.#disk.remove(pathOf(id));
  }

  /** Keeps a damaged file for examination, out of the way. */
  setAside(id: SessionId): void {
    this.#disk.makeFolder(DAMAGED);
    this.#disk.move(pathOf(id), `${DAMAGED}/${nameOf(id)}`);
  }

  /** A user's sessions by the index, newest first, then by id. Some may have ended. */
  marksOf(userId: string): UserMark[] {
    const marks: UserMark[] = [];
    for (const name of this.#disk.list(this.#userFolder(userId))) {
      const id = MARK.exec(name)?.[2];
      if (id) marks.push({ name, id: idOf(id) });
    }
    return marks.sort(compareMarks);
  }

  unmark(userId: string, path: string): void {
    this.#disk.remove(path);
    this.#disk.removeEmpty(this.#userFolder(userId));
  }

  unmarkName(userId: string, { name }: UserMark): void {
    this.unmark(userId, `${this.#userFolder(userId)}/${name}`);
  }

  /** A draft that cannot be put in place does not stay behind. */
  #placing(draft: Staged, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#disk.discard(draft);
      throw error;
    }
  }

  #userFolder(userId: string): string {
    const name = this.#identity.nameOf(userId);
    return `users/${name.slice(0, 2)}/${name}`;
  }

  #userPath(userId: string, record: SessionRecord): string {
    return `${this.#userFolder(userId)}/${markName(record)}`;
  }
}

function markName(record: Pick<SessionRecord, "createdAt" | "id">): string {
  return `${sortable(record.createdAt)}-${nameOf(record.id)}`;
}

export function isMarkName(name: string): boolean {
  return MARK.test(name);
}

export function compareMarks(a: { readonly name: string }, b: { readonly name: string }): number {
  const [createdA, createdB] = [a.name.slice(0, 16), b.name.slice(0, 16)];
  if (createdA !== createdB) return createdA > createdB ? -1 : 1;
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}

export function subjectOf(id: SessionId): Subject {
  return `s${nameOf(id)}`;
}

/** Hexadecimal, since there are file systems that take `a` and `A` for the same. */
export function nameOf(id: SessionId): string {
  return Buffer.from(fromBase64url(id)).toString("hex");
}

export function idOf(name: string): SessionId {
  return toBase64url(Buffer.from(name, "hex"));
}

function pathOf(id: SessionId): string {
  const name = nameOf(id);
  return `sessions/${name.slice(0, 2)}/${name}`;
}

function deadlineOf(record: SessionRecord): Instant {
  return Math.min(record.idleUntil, record.absoluteUntil);
}

export function isEnded(entry: Entry): entry is Ended {
  return "ended" in entry;
}
