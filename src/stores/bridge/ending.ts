/** Ending many sessions where no index says which: every row is looked at. */
import { expiryReason, isLive, type SessionId, type SessionRecord } from "../../core/record.ts";
import { isSessionId } from "../../core/token.ts";
import type { CallOptions } from "../contract.ts";
import { isDamaged } from "./entry.ts";
import { idIn, type Rows, rowKey } from "./rows.ts";
import type { Turn, Turns } from "./turns.ts";

/** `isMeant` is asked with `null` about a row that cannot be read. Answers how many it ended, and how many are `unread`. */
export async function endEach(
  turns: Turns,
  rows: Rows,
  call: CallOptions,
  isMeant: (record: SessionRecord | null) => boolean,
): Promise<{ readonly ended: number; readonly unread: number }> {
  let ended = 0;
  let unread = 0;
  for (const key of await turns.keys(call.signal)) {
    const id = idIn(key);
    if (id === null || !isSessionId(id)) continue;
    await turns.alone(rowKey(id), call.signal, async (turn) => {
      const record = await recordIn(turn, rows, id, call);
      if (record === "over") return;
      if (!isMeant(record)) unread += record ? 0 : 1;
      else if (!record) await rows.endUnread(turn, id, { ended: "revoked", at: call.now });
      else if (await endOne(turn, rows, record, call)) ended += 1;
    });
    call.onProgress?.();
  }
  return { ended, unread };
}

async function recordIn(
  turn: Turn,
  rows: Rows,
  id: SessionId,
  call: CallOptions,
): Promise<SessionRecord | null | "over"> {
  try {
    const row = await rows.read(turn, id, call);
    return row && "record" in row ? row.record : "over";
  } catch (error) {
    if (isDamaged(error)) return null;
    throw error;
  }
}

/** Whether it was live, whatever marks say: one that is over by a mark still holds its data. */
async function endOne(turn: Turn, rows: Rows, record: SessionRecord, call: CallOptions): Promise<boolean> {
  const wasLive = isLive(record, call.now);
  const reason = wasLive ? "revoked" : expiryReason(record, call.now);
  await rows.end(turn, record, { ended: reason, at: call.now }, call);
  return wasLive;
}
