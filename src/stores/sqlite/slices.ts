/** Work on many rows, a slice at a time: each slice is one short transaction, so that nobody waits long for another. */
import { fromBase64url, toBase64url } from "../../core/bytes.ts";
import { isLive, type SessionId } from "../../core/record.ts";
import { type CallOptions, REVOCATION_MS } from "../contract.ts";
import type { Operations } from "./operations.ts";
import { headerIn, type ListedRow } from "./rows.ts";

export const SLICE = 64;

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
    for (const row of ops.sql.due.all(call.now, size) as ListedRow[]) {
      if (sweepRow(ops, row, quiet)) ended++;
    }
    return { ended, more: true };
  });
}

/** Whether the row was a session that ended by this. */
function sweepRow(ops: Operations, row: ListedRow, call: CallOptions): boolean {
  if (row.reason !== null) {
    ops.sql.forget.run(row.id);
    return false;
  }
  const header = headerIn(toBase64url(row.id), row);
  if (!isLive(header, call.now)) return ops.endExpired(header, row, call);
  ops.sql.postpone.run(row.id);
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
    const rows = ops.sql.anyOfUser.all(userId, key, SLICE) as ListedRow[];
    return { ended: revokeRows(ops, rows, quiet), more: rows.length === SLICE };
  });
}

/** How far `everyoneSlice` has come, and where it stops: rows after that belong to logins that began later. */
export interface Range {
  after: number;
  readonly last: number;
}

export function everyone(ops: Operations): Range {
  const { last } = ops.sql.lastRow.get() as { last: number | null };
  return { after: 0, last: last ?? 0 };
}

/** Ends any sessions; moves `range` on. */
export function everyoneSlice(ops: Operations, range: Range, call: CallOptions): Slice {
  const rows = ops.atomically(call, (quiet) => {
    const found = ops.sql.liveRows.all(range.after, range.last, SLICE) as (ListedRow & { row: number })[];
    revokeRows(ops, found, quiet);
    return found;
  });
  range.after = rows.at(-1)?.row ?? range.last;
  return { ended: rows.length, more: rows.length === SLICE };
}

function revokeRows(ops: Operations, rows: readonly ListedRow[], call: CallOptions): number {
  let live = 0;
  for (const row of rows) {
    const header = headerIn(toBase64url(row.id), row);
    if (!isLive(header, call.now)) ops.endExpired(header, row, call);
    else if (ops.end(header, row, "revoked", call)) live++;
  }
  return live;
}
