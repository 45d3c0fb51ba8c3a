/**
 * What a bridge writes into a foreign store: plain JSON whose texts are ASCII, so that whatever the store does to JSON on
 * its way (columns of one character set, keys with dots, numbers rounded) has nothing to spoil.
 */
import { fromBase64url, toBase64url } from "../../core/bytes.ts";
import {
  type Ended,
  type Instant,
  isEndReason,
  type SessionHeader,
  type SessionRecord,
} from "../../core/record.ts";
import { StoreFault } from "../../errors.ts";
import type { Stored } from "./foreign.ts";

const FORMAT = 1;

/** A session, and the tokens of the marks that stood when it began: with any other it is revoked. */
export interface Row {
  readonly record: SessionRecord;
  readonly marks: Marks;
}

export interface Marks {
  readonly user: string;
  readonly everyone: string;
}

/** Ends what began before it. */
export interface Mark {
  readonly at: Instant;
  readonly token: string;
  /** The one session that is spared. */
  readonly except: string | null;
}

export function encodeRow({ record: { credentials, payload, ...header }, marks }: Row): Stored {
  return {
    format: FORMAT,
    head: pack({ header, marks }),
    credentials: toBase64url(credentials),
    payload: toBase64url(payload),
  };
}

export function encodeEnd(id: string, { ended, at }: Ended): Stored {
  return { format: FORMAT, head: pack({ id, ended, at }) };
}

export function encodeMark(mark: Mark): Stored {
  return { format: FORMAT, head: pack(mark) };
}

/** Throws `StoreFault` kind `damaged` for what is not the row of this id. */
export function decodeRow(id: string, value: unknown): Row | Ended | null {
  if (value === null || value === undefined) return null;
  const { head, credentials, payload } = opened(value);
  if (isEnd(head)) {
    if (head.id === id) return { ended: head.ended, at: head.at };
  } else if (
    isHead(head) &&
    typeof credentials === "string" &&
    typeof payload === "string" &&
    head.header.id === id
  ) {
    const record = {
      ...head.header,
      credentials: fromBase64url(credentials),
      payload: fromBase64url(payload),
    };
    return { record, marks: head.marks };
  }
  throw damaged();
}

export function decodeMark(value: unknown): Mark | null {
  if (value === null || value === undefined) return null;
  const { head } = opened(value);
  if (isMark(head)) return head;
  throw damaged();
}

function opened(value: unknown): {
  readonly head: object;
  readonly credentials?: unknown;
  readonly payload?: unknown;
} {
  if (typeof value === "object" && value !== null && "head" in value && typeof value.head === "string") {
    try {
      const head: unknown = JSON.parse(Buffer.from(value.head, "base64url").toString());
      if (typeof head === "object" && head !== null) return { ...value, head };
    } catch {}
  }
  throw damaged();
}

function pack(head: object): string {
  return toBase64url(Buffer.from(JSON.stringify(head)));
}

function isEnd(head: object): head is Ended & { readonly id: string } {
  return (
    "ended" in head &&
    typeof head.ended === "string" &&
    isEndReason(head.ended) &&
    hasInstant(head) &&
    "id" in head
  );
}

function isMark(head: object): head is Mark {
  return hasInstant(head) && "token" in head && typeof head.token === "string" && "except" in head;
}

function hasInstant(head: object): head is { readonly at: Instant } {
  return "at" in head && typeof head.at === "number";
}

/** Written by us and not by hand: the deadlines are what everything hangs on. */
function isHead(head: object): head is { readonly header: SessionHeader; readonly marks: Marks } {
  if (!("header" in head && "marks" in head)) return false;
  const { header, marks } = head as {
    readonly header: Partial<SessionHeader> | null;
    readonly marks: Partial<Marks> | null;
  };
  return (
    typeof header?.version === "string" &&
    typeof header.idleUntil === "number" &&
    typeof header.absoluteUntil === "number" &&
    (header.userId === null || typeof header.userId === "string") &&
    typeof marks?.user === "string" &&
    typeof marks.everyone === "string"
  );
}

export function isDamaged(error: unknown): error is StoreFault {
  return error instanceof StoreFault && error.kind === "damaged";
}

function damaged(): StoreFault {
  return new StoreFault("damaged", "What a foreign store holds under the name of a session is none.");
}
