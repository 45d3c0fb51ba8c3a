/** Between rows and records. Rows are read as arrays, since objects with named columns take SQLite libraries longer. */
import { fromBase64url, toBase64url } from "../../core/bytes.ts";
import type { Ended, Instant, SessionHeader, SessionId, SessionRecord, Version } from "../../core/record.ts";
import { type EndReason, StoreFault } from "../../errors.ts";
import type { SqliteValue } from "./handle.ts";

/** The columns both kinds of rows begin with. `reason` is set, and all else but `seen_at` wiped, after the end. */
const COMMON = `version, user_id, created_at, authenticated_at, seen_at, idle_until, absolute_until, idle_for,
  persistent, label, about, reason`;

type CommonColumns = [
  version: Uint8Array | string | null,
  userId: Uint8Array | string | null,
  createdAt: number,
  authenticatedAt: number | null,
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
export const RECORD_COLUMNS: string = `${COMMON}, credentials, payload`;
export type RecordRow = readonly [
  ...CommonColumns,
  credentials: Uint8Array | null,
  payload: Uint8Array | null,
];

/** What scans read. */
export const SCANNED_COLUMNS: string = `${RECORD_COLUMNS}, id`;
export type ScannedRow = readonly [...RecordRow, id: Uint8Array];

/** What listings and sweeps read. */
export const HEADER_COLUMNS: string = `${COMMON}, id, rowid`;
export type HeaderRow = readonly [...CommonColumns, id: Uint8Array, rowid: number];

const VERSION_SHAPE = /^[A-Za-z0-9_-]{16}$/;

/** Twelve bytes. Whatever is no version of ours stays the text it is, so that no two versions ever become one. */
export function versionValue(version: Version): Uint8Array | string {
  return VERSION_SHAPE.test(version) ? fromBase64url(version) : version;
}

function versionIn(value: Uint8Array | string | null): Version {
  if (value === null) throw damaged();
  return typeof value === "string" ? value : toBase64url(value);
}

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

/** The session, live or not, or what is left of it. */
export function recordIn(id: SessionId, row: RecordRow | ScannedRow): SessionRecord | Ended {
  const reason = row[11];
  if (reason !== null) return { ended: reason, at: row[4] };
  const credentials = row[12];
  const payload = row[13];
  // A null here was not written by this store; serving it could hand out an empty session as a real one.
  if (credentials === null || payload === null) throw damaged();
  return {
    id,
    userId: textIn(row[1]),
    version: versionIn(row[0]),
    createdAt: row[2],
    authenticatedAt: row[3],
    seenAt: row[4],
    idleUntil: row[5],
    absoluteUntil: row[6],
    idleFor: row[7],
    persistent: row[8] === 1,
    label: textIn(row[9]),
    about: textIn(row[10]),
    credentials,
    payload,
  };
}

/** `null` for what is left of one that ended. */
export function headerIn(row: HeaderRow): SessionHeader | null {
  if (row[11] !== null) return null;
  return {
    id: toBase64url(keyIn(row)),
    userId: textIn(row[1]),
    version: versionIn(row[0]),
    createdAt: row[2],
    authenticatedAt: row[3],
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
  return row[14];
}

export function keyIn(row: HeaderRow): Uint8Array {
  return row[12];
}

export function rowidIn(row: HeaderRow): number {
  return row[13];
}

/** The values of the INSERT, in its order. */
export function insertValues(record: SessionRecord): SqliteValue[] {
  return [
    fromBase64url(record.id),
    versionValue(record.version),
    record.userId === null ? null : textValue(record.userId),
    record.createdAt,
    record.authenticatedAt,
    record.seenAt,
    record.idleUntil,
    record.absoluteUntil,
    record.idleFor,
    record.persistent ? 1 : 0,
    record.label === null ? null : textValue(record.label),
    record.about === null ? null : textValue(record.about),
    Math.min(record.idleUntil, record.absoluteUntil),
    record.credentials,
    record.payload,
  ];
}

function damaged(): StoreFault {
  return new StoreFault("damaged", "A row of the SQLite store is damaged: parts of the session are missing.");
}
