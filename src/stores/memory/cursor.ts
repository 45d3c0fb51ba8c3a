/** Where a page of a listing ended: a position in the order, so that it holds also when that session has ended. */
import type { Instant, SessionHeader, SessionId } from "../../core/record.ts";
import { StoreFault } from "../../errors.ts";
import { NONE } from "./column.ts";
import { createdAtIn, idIn, type Packed } from "./packed.ts";

interface Cursor {
  readonly createdAt: Instant;
  readonly id: SessionId;
}

export function cursorOf({ createdAt, id }: SessionHeader): string {
  return `${createdAt} ${id}`;
}

export function parseCursor(text: string | undefined): Cursor | null {
  if (text === undefined) return null;
  const cut = text.indexOf(" ");
  const createdAt = Number(text.slice(0, cut));
  if (cut < 1 || Number.isNaN(createdAt)) throw new StoreFault("corrupt", "That is no cursor of a listing.");
  return { createdAt, id: text.slice(cut + 1) };
}

export function isPast(row: Packed, cursor: Cursor): boolean {
  const createdAt = createdAtIn(row);
  return createdAt < cursor.createdAt || (createdAt === cursor.createdAt && idIn(row) > cursor.id);
}

/** The row after which a scan goes on; `NONE` for the first page. */
export function rowOfScan(after: string | undefined): number {
  if (after === undefined) return NONE;
  if (!/^\d{1,9}$/.test(after)) throw new StoreFault("corrupt", "That is no cursor of a scan.");
  return Number(after);
}
