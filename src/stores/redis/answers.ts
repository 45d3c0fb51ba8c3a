/** What the words and values of scripts mean. */
import {
  type Instant,
  isLive,
  type SessionHeader,
  type SessionId,
  type SessionRecord,
} from "../../core/record.ts";
import { StoreFault } from "../../errors.ts";
import type { CallOptions, CreateResult } from "../contract.ts";
import { damaged } from "./faults.ts";
import { decode, decodeHeader, reasonIn } from "./format.ts";
import { type Answer, bytesIn, textIn } from "./link.ts";

export function recordIn(id: SessionId, value: unknown): SessionRecord {
  const found = decode(id, bytesIn(value));
  if ("ended" in found) throw damaged();
  return found;
}

export function createAnswer({ word, value }: Answer, replaced: SessionId): CreateResult {
  switch (word) {
    case "ok":
      return { ok: true };
    case "conflict":
      return { ok: false, reason: "conflict", current: recordIn(replaced, value) };
    case "ended":
    case "collision":
    case "revoked":
    case "full":
      return { ok: false, reason: word };
    default:
      throw damaged();
  }
}

export interface HeaderPage {
  readonly headers: readonly SessionHeader[];
  /** The place to go on at; an empty id at the end. */
  readonly score: string;
  readonly after: string;
}

export function headersIn(value: unknown): HeaderPage {
  const [score, after, ...found]: readonly unknown[] = Array.isArray(value) ? value : [];
  const headers: SessionHeader[] = [];
  for (let i = 0; i + 1 < found.length; i += 2)
    headers.push(decodeHeader(textIn(found[i]), bytesIn(found[i + 1])));
  return { headers, score: textIn(score), after: textIn(after) };
}

/** The live ones among values that may have gone, ended or been damaged. */
export function liveIn(
  ids: readonly SessionId[],
  values: readonly unknown[],
  now: Instant,
): { readonly sessions: readonly SessionRecord[]; readonly damaged: number } {
  const sessions: SessionRecord[] = [];
  let damaged = 0;
  for (const [i, id] of ids.entries()) {
    const value = values[i] ?? null;
    if (value === null) continue;
    try {
      const found = decode(id, bytesIn(value));
      if (!("ended" in found) && isLive(found, now)) sessions.push(found);
    } catch (error) {
      if (!(error instanceof StoreFault)) throw error;
      damaged++;
    }
  }
  return { sessions, damaged };
}

/** Tells of what ended. A session whose head is damaged has ended all the same; there is nothing to tell of it. */
export function tell(ends: readonly unknown[], { onEnded }: Pick<CallOptions, "onEnded">): void {
  if (!onEnded) return;
  for (let i = 0; i + 2 < ends.length; i += 3) {
    const header = headerOrNull(textIn(ends[i]), bytesIn(ends[i + 2]));
    if (header) onEnded(header, reasonIn(bytesIn(ends[i + 1])));
  }
}

function headerOrNull(id: SessionId, head: Buffer): SessionHeader | null {
  try {
    return decodeHeader(id, head);
  } catch (error) {
    if (error instanceof StoreFault) return null;
    throw error;
  }
}
