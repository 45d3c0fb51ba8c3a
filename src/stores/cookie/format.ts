/**
 * What is sealed. A session: the length of its header (2 bytes), the header as JSON, the length of its credentials (2),
 * credentials, payload. A later deadline: two instants as JSON. Both are authenticated, so only another version of ours
 * may have written them otherwise.
 */
import type { Instant, SessionId, SessionRecord } from "../../core/record.ts";

/** What a user's sessions and everybody's were revoked by when the session was made. */
export interface EpochTokens {
  readonly user: string;
  readonly everyone: string;
}

export interface CarriedSession {
  readonly record: SessionRecord;
  readonly epochs: EpochTokens;
}

export interface Deadline {
  readonly seenAt: Instant;
  readonly idleUntil: Instant;
}

type Header = readonly [
  userId: string | null,
  version: string,
  createdAt: number,
  authenticatedAt: number | null,
  seenAt: number,
  idleUntil: number,
  absoluteUntil: number,
  idleFor: number,
  persistent: boolean,
  label: string | null,
  about: string | null,
  user: string,
  everyone: string,
];

export function encodeSession({ record, epochs }: CarriedSession): Uint8Array {
  const fields: Header = [
    record.userId,
    record.version,
    record.createdAt,
    record.authenticatedAt,
    record.seenAt,
    record.idleUntil,
    record.absoluteUntil,
    record.idleFor,
    record.persistent,
    record.label,
    record.about,
    epochs.user,
    epochs.everyone,
  ];
  const header = Buffer.from(JSON.stringify(fields));
  const { credentials, payload } = record;
  return Buffer.concat([lengthOf(header), header, lengthOf(credentials), credentials, payload]);
}

function lengthOf({ byteLength }: Uint8Array): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(byteLength);
  return bytes;
}

/** `null` for what no version of this format allows. */
export function decodeSession(id: SessionId, bytes: Uint8Array): CarriedSession | null {
  const given = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const headerEnd = 2 + given.readUInt16BE(0);
    const header: unknown = JSON.parse(given.toString("utf8", 2, headerEnd));
    const payloadAt = headerEnd + 2 + given.readUInt16BE(headerEnd);
    if (!isHeader(header) || payloadAt > given.byteLength) return null;
    const [userId, version, createdAt, authenticatedAt, seenAt, idleUntil, absoluteUntil, ...rest] = header;
    const [idleFor, persistent, label, about, user, everyone] = rest;
    const record: SessionRecord = {
      id,
      userId,
      version,
      createdAt,
      authenticatedAt,
      seenAt,
      idleUntil,
      absoluteUntil,
      idleFor,
      persistent,
      label,
      about,
      credentials: Uint8Array.from(given.subarray(headerEnd + 2, payloadAt)),
      payload: Uint8Array.from(given.subarray(payloadAt)),
    };
    return { record, epochs: { user, everyone } };
  } catch {
    return null; // a length beyond the end, or no JSON
  }
}

const SHAPE = "tsnnnnnnbttss";

function isHeader(value: unknown): value is Header {
  return (
    Array.isArray(value) &&
    value.length === SHAPE.length &&
    value.every((field: unknown, at) => isOf(SHAPE[at], field) || (at === 3 && field === null))
  );
}

/** t: text or null, s: text, n: number, b: true or false. */
function isOf(kind: string | undefined, field: unknown): boolean {
  if (kind === "n") return typeof field === "number";
  if (kind === "b") return typeof field === "boolean";
  return typeof field === "string" || (kind === "t" && field === null);
}

export function encodeDeadline({ seenAt, idleUntil }: Deadline): Uint8Array {
  return Buffer.from(JSON.stringify([seenAt, idleUntil]));
}

export function decodeDeadline(bytes: Uint8Array): Deadline | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  const found = /^\[(\d{1,16}),(\d{1,16})\]$/.exec(text);
  return found && { seenAt: Number(found[1]), idleUntil: Number(found[2]) };
}
