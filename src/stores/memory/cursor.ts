/** Where a page of a listing ended: a position in the order, so that it holds also when that session has ended. */
import type { Instant, SessionHeader, SessionId } from "../../core/record.ts";
import { StoreFault } from "../../errors.ts";
import { createdAtOf, type Row } from "./row.ts";

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

export function isPast(row: Row, cursor: Cursor): boolean {
  const createdAt = createdAtOf(row);
  return createdAt < cursor.createdAt || (createdAt === cursor.createdAt && row.id > cursor.id);
}
