/** All live sessions in the order of their ids, which stays as it is when the file is written again. */
import { fromBase64url, toBase64url } from "../../core/bytes.ts";
import { isLive, type SessionRecord } from "../../core/record.ts";
import { StoreFault } from "../../errors.ts";
import type { CallOptions, Page, Scanned } from "../contract.ts";
import { placeOfScan } from "../cursor.ts";
import type { Operations } from "./operations.ts";
import { recordIn, type ScannedRow, scannedKeyIn } from "./rows.ts";

export function scan(ops: Operations, { now, limit, after }: CallOptions & Page): Scanned {
  const place = placeOfScan(after);
  const rows = ops.sql.liveAfter.all(place === null ? new Uint8Array() : fromBase64url(place), limit);
  const sessions: SessionRecord[] = [];
  let damaged = 0;
  for (const row of rows) {
    const record = readable(row);
    if (record === null) damaged++;
    else if (isLive(record, now)) sessions.push(record);
  }
  const last = rows.at(-1);
  const isLastPage = !last || rows.length < limit;
  return { sessions, damaged, after: isLastPage ? null : toBase64url(scannedKeyIn(last)) };
}

function readable(row: ScannedRow): SessionRecord | null {
  try {
    const found = recordIn(toBase64url(scannedKeyIn(row)), row);
    return "ended" in found ? null : found;
  } catch (error) {
    if (error instanceof StoreFault) return null;
    throw error;
  }
}
