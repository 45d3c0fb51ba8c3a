/** Where a page of a listing ended: a place in the order, so that it holds also when that session has ended. */
import type { SessionHeader } from "../../core/record.ts";
import { StoreFault } from "../../errors.ts";

export function cursorAt(session: SessionHeader | undefined): string | null {
  return session ? `${session.createdAt}.${session.id}` : null;
}

/** Score and member in the index, where the newest have the lowest score; empty for the beginning. */
export function parseCursor(text: string | undefined): [score: string, after: string] {
  if (text === undefined) return ["", ""];
  const [, createdAt, id] = /^(-?\d{1,16})\.([A-Za-z0-9_-]{22})$/.exec(text) ?? [];
  if (!createdAt || !id) throw new StoreFault("corrupt", "That is no cursor of a listing.");
  return [String(-Number(createdAt)), id];
}
