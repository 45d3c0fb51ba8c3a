/** Where a page of a listing ended: a place in the order, so that it holds also when that session has ended. */
import type { Instant, SessionHeader, SessionId } from "../core/record.ts";
import { isSessionId } from "../core/token.ts";
import { StoreFault } from "../errors.ts";

export interface Cursor {
  readonly createdAt: Instant;
  readonly id: SessionId;
}

export function cursorAt(session: SessionHeader | undefined): string | null {
  return session ? `${session.createdAt}.${session.id}` : null;
}

/** Throws `StoreFault` kind `corrupt` for anything `cursorAt` did not write. */
export function parseCursor(text: string): Cursor {
  const [, createdAt, id] = /^(-?\d{1,16})\.([A-Za-z0-9_-]{22})$/.exec(text) ?? [];
  if (!createdAt || !id) throw new StoreFault("corrupt", "That is no cursor of a listing.");
  return { createdAt: Number(createdAt), id };
}

/** The id after which a scan in the order of ids goes on; `null`: from the first. Throws as `parseCursor`. */
export function placeOfScan(after: string | undefined): SessionId | null {
  if (after === undefined) return null;
  if (!isSessionId(after)) throw new StoreFault("corrupt", "That is no cursor of a scan.");
  return after;
}
