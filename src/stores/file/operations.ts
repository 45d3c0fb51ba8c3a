/**
 * The store's operations on single sessions. Each is synchronous, and only this process writes in the folder, so
 * nothing comes between reading a session and writing it: that is the whole of compare-and-set here.
 */
import {
  type Ended,
  expiryReason,
  headerOf,
  type Instant,
  isLive,
  type SessionHeader,
  type SessionId,
  type SessionRecord,
  type Version,
} from "../../core/record.ts";
import { type EndReason, StoreFault } from "../../errors.ts";
import {
  type CallOptions,
  type DeleteResult,
  type Page,
  type SaveResult,
  TOMBSTONE_MS,
  type UserSessions,
} from "../contract.ts";
import type { DamagedEntry, Entry, LiveEntry } from "./format.ts";
import type { Marks } from "./marks.ts";
import { compareMarks, isEnded, isMarkName, type Sessions } from "./sessions.ts";

export class Operations {
  readonly sessions: Sessions;
  readonly marks: Marks;
  readonly #folder: string;
  readonly #mustHold: () => void;

  /** `mustHold` throws when the folder is not ours any more. */
  constructor(folder: string, sessions: Sessions, marks: Marks, mustHold: () => void) {
    this.#folder = folder;
    this.#mustHold = mustHold;
    this.sessions = sessions;
    this.marks = marks;
  }

  load(id: SessionId, call: CallOptions): SessionRecord | Ended | null {
    const entry = this.entry(id);
    if (entry && isEnded(entry)) return call.now < entry.at + TOMBSTONE_MS ? entry : null;
    if (entry && isLive(entry.record, call.now)) return entry.record;
    // Where the folder has gone all sessions are absent, and that must not pass for a logout.
    this.#mustHold();
    if (entry === null) return null;
    return { ended: this.endExpired(entry, call), at: call.now };
  }

  save(record: SessionRecord, expected: Version, call: CallOptions): SaveResult {
    const entry = this.live(record.id, call);
    if (!entry) return "gone";
    const stored = entry.record;
    if (stored.version !== expected) return { conflict: stored };
    const { version, credentials, payload } = record;
    const seenAt = Math.max(stored.seenAt, record.seenAt);
    const idleUntil = forward(stored, record.idleUntil);
    this.sessions.update(entry, { ...stored, version, credentials, payload, seenAt, idleUntil });
    return "saved";
  }

  touch(id: SessionId, until: Instant, call: CallOptions): boolean {
    const entry = this.live(id, call);
    if (!entry) return false;
    const stored = entry.record;
    const seenAt = Math.max(stored.seenAt, call.now);
    this.sessions.update(entry, { ...stored, seenAt, idleUntil: forward(stored, until) });
    return true;
  }

  delete(
    id: SessionId,
    reason: EndReason,
    call: CallOptions & { readonly expected?: Version },
  ): DeleteResult {
    const entry = this.live(id, call);
    if (!entry) return "gone";
    if (call.expected !== undefined && entry.record.version !== call.expected)
      return { conflict: entry.record };
    this.end(entry, reason, call);
    return "deleted";
  }

  listByUser(userId: string, call: CallOptions & Page): UserSessions {
    const sessions: SessionHeader[] = [];
    let last: string | null = null;
    if (call.after !== undefined && !isMarkName(call.after)) {
      throw new StoreFault("corrupt", "That is no cursor of a listing.");
    }
    for (const mark of this.sessions.marksOf(userId)) {
      if (call.after !== undefined && compareMarks(mark, { name: call.after }) <= 0) continue;
      const entry = this.sessions.read(mark.id);
      const record = entry && "record" in entry && entry.record.userId === userId ? entry.record : null;
      if (!record || !isLive(record, call.now)) {
        if (record) this.live(mark.id, call);
        else if (!entry || isEnded(entry)) this.sessions.unmarkName(userId, mark);
        continue;
      }
      if (sessions.length === call.limit) return { sessions, after: last };
      sessions.push(headerOf(record));
      last = mark.name;
    }
    return { sessions, after: null };
  }

  /** What is stored. Damage is a fault, since to call it absent would sign someone out without a word. */
  entry(id: SessionId): Exclude<Entry, DamagedEntry> | null {
    const entry = this.sessions.read(id);
    if (entry && "damage" in entry) {
      throw new StoreFault(
        "damaged",
        `File store ${this.#folder}: a session file is damaged (${entry.damage}). It is set aside when its time is over.`,
      );
    }
    return entry;
  }

  /** The live session. An expired one is ended on the way. */
  live(id: SessionId, call: CallOptions): LiveEntry | null {
    const entry = this.entry(id);
    if (!entry || isEnded(entry)) return null;
    if (isLive(entry.record, call.now)) return entry;
    this.endExpired(entry, call);
    return null;
  }

  endExpired(entry: LiveEntry, call: CallOptions): EndReason {
    const reason = expiryReason(entry.record, call.now);
    this.end(entry, reason, call);
    return reason;
  }

  end(entry: LiveEntry, reason: EndReason, { now, onEnded }: CallOptions): void {
    const draft = this.sessions.stageEnd(entry.record.id, reason, now);
    const header = this.sessions.end(entry, now, draft);
    onEnded?.(header, reason);
  }
}

function forward(stored: SessionRecord, idleUntil: Instant): Instant {
  return Math.min(stored.absoluteUntil, Math.max(stored.idleUntil, idleUntil));
}
