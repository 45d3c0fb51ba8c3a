/** How a row comes into being: the only writer of new rows. */
import { fromBase64url } from "../../core/bytes.ts";
import { isLive, type SessionHeader, type SessionRecord } from "../../core/record.ts";
import { isSessionId } from "../../core/token.ts";
import type { CreateOptions, CreateResult, Replaced, UserLimit } from "../contract.ts";
import type { Operations } from "./operations.ts";
import { headerIn, insertValues, textValue } from "./rows.ts";

export function create(ops: Operations, record: SessionRecord, call: CreateOptions): CreateResult {
  // A visitor has neither mark nor limit, so one statement will do unless the id is known already.
  if (record.userId === null && !call.replaces && insert(ops, record)) return { ok: true };
  return ops.atomically(call, (quiet) => decide(ops, record, quiet));
}

function insert(ops: Operations, record: SessionRecord): boolean {
  return ops.sql.insert.run(...insertValues(record)).changes === 1;
}

/** In the order of the contract, in one transaction. */
function decide(ops: Operations, record: SessionRecord, call: CreateOptions): CreateResult {
  const own = ownRow(ops, record, call);
  if (own) return own;
  if (isRevoked(ops, record.userId, call)) return { ok: false, reason: "revoked" };
  const replaced = call.replaces ? findReplaced(ops, record, call.replaces, call) : null;
  if (replaced && replaced.version !== call.replaces?.version) {
    return { ok: false, reason: "conflict", current: replaced };
  }
  if (call.limit && record.userId !== null) {
    const isRefused = applyLimit(ops, record.userId, call.limit, replaced, call);
    if (isRefused) return { ok: false, reason: "full" };
  }
  if (replaced) ops.delete(replaced.id, "replaced", call);
  if (!insert(ops, record)) {
    const key = fromBase64url(record.id);
    ops.sql.forget.run(key, key); // a tombstone past its time, which no sweep has met yet
    insert(ops, record);
  }
  return { ok: true };
}

/** (1) The row of its own id. A tombstone bars its id for ten minutes. */
function ownRow(ops: Operations, record: SessionRecord, call: CreateOptions): CreateResult | null {
  const found = ops.load(record.id, call);
  if (found === null) return null;
  if ("ended" in found) return { ok: false, reason: "ended" };
  return found.version === record.version ? { ok: true } : { ok: false, reason: "collision" };
}

/** (2) No mark means no revocation for fifteen minutes, which is longer than any login may take. */
function isRevoked(ops: Operations, userId: string | null, call: CreateOptions): boolean {
  const mark = userId === null ? null : ops.markOf(userId, call.now);
  if (!mark) return false;
  return "revocation" in call.since
    ? call.since.revocation !== mark.token
    : mark.revokedAt >= call.since.startedAt;
}

/** (3) The session to take the place of: live, and of the same user. */
function findReplaced(
  ops: Operations,
  record: SessionRecord,
  replaces: Replaced,
  call: CreateOptions,
): SessionRecord | null {
  const found = isSessionId(replaces.id) ? ops.live(replaces.id, call) : null;
  return found?.userId === record.userId ? found : null;
}

/** (4) Ends what has expired, then the oldest until there is room for one more; answers whether there is none. */
function applyLimit(
  ops: Operations,
  userId: string,
  limit: UserLimit,
  replaced: SessionRecord | null,
  call: CreateOptions,
): boolean {
  const live: SessionHeader[] = [];
  for (const row of ops.sql.firstOfUser.all(textValue(userId), -1)) {
    const session = headerIn(row);
    if (session === null || session.id === replaced?.id) continue;
    if (isLive(session, call.now)) live.push(session);
    else ops.endExpired(session, call);
  }
  const surplus = live.length - limit.max + 1;
  if (surplus <= 0) return false;
  if (limit.over === "refuse") return true;
  for (const session of live.slice(-surplus)) ops.end(session, "limit", call); // newest come first
  return false;
}
