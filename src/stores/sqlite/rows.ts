/** Between rows and records. Ids are 16 bytes in the table, versions 12; both read as base64url elsewhere. */
import { fromBase64url, toBase64url } from "../../core/bytes.ts";
import type { Ended, Instant, SessionHeader, SessionId, SessionRecord, Version } from "../../core/record.ts";
import { type EndReason, StoreFault } from "../../errors.ts";
import { TOMBSTONE_MS } from "../contract.ts";
import type { SqliteValue } from "./handle.ts";

/** As the SELECTs of statements.ts name them. `reason` is set, and all else but `seen_at` wiped, once it has ended. */
export interface HeaderRow {
  readonly version: Uint8Array | string | null;
  readonly user_id: string | null;
  readonly created_at: number;
  readonly authenticated_at: number | null;
  readonly seen_at: number;
  readonly idle_until: number;
  readonly absolute_until: number;
  readonly idle_for: number;
  readonly persistent: number;
  readonly label: string | null;
  readonly reason: EndReason | null;
}

export interface ListedRow extends HeaderRow {
  readonly id: Uint8Array;
}

export interface RecordRow extends HeaderRow {
  readonly credentials: Uint8Array | null;
  readonly payload: Uint8Array | null;
}

const VERSION_SHAPE = /^[A-Za-z0-9_-]{16}$/;

/** Whatever is not a version of ours is kept as the text it is, so that no two versions ever become one. */
export function versionValue(version: Version): Uint8Array | string {
  return VERSION_SHAPE.test(version) ? fromBase64url(version) : version;
}

function versionIn(row: HeaderRow): Version {
  if (typeof row.version === "string") return row.version;
  if (row.version === null) throw damaged();
  return toBase64url(row.version);
}

export function recordOf(id: SessionId, row: RecordRow): SessionRecord {
  // A null here was not written by this store; serving it could hand out an empty session as a real one.
  if (row.credentials === null || row.payload === null) throw damaged();
  return {
    id,
    userId: row.user_id,
    version: versionIn(row),
    createdAt: row.created_at,
    authenticatedAt: row.authenticated_at,
    seenAt: row.seen_at,
    idleUntil: row.idle_until,
    absoluteUntil: row.absolute_until,
    idleFor: row.idle_for,
    persistent: row.persistent === 1,
    label: row.label,
    credentials: row.credentials,
    payload: row.payload,
  };
}

export function headerIn(id: SessionId, row: HeaderRow): SessionHeader {
  return {
    id,
    userId: row.user_id,
    version: versionIn(row),
    createdAt: row.created_at,
    authenticatedAt: row.authenticated_at,
    seenAt: row.seen_at,
    idleUntil: row.idle_until,
    absoluteUntil: row.absolute_until,
    idleFor: row.idle_for,
    persistent: row.persistent === 1,
    label: row.label,
  };
}

/** What is left of an ended session; `null` once its ten minutes are over, swept or not. */
export function endedOf(row: HeaderRow, now: Instant): Ended | null {
  if (row.reason === null || now >= row.seen_at + TOMBSTONE_MS) return null;
  return { ended: row.reason, at: row.seen_at };
}

/** The values of the INSERT, in its order. */
export function insertValues(record: SessionRecord): SqliteValue[] {
  return [
    fromBase64url(record.id),
    versionValue(record.version),
    record.userId,
    record.createdAt,
    record.authenticatedAt,
    record.seenAt,
    record.idleUntil,
    record.absoluteUntil,
    record.idleFor,
    record.persistent ? 1 : 0,
    record.label,
    Math.min(record.idleUntil, record.absoluteUntil),
    record.credentials,
    record.payload,
  ];
}

function damaged(): StoreFault {
  return new StoreFault("corrupt", "A row of the SQLite store is damaged: parts of the session are missing.");
}
