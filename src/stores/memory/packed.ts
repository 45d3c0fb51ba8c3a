/**
 * A session as the memory store keeps it: one string with a character per byte. A string of 700 bytes costs 16 bytes
 * beside them, two byte arrays cost some 500. And a string cannot be changed from outside: what comes in is copied,
 * what goes out is a copy.
 */
import type { Instant, SessionId, SessionRecord } from "../../core/record.ts";

export type Packed = string;

// The id as it is; five numbers of eight bytes, flags, and the lengths of user, version, label and credentials; then
// authenticatedAt where it is neither null nor createdAt, the user, version, label and credentials, the length of
// `about` and its text where there is one, and the payload as the rest.
const ID = 22;
const CREATED = ID;
const SEEN = ID + 8;
const IDLE = ID + 16;
const ABSOLUTE = ID + 24;
const IDLE_FOR = ID + 32;
const FLAGS = ID + 40;
const VERSION_LENGTH = ID + 41;
const USER_LENGTH = ID + 42;
const LABEL_LENGTH = ID + 44;
const CREDENTIALS_LENGTH = ID + 46;
const FIXED = ID + 48;

/** Their length has two bytes; real ones are a few hundred. */
export const MAX_CREDENTIALS = 65_535;

const PERSISTENT = 1;
const LABELLED = 2;
const AUTHENTICATED = 4;
const AUTHENTICATED_LATER = 8;
const ABOUT = 16;
const OWNED = 32;
const WIDE = 64;

/** Two bytes a character then, which keeps also what is no well-formed text. */
const WIDER_THAN_A_BYTE = /[^\0-\xff]/;

export function pack(record: SessionRecord): Packed {
  const { userId, version, label, about, authenticatedAt, credentials, payload } = record;
  const isLater = authenticatedAt !== null && authenticatedAt !== record.createdAt;
  const isWide = userId !== null && WIDER_THAN_A_BYTE.test(userId);
  const userLength = (userId?.length ?? 0) * (isWide ? 2 : 1);
  const labelLength = label === null ? 0 : Buffer.byteLength(label);
  const aboutLength = about === null ? 0 : Buffer.byteLength(about);
  const head =
    FIXED +
    (isLater ? 8 : 0) +
    userLength +
    version.length +
    labelLength +
    (about === null ? 0 : 2 + aboutLength);
  const bytes = Buffer.allocUnsafe(head + credentials.byteLength + payload.byteLength);
  bytes.write(record.id, 0, "latin1");
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
    (about === null ? 0 : ABOUT) |
    (userId === null ? 0 : OWNED) |
    (isWide ? WIDE : 0);
  bytes.writeUInt8(version.length, VERSION_LENGTH);
  bytes.writeUInt16LE(userLength, USER_LENGTH);
  bytes.writeUInt16LE(labelLength, LABEL_LENGTH);
  bytes.writeUInt16LE(credentials.byteLength, CREDENTIALS_LENGTH);
  let at = isLater ? bytes.writeDoubleLE(authenticatedAt, FIXED) : FIXED;
  if (userId !== null) at += bytes.write(userId, at, isWide ? "utf16le" : "latin1");
  at += bytes.write(version, at, "latin1");
  if (label !== null) at += bytes.write(label, at);
  bytes.set(credentials, at);
  at += credentials.byteLength;
  if (about !== null) at += bytes.write(about, bytes.writeUInt16LE(aboutLength, at)) + 2;
  bytes.set(payload, at);
  return bytes.toString("latin1");
}

/** A record of its own each time. Who knows its id spares reading it. */
export function unpack(packed: Packed, id?: SessionId): SessionRecord {
  const bytes = Buffer.from(packed, "latin1");
  const flags = bytes[FLAGS] ?? 0;
  const user = FIXED + (flags & AUTHENTICATED_LATER ? 8 : 0);
  const version = user + bytes.readUInt16LE(USER_LENGTH);
  const label = version + bytes.readUInt8(VERSION_LENGTH);
  const credentials = label + bytes.readUInt16LE(LABEL_LENGTH);
  const end = credentials + bytes.readUInt16LE(CREDENTIALS_LENGTH);
  const about = flags & ABOUT ? end + 2 : end;
  const payload = flags & ABOUT ? about + bytes.readUInt16LE(end) : end;
  const createdAt = bytes.readDoubleLE(CREATED);
  return {
    id: id ?? bytes.toString("latin1", 0, ID),
    userId: flags & OWNED ? bytes.toString(flags & WIDE ? "utf16le" : "latin1", user, version) : null,
    version: bytes.toString("latin1", version, label),
    createdAt,
    authenticatedAt: flags & AUTHENTICATED ? (user > FIXED ? bytes.readDoubleLE(FIXED) : createdAt) : null,
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

export function isOfId(packed: Packed, id: SessionId): boolean {
  return id.length === ID && packed.startsWith(id);
}

/** To look at, not to keep: a part of a string holds on to all of it. */
export function idIn(packed: Packed): SessionId {
  return packed.slice(0, ID);
}

export function userIn(packed: Packed): string | null {
  const flags = packed.charCodeAt(FLAGS);
  if (!(flags & OWNED)) return null;
  const start = FIXED + (flags & AUTHENTICATED_LATER ? 8 : 0);
  const length = packed.charCodeAt(USER_LENGTH) | (packed.charCodeAt(USER_LENGTH + 1) << 8);
  const text = packed.slice(start, start + length);
  return flags & WIDE ? Buffer.from(text, "latin1").toString("utf16le") : text;
}

export function createdAtIn(packed: Packed): Instant {
  return Buffer.from(packed.slice(CREATED, CREATED + 8), "latin1").readDoubleLE();
}

/** Newest first, then by id: the order of listings. */
export function isBefore(packed: Packed, other: Packed): boolean {
  const at = createdAtIn(packed);
  const otherAt = createdAtIn(other);
  return at > otherAt || (at === otherAt && idIn(packed) < idIn(other));
}
