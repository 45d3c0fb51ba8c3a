/** Between rows and records. Rows are read as arrays, since objects with named columns take SQLite libraries longer. */
import { fromBase64url, toBase64url } from "../../core/bytes.ts";
import type { Ended, Instant, SessionHeader, SessionId, SessionRecord } from "../../core/record.ts";
import { type EndReason, StoreFault } from "../../errors.ts";
import type { SqliteValue } from "./handle.ts";

/** The columns both kinds of rows begin with. `reason` is set, and all else but `seen_at` wiped, after the end. */
const COMMON = `version, user_id, created_at, authenticated_after, seen_at, idle_until, absolute_until, idle_for,
  persistent, label, about, reason`;

type CommonColumns = [
  version: Uint8Array | string | null,
  userId: Uint8Array | string | null,
  createdAt: number,
  authenticatedAfter: number | null,
  seenAt: number,
  idleUntil: number,
  absoluteUntil: number,
  idleFor: number,
  persistent: number,
  label: Uint8Array | string | null,
  about: Uint8Array | string | null,
  reason: EndReason | null,
];

/** What `load` reads: the id it knows. */
export const RECORD_COLUMNS: string = `${COMMON}, content`;
export type RecordRow = readonly [...CommonColumns, content: Uint8Array | null];

/** What scans read. */
export const SCANNED_COLUMNS: string = `${RECORD_COLUMNS}, id, place`;
export type ScannedRow = readonly [...RecordRow, id: Uint8Array, place: number];

/** What listings and sweeps read. */
export const HEADER_COLUMNS: string = `${COMMON}, id, place`;
export type HeaderRow = readonly [...CommonColumns, id: Uint8Array, place: number];

/** Of the credentials' length. */
const LENGTH = 2;
/** What that takes; real ones are a few hundred bytes. */
export const MAX_CREDENTIALS = 65_535;

/** What a column of text does not carry: node:sqlite before 24 cuts at a NUL, and UTF-8 has no lone surrogates. */
const UNSAFE = /[\0\p{Surrogate}]/u;

/** A text as it is stored and looked for: bytes where text could come back as another one, such as another user. */
export function textValue(text: string): Uint8Array | string {
  return UNSAFE.test(text) ? Buffer.from(text, "utf16le") : text;
}

export function textIn(value: Uint8Array | string | null): string | null {
  if (value === null || typeof value === "string") return value;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("utf16le");
}

/** Credentials and payload as one value: the length of the first in two bytes, and both. */
export function contentValue({ credentials, payload }: SessionRecord): Uint8Array {
  const split = LENGTH + credentials.byteLength;
  const content = new Uint8Array(split + payload.byteLength);
  content[0] = credentials.byteLength >> 8;
  content[1] = credentials.byteLength;
  content.set(credentials, LENGTH);
  content.set(payload, split);
  return content;
}

/** The session, live or not, or what is left of it. */
export function recordIn(id: SessionId, row: RecordRow | ScannedRow): SessionRecord | Ended {
  const reason = row[11];
  if (reason !== null) return { ended: reason, at: row[4] };
  const content = row[12];
  const version = textIn(row[0]);
  // A null here was not written by this store; serving it could hand out an empty session as a real one.
  if (version === null || content === null) throw damaged();
  const split = LENGTH + ((content[0] ?? 0) << 8) + (content[1] ?? 0);
  if (split > content.byteLength) throw damaged();
  return {
    id,
    userId: textIn(row[1]),
    version,
    createdAt: row[2],
    authenticatedAt: row[3] === null ? null : row[2] + row[3],
    seenAt: row[4],
    idleUntil: row[5],
    absoluteUntil: row[6],
    idleFor: row[7],
    persistent: row[8] === 1,
    label: textIn(row[9]),
    about: textIn(row[10]),
    credentials: content.subarray(LENGTH, split),
    payload: content.subarray(split),
  };
}

/** `null` for what is left of one that ended. */
export function headerIn(row: HeaderRow): SessionHeader | null {
  if (row[11] !== null) return null;
  const version = textIn(row[0]);
  if (version === null) throw damaged();
  return {
    id: toBase64url(keyIn(row)),
    userId: textIn(row[1]),
    version,
    createdAt: row[2],
    authenticatedAt: row[3] === null ? null : row[2] + row[3],
    seenAt: row[4],
    idleUntil: row[5],
    absoluteUntil: row[6],
    idleFor: row[7],
    persistent: row[8] === 1,
    label: textIn(row[9]),
    about: textIn(row[10]),
  };
}

export function createdAtIn(row: HeaderRow): Instant {
  return row[2];
}

export function scannedKeyIn(row: ScannedRow): Uint8Array {
  return row[13];
}

export function scannedPlaceIn(row: ScannedRow): number {
  return row[14];
}

export function keyIn(row: HeaderRow): Uint8Array {
  return row[12];
}

export function placeIn(row: HeaderRow): number {
  return row[13];
}

/** The values of the INSERT, in its order. */
export function insertValues(record: SessionRecord): SqliteValue[] {
  const key = fromBase64url(record.id);
  return [
    key,
    textValue(record.version),
    record.userId === null ? null : textValue(record.userId),
    record.createdAt,
    record.authenticatedAt === null ? null : record.authenticatedAt - record.createdAt,
    record.seenAt,
    record.idleUntil,
    record.absoluteUntil,
    record.idleFor,
    record.persistent ? 1 : 0,
    record.label === null ? null : textValue(record.label),
    record.about === null ? null : textValue(record.about),
    contentValue(record),
    key,
    key,
  ];
}

function damaged(): StoreFault {
  return new StoreFault("damaged", "A row of the SQLite store is damaged: parts of the session are missing.");
}
