/** Work on many sessions, as steps that each take one. `null` from a step: there is nothing left. */
import { type Instant, isLive, type SessionId, type SessionRecord } from "../../core/record.ts";
import { type CallOptions, TOMBSTONE_MS } from "../contract.ts";
import type { Due } from "./bucket.ts";
import type { Disk } from "./disk.ts";
import type { Operations } from "./operations.ts";
import { holdsText } from "./packing.ts";
import type { Schedule, Schedules } from "./schedule.ts";
import { DAMAGED, idOf, isEnded, nameOf } from "./sessions.ts";

/** Ends the sessions the user has now; yields for each whether it was live. */
export function* endUser(
  ops: Operations,
  userId: string,
  except: SessionId | undefined,
  call: CallOptions,
): Generator<boolean> {
  for (const mark of ops.sessions.marksOf(userId)) {
    if (mark.id !== except) yield endMarked(ops, userId, mark, call);
  }
}

/** The same for all of them, and then what was set aside as damaged and still names the user. */
export function* eraseUser(
  ops: Operations,
  disk: Disk,
  userId: string,
  call: CallOptions,
): Generator<boolean> {
  yield* endUser(ops, userId, undefined, call);
  for (const name of disk.list(DAMAGED)) {
    if (holdsText(disk.read(`${DAMAGED}/${name}`), userId)) disk.remove(`${DAMAGED}/${name}`);
    yield false;
  }
}

function endMarked(
  ops: Operations,
  userId: string,
  mark: { readonly name: string; readonly id: SessionId },
  call: CallOptions,
): boolean {
  const entry = ops.sessions.read(mark.id);
  if (!entry || isEnded(entry)) {
    ops.sessions.unmarkName(userId, mark);
    return false;
  }
  if ("damage" in entry) {
    ops.sessions.endDamaged(mark.id, "revoked", call.now);
    ops.sessions.unmarkName(userId, mark);
    return false;
  }
  if (entry.record.userId !== userId) return false;
  return endLive(ops, entry, call);
}

/** Ends every session there is when its part of the disk is reached. */
export function* endEveryone(ops: Operations, disk: Disk, call: CallOptions): Generator<boolean> {
  for (const id of storedIds(disk)) {
    const entry = ops.sessions.read(id);
    if (!entry || isEnded(entry)) continue;
    if ("damage" in entry) ops.sessions.endDamaged(id, "revoked", call.now);
    else yield endLive(ops, entry, call);
  }
}

function endLive(ops: Operations, entry: Parameters<Operations["end"]>[0], call: CallOptions): boolean {
  if (!isLive(entry.record, call.now)) {
    ops.endExpired(entry, call);
    return false;
  }
  ops.end(entry, "revoked", call);
  return true;
}

/** The ids of all session files after that one, a folder at a time, in the order of their names. */
export function* storedIds(disk: Disk, after: SessionId | null = null): Generator<SessionId> {
  const last = after === null ? "" : nameOf(after);
  for (const shard of disk.list("sessions").toSorted()) {
    if (shard < last.slice(0, 2)) continue;
    for (const name of disk.list(`sessions/${shard}`).toSorted()) {
      if (name > last && /^[0-9a-f]{32}$/.test(name)) yield idOf(name);
    }
  }
}

/** What a scan has found, and how far it has come; `null` at the end. */
export interface Scan {
  readonly sessions: SessionRecord[];
  damaged: number;
  after: SessionId | null;
}

/** All sessions in the order of their ids, after `scan.after`; yields for each file whether it was a live one. */
export function* scan(ops: Operations, disk: Disk, scan: Scan, { now }: CallOptions): Generator<boolean> {
  for (const id of storedIds(disk, scan.after)) {
    const entry = ops.sessions.read(id);
    const record = entry && "record" in entry && isLive(entry.record, now) ? entry.record : null;
    if (entry && "damage" in entry) scan.damaged++;
    if (record) scan.sessions.push(record);
    scan.after = id;
    yield record !== null;
  }
  scan.after = null;
}

/** There may be any number of hints that saves and touches left, which no limit counts: so many times the limit are looked at. */
const LOOKS = 8;

/**
 * Looks at what is due; yields for each whether a session ended by it. Ending and forgetting take turns, as often as
 * the limit allows each: removing files is the slow part, and a call has a deadline.
 */
export function* sweep(
  ops: Operations,
  { deadlines, leftovers }: Schedules,
  call: CallOptions & { readonly limit: number },
): Generator<boolean> {
  const next = (schedule: Schedule): boolean | null => {
    const due = schedule.take(call.now);
    if (!due) return null;
    if (due === "reading") return false;
    return look(ops, { deadlines, leftovers }, schedule, due, call);
  };
  for (let looks = 0; looks < LOOKS * call.limit; looks++) {
    const forgot = looks < call.limit ? next(leftovers) : null;
    if (forgot !== null) yield forgot;
    const ended = next(deadlines);
    if (ended !== null) yield ended;
    if (forgot === null && ended === null) return;
  }
}

/**
 * Whether another sweep may find something to look at. Also where the disk cannot say it: that sweep tells why, and what
 * this one has ended counts.
 */
export function isDue({ deadlines, leftovers }: Schedules, now: Instant): boolean {
  try {
    return deadlines.isDue(now) || leftovers.isDue(now);
  } catch {
    return true;
  }
}

function look(
  ops: Operations,
  { deadlines, leftovers }: Schedules,
  from: Schedule,
  { at, subject }: Due,
  call: CallOptions,
): boolean {
  const name = subject.slice(1);
  if (subject.startsWith("m")) {
    ops.marks.look(name, from, at, call.now);
    return false;
  }
  const id = idOf(name);
  const entry = ops.sessions.read(id);
  if (entry && "record" in entry) {
    const deadline = Math.min(entry.record.idleUntil, entry.record.absoluteUntil);
    if (from === leftovers || call.now < deadline) {
      from.moveTo(deadlines, subject, at, deadline);
      return false;
    }
    ops.endExpired({ ...entry, lookAt: at }, call);
    return true;
  }
  if (entry && isEnded(entry) && call.now < entry.at + TOMBSTONE_MS) {
    from.moveTo(leftovers, subject, at, entry.at + TOMBSTONE_MS);
    return false;
  }
  if (entry && "damage" in entry) ops.sessions.setAside(id);
  else ops.sessions.forget(id);
  from.remove(subject, at);
  return false;
}
