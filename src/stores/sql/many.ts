/** Work on many rows, a slice at a time: each slice is short, so that nobody waits long for another. */
import { randomBytes } from "node:crypto";
import { fromBase64url, toBase64url } from "../../core/bytes.ts";
import { isLive, type SessionId } from "../../core/record.ts";
import type { CallOptions, SweepResult } from "../contract.ts";
import type { Operations } from "./operations.ts";
import { bytesIn, headerIn, isTombstone, textIn } from "./rows.ts";

const SLICE = 500;

/** There may be any number of tombstones, which no limit counts: a call with a deadline goes through so many slices. */
const SLICES_OF_A_SWEEP = 8;

/** From here on no login of the user that began earlier gets in. */
async function mark(ops: Operations, userId: string, call: CallOptions): Promise<void> {
  await ops.rows(ops.sql.mark, [ops.digest(userId), call.now, toBase64url(randomBytes(12))], call);
}

/** The token of the user's mark while it counts. */
export async function revocation(ops: Operations, userId: string, call: CallOptions): Promise<string> {
  const [row] = await ops.rows(ops.sql.markOf, [ops.digest(userId), call.now], call);
  return textIn(row?.[0] ?? null) ?? "";
}

/** Marks the user and ends their sessions; counts those that were live. */
export async function endAllOfUser(
  ops: Operations,
  userId: string,
  except: SessionId | null,
  call: CallOptions,
): Promise<number> {
  await mark(ops, userId, call);
  const values = [ops.userValue(userId), call.now, except === null ? null : fromBase64url(except), SLICE];
  for (let ended = 0; ; ) {
    const rows = await ops.rows(ops.sql.endOfUser, values, call);
    for (const row of rows) if (ops.tell(headerIn(row), "revoked", call)) ended++;
    if (rows.length < SLICE) return ended;
  }
}

/** Once through all ids, in their order. */
export async function endEveryone(ops: Operations, call: CallOptions): Promise<void> {
  for (let after = new Uint8Array(0); ; ) {
    const rows = await ops.rows(ops.sql.endAny, [after, call.now, SLICE], call);
    for (const row of rows) {
      ops.tell(headerIn(row), "revoked", call);
      const key = bytesIn(row[0]);
      if (Buffer.compare(after, key) < 0) after = new Uint8Array(key);
    }
    if (rows.length < SLICE) return;
  }
}

export async function sweep(
  ops: Operations,
  call: CallOptions & { readonly limit: number },
): Promise<SweepResult> {
  let removed = 0;
  if (!(await isDue(ops, call))) return { removed, more: false };
  const marks = await ops.rows(ops.sql.forgetMarks, [call.now, SLICE], call);
  for (let slices = 0; removed < call.limit && slices < SLICES_OF_A_SWEEP; slices++) {
    const size = Math.min(call.limit - removed, SLICE);
    const rows = await ops.rows(ops.sql.sweep, [call.now, size], call);
    for (const row of rows) {
      if (isTombstone(row)) continue;
      const session = headerIn(row);
      if (isLive(session, call.now)) continue; // it was postponed
      ops.tell(session, "idle", call);
      removed++;
    }
    if (rows.length < size) return { removed, more: marks.length === SLICE };
  }
  return { removed, more: await isDue(ops, call) };
}

function isDue(ops: Operations, call: CallOptions): Promise<boolean> {
  return ops.applies(ops.sql.isDue, [call.now], call);
}
