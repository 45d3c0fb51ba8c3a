/**
 * A session as the memory store keeps it: one string with a character per byte. A string of 700 bytes costs 16 bytes
 * beside them, two byte arrays cost some 500. And a string cannot be changed from outside: what comes in is copied,
 * what goes out is a copy.
 */
import type { Instant, SessionId, SessionRecord } from "../../core/record.ts";

/** A place in the table: linked into the ring of its user and into the heap of deadlines. */
export class Row {
  readonly id: SessionId;
  readonly userId: string | null;
  packed: string;
  /** In the heap of deadlines. */
  place = 0;
  /** In the ring of the user. */
  next: Row = this;
  previous: Row = this;

  constructor(record: SessionRecord) {
    this.id = record.id;
    this.userId = record.userId;
    this.packed = pack(record);
  }
}

// Five numbers of eight bytes, flags, and the lengths of version, label and credentials; then authenticatedAt where it
// is neither null nor createdAt, version, label and credentials, the length of `about` and its text where there is one,
// and the payload as the rest.
const CREATED = 0;
const SEEN = 8;
const IDLE = 16;
const ABSOLUTE = 24;
const IDLE_FOR = 32;
const FLAGS = 40;
const VERSION_LENGTH = 41;
const LABEL_LENGTH = 42;
const CREDENTIALS_LENGTH = 44;
const FIXED = 46;

/** Their length has two bytes; real ones are a few hundred. */
export const MAX_CREDENTIALS = 65_535;

const PERSISTENT = 1;
const LABELLED = 2;
const AUTHENTICATED = 4;
const AUTHENTICATED_LATER = 8;
const ABOUT = 16;

/** Everything of a record but `id` and `userId`. */
export function pack(record: SessionRecord): string {
  const { version, label, about, authenticatedAt, credentials, payload } = record;
  const isLater = authenticatedAt !== null && authenticatedAt !== record.createdAt;
  const labelLength = label === null ? 0 : Buffer.byteLength(label);
  const aboutLength = about === null ? 0 : Buffer.byteLength(about);
  const head =
    FIXED + (isLater ? 8 : 0) + version.length + labelLength + (about === null ? 0 : 2 + aboutLength);
  const bytes = Buffer.allocUnsafe(head + credentials.byteLength + payload.byteLength);
  bytes.writeDoubleLE(record.createdAt, CREATED);
  bytes.writeDoubleLE(record.seenAt, SEEN);
  bytes.writeDoubleLE(record.idleUntil, IDLE);
  bytes.writeDoubleLE(record.absoluteUntil, ABSOLUTE);
  bytes.writeDoubleLE(record.idleFor, IDLE_FOR);
  bytes[FLAGS] =
    (record.persistent ? PERSISTENT : 0) |
    (label === null ? 0 : LABELLED) |
    (authenticatedAt === null ? 0 : AUTHENTICATED) |
    (isLater ? AUTHENTICATED_LATER : 0) |
    (about === null ? 0 : ABOUT);
  bytes.writeUInt8(version.length, VERSION_LENGTH);
  bytes.writeUInt16LE(labelLength, LABEL_LENGTH);
  bytes.writeUInt16LE(credentials.byteLength, CREDENTIALS_LENGTH);
  let at = isLater ? bytes.writeDoubleLE(authenticatedAt, FIXED) : FIXED;
  at += bytes.write(version, at, "latin1");
  if (label !== null) at += bytes.write(label, at);
  bytes.set(credentials, at);
  at += credentials.byteLength;
  if (about !== null) at += bytes.write(about, bytes.writeUInt16LE(aboutLength, at)) + 2;
  bytes.set(payload, at);
  return bytes.toString("latin1");
}

/** A record of its own each time. */
export function unpack(row: Row): SessionRecord {
  const bytes = Buffer.from(row.packed, "latin1");
  const flags = bytes[FLAGS] ?? 0;
  const version = FIXED + (flags & AUTHENTICATED_LATER ? 8 : 0);
  const label = version + bytes.readUInt8(VERSION_LENGTH);
  const credentials = label + bytes.readUInt16LE(LABEL_LENGTH);
  const end = credentials + bytes.readUInt16LE(CREDENTIALS_LENGTH);
  const about = flags & ABOUT ? end + 2 : end;
  const payload = flags & ABOUT ? about + bytes.readUInt16LE(end) : end;
  const createdAt = bytes.readDoubleLE(CREATED);
  return {
    id: row.id,
    userId: row.userId,
    version: bytes.toString("latin1", version, label),
    createdAt,
    authenticatedAt: flags & AUTHENTICATED ? (version > FIXED ? bytes.readDoubleLE(FIXED) : createdAt) : null,
    seenAt: bytes.readDoubleLE(SEEN),
    idleUntil: bytes.readDoubleLE(IDLE),
    absoluteUntil: bytes.readDoubleLE(ABSOLUTE),
    idleFor: bytes.readDoubleLE(IDLE_FOR),
    persistent: (flags & PERSISTENT) !== 0,
    label: flags & LABELLED ? bytes.toString("utf8", label, credentials) : null,
    about: flags & ABOUT ? bytes.toString("utf8", about, payload) : null,
    credentials: bytes.subarray(credentials, end),
    payload: bytes.subarray(payload),
  };
}

/** Only the instant, for ordering. */
export function createdAtOf(row: Row): Instant {
  return Buffer.from(row.packed.slice(CREATED, CREATED + 8), "latin1").readDoubleLE();
}
