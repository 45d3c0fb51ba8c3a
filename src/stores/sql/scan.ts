/** All live sessions in the order of their ids, a page at a time. */
import { fromBase64url, toBase64url } from "../../core/bytes.ts";
import { isLive, type SessionRecord } from "../../core/record.ts";
import { StoreFault } from "../../errors.ts";
import type { CallOptions, Page, Scanned } from "../contract.ts";
import { placeOfScan } from "../cursor.ts";
import type { Operations } from "./operations.ts";
import { bytesIn, recordIn } from "./rows.ts";

export async function scan(ops: Operations, call: CallOptions & Page): Promise<Scanned> {
  const place = placeOfScan(call.after);
  const from = place === null ? new Uint8Array() : fromBase64url(place);
  const rows = await ops.rows(ops.sql.liveAfter, [from, call.limit], call);
  const sessions: SessionRecord[] = [];
  let damaged = 0;
  for (const row of rows) {
    const record = readable(row);
    if (record === null) damaged++;
    else if (isLive(record, call.now)) sessions.push(record);
  }
  const last = rows.at(-1);
  const isLastPage = !last || rows.length < call.limit;
  return { sessions, damaged, after: isLastPage ? null : toBase64url(bytesIn(last[0])) };
}

function readable(row: readonly unknown[]): SessionRecord | null {
  try {
    const found = recordIn(row);
    return "ended" in found ? null : found;
  } catch (error) {
    if (error instanceof StoreFault) return null;
    throw error;
  }
}
