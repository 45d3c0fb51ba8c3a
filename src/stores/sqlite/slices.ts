/** Work on many rows, a slice at a time: each slice is one short transaction, so that nobody waits long for another. */
import { fromBase64url } from "../../core/bytes.ts";
import { isLive, type SessionId } from "../../core/record.ts";
import { type CallOptions, REVOCATION_MS } from "../contract.ts";
import type { Operations } from "./operations.ts";
import { type HeaderRow, headerIn, keyIn, rowidIn, textValue } from "./rows.ts";

const SLICE = 64;

export interface Slice {
  /** How many sessions it ended, as the operation counts them. */
  readonly ended: number;
  /** Whether there may be more to do. */
  readonly more: boolean;
}

/** Ends expired sessions, at most `limit`, and forgets tombstones and marks past their time. */
export function sweepSlice(ops: Operations, limit: number, call: CallOptions): Slice {
  if (!ops.isDue(call.now)) return { ended: 0, more: false }; // without taking the write lock
  return ops.atomically(call, (quiet) => {
    const size = Math.min(limit, SLICE);
    ops.sql.forgetMarks.run(call.now - REVOCATION_MS, SLICE);
    let ended = 0;
    for (const row of ops.sql.due.all(call.now, size)) {
      if (sweepRow(ops, row, quiet)) ended++;
    }
    return { ended, more: true };
  });
}

/** Whether the row was a session that ended by this. */
function sweepRow(ops: Operations, row: HeaderRow, call: CallOptions): boolean {
  const session = headerIn(row);
  if (session && !isLive(session, call.now)) return ops.endExpired(session, call);
  const statement = session ? ops.sql.postpone : ops.sql.forget;
  statement.run(keyIn(row));
  return false;
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
  range.after = last ? rowidIn(last) : range.last;
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
