/** Work on many rows, a slice at a time: each slice is one short transaction, so that nobody waits long for another. */
import { fromBase64url } from "../../core/bytes.ts";
import { isLive, type SessionId } from "../../core/record.ts";
import { type CallOptions, REVOCATION_MS } from "../contract.ts";
import type { Operations } from "./operations.ts";
import { type HeaderRow, headerIn, keyIn, placeIn, textValue } from "./rows.ts";
import { SPAN } from "./schema.ts";

const SLICE = 64;

export interface Slice {
  /** How many sessions it ended, as the operation counts them. */
  readonly ended: number;
  /** Whether there may be more to do. */
  readonly more: boolean;
}

/** Ends expired sessions of one span of rows, at most `limit`, and forgets tombstones and marks past their time. */
export function sweepSlice(ops: Operations, limit: number, call: CallOptions): Slice {
  if (!ops.isDue(call.now)) return { ended: 0, more: false }; // without taking the write lock
  return ops.atomically(call, (quiet) => {
    ops.sql.forgetMarks.run(call.now - REVOCATION_MS, SLICE);
    const [span] = ops.sql.dueSpan.get(call.now) ?? [];
    return { ended: span === undefined ? 0 : sweepSpan(ops, span, limit, quiet), more: true };
  });
}

function sweepSpan(ops: Operations, span: number, limit: number, call: CallOptions): number {
  const range = [span * SPAN, span * SPAN + SPAN - 1] as const;
  let ended = 0;
  for (const row of ops.sql.dueRows.all(...range, call.now, limit)) {
    const session = headerIn(row);
    if (!session) ops.sql.forget.run(keyIn(row), keyIn(row));
    else if (ops.endExpired(session, call)) ended++;
  }
  ops.sql.forgetSpan.run(span);
  ops.sql.rememberSpan.run(span, ...range);
  return ended;
}

/** Ends sessions of a user; counts those that were live. */
export function userSlice(
  ops: Operations,
  userId: string,
  except: SessionId | null,
  call: CallOptions,
): Slice {
  const key = except === null ? null : fromBase64url(except);
  return ops.atomically(call, (quiet) => {
    const rows = ops.sql.anyOfUser.all(textValue(userId), key, SLICE);
    return { ended: revokeRows(ops, rows, quiet), more: rows.length === SLICE };
  });
}

/** How far `everyoneSlice` has come, and where it stops: rows after that belong to logins that began later. */
export interface Range {
  after: number;
  readonly last: number;
}

export function everyone(ops: Operations): Range {
  const [last] = ops.sql.lastRow.get() ?? [];
  return { after: 0, last: last ?? 0 };
}

/** Ends any sessions; moves `range` on. */
export function everyoneSlice(ops: Operations, range: Range, call: CallOptions): Slice {
  const rows = ops.atomically(call, (quiet) => {
    const found = ops.sql.liveRows.all(range.after, range.last, SLICE);
    revokeRows(ops, found, quiet);
    return found;
  });
  const last = rows.at(-1);
  range.after = last ? placeIn(last) : range.last;
  return { ended: rows.length, more: rows.length === SLICE };
}

function revokeRows(ops: Operations, rows: readonly HeaderRow[], call: CallOptions): number {
  let live = 0;
  for (const row of rows) {
    const session = headerIn(row);
    if (session === null) continue;
    if (!isLive(session, call.now)) ops.endExpired(session, call);
    else if (ops.end(session, "revoked", call)) live++;
  }
  return live;
}
