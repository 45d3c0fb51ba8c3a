/** All live sessions in the order in which they came, which stays as it is when the file is written again. */
import { toBase64url } from "../../core/bytes.ts";
import { isLive, type SessionRecord } from "../../core/record.ts";
import { StoreFault } from "../../errors.ts";
import type { CallOptions, Page, Scanned } from "../contract.ts";
import type { Operations } from "./operations.ts";
import { recordIn, type ScannedRow, scannedKeyIn, scannedPlaceIn } from "./rows.ts";

export function scan(ops: Operations, { now, limit, after }: CallOptions & Page): Scanned {
  const rows = ops.sql.liveAfter.all(placeOfScan(after), limit);
  const sessions: SessionRecord[] = [];
  let damaged = 0;
  for (const row of rows) {
    const record = readable(row);
    if (record === null) damaged++;
    else if (isLive(record, now)) sessions.push(record);
  }
  const last = rows.at(-1);
  const isLastPage = !last || rows.length < limit;
  return { sessions, damaged, after: isLastPage ? null : String(scannedPlaceIn(last)) };
}

function placeOfScan(after: string | undefined): number {
  if (after === undefined) return 0;
  if (!/^\d{1,15}$/.test(after)) throw new StoreFault("corrupt", "That is no cursor of a scan.");
  return Number(after);
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
