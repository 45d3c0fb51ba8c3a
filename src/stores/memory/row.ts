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

// Six numbers of eight bytes, then flags, then the lengths of version, label and credentials; then all these in turn
// and the payload as the rest.
const CREATED = 0;
const AUTHENTICATED = 8;
const SEEN = 16;
const IDLE = 24;
const ABSOLUTE = 32;
const IDLE_FOR = 40;
const FLAGS = 48;
const VERSION_LENGTH = 49;
const LABEL_LENGTH = 51;
const CREDENTIALS_LENGTH = 53;
const FIXED = 57;

const PERSISTENT = 1;
const LABELLED = 2;
const AUTHENTICATED_AT = 4;

/** Everything of a record but `id` and `userId`. */
export function pack(record: SessionRecord): string {
  const { version, label, credentials, payload } = record;
  const labelLength = label === null ? 0 : Buffer.byteLength(label);
  const bytes = Buffer.allocUnsafe(
    FIXED + version.length + labelLength + credentials.byteLength + payload.byteLength,
  );
  bytes.writeDoubleLE(record.createdAt, CREATED);
  bytes.writeDoubleLE(record.authenticatedAt ?? 0, AUTHENTICATED);
  bytes.writeDoubleLE(record.seenAt, SEEN);
  bytes.writeDoubleLE(record.idleUntil, IDLE);
  bytes.writeDoubleLE(record.absoluteUntil, ABSOLUTE);
  bytes.writeDoubleLE(record.idleFor, IDLE_FOR);
  bytes[FLAGS] =
    (record.persistent ? PERSISTENT : 0) |
    (label === null ? 0 : LABELLED) |
    (record.authenticatedAt === null ? 0 : AUTHENTICATED_AT);
  bytes.writeUInt16LE(version.length, VERSION_LENGTH);
  bytes.writeUInt16LE(labelLength, LABEL_LENGTH);
  bytes.writeUInt32LE(credentials.byteLength, CREDENTIALS_LENGTH);
  let at = FIXED;
  at += bytes.write(version, at, "latin1");
  if (label !== null) at += bytes.write(label, at);
  bytes.set(credentials, at);
  bytes.set(payload, at + credentials.byteLength);
  return bytes.toString("latin1");
}

/** A record of its own each time. */
export function unpack(row: Row): SessionRecord {
  const bytes = Buffer.from(row.packed, "latin1");
  const flags = bytes[FLAGS] ?? 0;
  const label = FIXED + bytes.readUInt16LE(VERSION_LENGTH);
  const credentials = label + bytes.readUInt16LE(LABEL_LENGTH);
  const payload = credentials + bytes.readUInt32LE(CREDENTIALS_LENGTH);
  return {
    id: row.id,
    userId: row.userId,
    version: bytes.toString("latin1", FIXED, label),
    createdAt: bytes.readDoubleLE(CREATED),
    authenticatedAt: flags & AUTHENTICATED_AT ? bytes.readDoubleLE(AUTHENTICATED) : null,
    seenAt: bytes.readDoubleLE(SEEN),
    idleUntil: bytes.readDoubleLE(IDLE),
    absoluteUntil: bytes.readDoubleLE(ABSOLUTE),
    idleFor: bytes.readDoubleLE(IDLE_FOR),
    persistent: (flags & PERSISTENT) !== 0,
    label: flags & LABELLED ? bytes.toString("utf8", label, credentials) : null,
    credentials: bytes.subarray(credentials, payload),
    payload: bytes.subarray(payload),
  };
}

/** Only the instant, for ordering. */
export function createdAtOf(row: Row): Instant {
  return Buffer.from(row.packed.slice(CREATED, CREATED + 8), "latin1").readDoubleLE();
}
