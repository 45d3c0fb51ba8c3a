/**
 * How a session comes into being. A login may end others in the same step; that is several files. All of them are
 * written beside their places first, so that a full disk changes nothing; then the new session is put in place, and
 * then the ends. A crash in between leaves the old session and a new one whose secret nobody has.
 */
import { isLive, type SessionHeader, type SessionRecord } from "../../core/record.ts";
import { isSessionId } from "../../core/token.ts";
import type { EndReason } from "../../errors.ts";
import type { CreateOptions, CreateResult, UserLimit } from "../contract.ts";
import type { LiveEntry } from "./format.ts";
import type { Operations } from "./operations.ts";
import { isEnded } from "./sessions.ts";

/** In the order of the contract. */
export function create(
  ops: Operations,
  record: SessionRecord,
  user: string | null,
  call: CreateOptions,
): CreateResult {
  const own = ownEntry(ops, record, call);
  if (own && own !== "same") return own;
  if (!own && isRevoked(ops, user, call)) return { ok: false, reason: "revoked" };
  const replaced = findReplaced(ops, record, call);
  if (own) {
    // Only if the first try was cut short before it came to this.
    if (replaced && replaced.record.version === call.replaces?.version) ops.end(replaced, "replaced", call);
    return { ok: true };
  }
  if (replaced && replaced.record.version !== call.replaces?.version) {
    return { ok: false, reason: "conflict", current: replaced.record };
  }
  const surplus = call.limit ? beyondLimit(ops, record, call.limit, replaced, call) : [];
  if (surplus === "full") return { ok: false, reason: "full" };
  insert(ops, record, replaced, surplus, call);
  return { ok: true };
}

/** (1) Its own id: free, the same record already stored, or why it cannot be. */
function ownEntry(ops: Operations, record: SessionRecord, call: CreateOptions): CreateResult | "same" | null {
  const found = ops.load(record.id, call);
  if (!found) return null;
  if ("ended" in found) return { ok: false, reason: "ended" };
  return found.version === record.version ? "same" : { ok: false, reason: "collision" };
}

/** (2) No mark means no revocation for fifteen minutes, which is longer than any login may take. */
function isRevoked(ops: Operations, user: string | null, { since, now }: CreateOptions): boolean {
  const mark = user === null ? null : ops.marks.read(user, now);
  if (!mark) return false;
  return "revocation" in since ? since.revocation !== mark.token : mark.revokedAt >= since.startedAt;
}

/** (3) The session to take the place of: live, and of the same user. */
function findReplaced(ops: Operations, record: SessionRecord, call: CreateOptions): LiveEntry | null {
  const { replaces } = call;
  const entry = replaces && isSessionId(replaces.id) ? ops.live(replaces.id, call) : null;
  return entry?.record.userId === record.userId ? entry : null;
}

/** (4) The sessions beyond the limit, the oldest, or `full`. Ends what has expired. */
function beyondLimit(
  ops: Operations,
  { userId }: SessionRecord,
  limit: UserLimit,
  replaced: LiveEntry | null,
  call: CreateOptions,
): readonly LiveEntry[] | "full" {
  if (userId === null) return [];
  const live: LiveEntry[] = [];
  for (const mark of ops.sessions.marksOf(userId)) {
    const entry = ops.sessions.read(mark.id);
    if (!entry || isEnded(entry)) ops.sessions.unmarkName(userId, mark);
    else if ("damage" in entry || entry.record.userId !== userId) continue;
    else if (!isLive(entry.record, call.now)) ops.endExpired(entry, call);
    else if (mark.id !== replaced?.record.id) live.push(entry);
  }
  const surplus = live.length - limit.max + 1;
  if (surplus <= 0) return [];
  return limit.over === "refuse" ? "full" : live.slice(-surplus); // newest come first
}

/** (5) */
function insert(
  ops: Operations,
  record: SessionRecord,
  replaced: LiveEntry | null,
  surplus: readonly LiveEntry[],
  call: CreateOptions,
): void {
  const ends: [LiveEntry, EndReason][] = surplus.map((entry) => [entry, "limit"]);
  if (replaced) ends.push([replaced, "replaced"]);
  const staged = ops.sessions.stageTogether(record, ends, call.now);
  ops.sessions.insert(record, staged.draft);
  const told = staged.ends.map(([entry, reason, draft]): [SessionHeader, EndReason] => [
    ops.sessions.end(entry, call.now, draft),
    reason,
  ]);
  for (const [header, reason] of told) call.onEnded?.(header, reason);
}
