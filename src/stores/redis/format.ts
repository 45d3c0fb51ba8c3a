/**
 * What is in the keys. A session is one string, big-endian, whose first 53 bytes are the same for all, so that a script
 * reads and moves a deadline in place:
 *
 *      0  kind: 1 live       19  createdAt        37  flags
 *      1  seenAt             25  authenticatedAt  38  version, 12 bytes
 *      7  idleUntil          31  idleFor          50  how many bytes the next two lines take
 *     13  absoluteUntil
 *     53  of a user's session: digest of the user, 22 characters
 *     ..  user id, label and about, each that there is with its length in front
 *     ..  credentials and payload, each with its length in front
 *
 * Instants and durations have 48 bits. Lengths of texts and credentials have one byte, or four after a 255; other lengths
 * have 24 bits. Of an ended one is left: kind 2, when, the reason.
 */
import {
  type Ended,
  isEndReason,
  type SessionHeader,
  type SessionId,
  type SessionRecord,
  type Version,
} from "../../core/record.ts";
import { type EndReason, StoreFault } from "../../errors.ts";
import { damaged } from "./faults.ts";

const LIVE = 1;
const ENDED = 2;
const FIXED_BYTES = 53;
const INSTANT_BYTES = 6;

/** In the place of a user's digest, in scripts. */
export const NOBODY: string = "-".repeat(22);

const FLAGS_AT = 37;
const VERSION_AT = 38;
const HEAD_LENGTH_AT = 50;
const LENGTH_BYTES = 3;
/** A length of one byte that says: four more follow. */
const LONG = 255;

const HAS_USER = 1;
const HAS_AUTHENTICATED = 2;
const IS_PERSISTENT = 8;

interface Text {
  readonly name: "userId" | "label" | "about";
  readonly isThere: number;
  /** Of one that is not well-formed: it must not come back as another. */
  readonly isUtf16: number;
}
const USER_ID: Text = { name: "userId", isThere: HAS_USER, isUtf16: 32 };
const LABEL: Text = { name: "label", isThere: 4, isUtf16: 64 };
const ABOUT: Text = { name: "about", isThere: 16, isUtf16: 128 };

/** Throws `StoreFault` kind `corrupt` for a version that is none. */
export function encodeVersion(version: Version): Buffer {
  if (!isVersion(version)) throw new StoreFault("corrupt", "A version has 16 characters of base64url.");
  return Buffer.from(version, "base64url");
}

/** What a script compares with the version it finds. A text that is no version is that of no session. */
export function encodeExpected(version: Version): Buffer {
  return isVersion(version) ? encodeVersion(version) : Buffer.from("none");
}

function isVersion(text: string): boolean {
  return /^[A-Za-z0-9_-]{16}$/.test(text);
}

/** Throws `StoreFault` kind `corrupt` for a version that is none, and for instants before 1970 or after the year 10,000. */
export function encodeLive(record: SessionRecord, digest: string): Buffer {
  const fixed = Buffer.alloc(FIXED_BYTES);
  fixed.writeUInt8(LIVE, 0);
  const instants = [
    record.seenAt,
    record.idleUntil,
    record.absoluteUntil,
    record.createdAt,
    record.authenticatedAt ?? 0,
    record.idleFor,
  ];
  for (const [i, instant] of instants.entries()) {
    if (!(instant >= 0 && instant < 2 ** 48)) throw new StoreFault("corrupt", "An instant is out of range.");
    fixed.writeUIntBE(instant, 1 + INSTANT_BYTES * i, INSTANT_BYTES);
  }
  encodeVersion(record.version).copy(fixed, VERSION_AT);
  const head: Buffer[] = [Buffer.from(record.userId === null ? "" : digest, "latin1")];
  let flags =
    (record.authenticatedAt === null ? 0 : HAS_AUTHENTICATED) | (record.persistent ? IS_PERSISTENT : 0);
  for (const { name, isThere, isUtf16 } of [USER_ID, LABEL, ABOUT]) {
    const text = record[name];
    if (text === null) continue;
    const isWellFormed = text.isWellFormed();
    flags |= isThere | (isWellFormed ? 0 : isUtf16);
    const bytes = Buffer.from(text, isWellFormed ? "utf8" : "utf16le");
    head.push(lengthOf(bytes), bytes);
  }
  fixed.writeUInt8(flags, FLAGS_AT);
  const headBytes = head.reduce((sum, { byteLength }) => sum + byteLength, 0);
  fixed.writeUIntBE(headBytes, HEAD_LENGTH_AT, LENGTH_BYTES);
  return Buffer.concat([fixed, ...head, encodeTail(record)]);
}

/** Credentials and payload: all that a save replaces beside numbers and version. */
export function encodeTail({ credentials, payload }: Pick<SessionRecord, "credentials" | "payload">): Buffer {
  const payloadLength = Buffer.alloc(LENGTH_BYTES);
  payloadLength.writeUIntBE(payload.byteLength, 0, LENGTH_BYTES);
  return Buffer.concat([lengthOf(credentials), credentials, payloadLength, payload]);
}

function lengthOf({ byteLength }: Uint8Array): Buffer {
  if (byteLength < LONG) return Buffer.of(byteLength);
  const length = Buffer.alloc(5, LONG);
  length.writeUInt32BE(byteLength, 1);
  return length;
}

/**
 * Throws `StoreFault` kind `damaged` for anything that no version of this format allows. Credentials and payload are views
 * of `bytes`.
 */
export function decode(id: SessionId, bytes: Buffer): SessionRecord | Ended {
  if (bytes[0] === ENDED) return decodeEnded(bytes);
  const header = decodeHeader(id, bytes);
  const parts = new Parts(bytes, headEnd(bytes));
  const credentials = parts.view(parts.shortLength());
  const payload = parts.view(parts.number(LENGTH_BYTES));
  parts.endAt(bytes.byteLength);
  return { ...header, credentials, payload };
}

export function decodeHeader(id: SessionId, bytes: Buffer): SessionHeader {
  if (bytes.byteLength < FIXED_BYTES || bytes[0] !== LIVE) throw damaged();
  const flags = bytes.readUInt8(FLAGS_AT);
  const parts = new Parts(bytes, flags & HAS_USER ? FIXED_BYTES + NOBODY.length : FIXED_BYTES);
  const header = {
    id,
    userId: parts.text(USER_ID, flags),
    version: bytes.toString("base64url", VERSION_AT, HEAD_LENGTH_AT),
    createdAt: instantAt(bytes, 3),
    authenticatedAt: flags & HAS_AUTHENTICATED ? instantAt(bytes, 4) : null,
    seenAt: instantAt(bytes, 0),
    idleUntil: instantAt(bytes, 1),
    absoluteUntil: instantAt(bytes, 2),
    idleFor: instantAt(bytes, 5),
    persistent: (flags & IS_PERSISTENT) !== 0,
    label: parts.text(LABEL, flags),
    about: parts.text(ABOUT, flags),
  };
  parts.endAt(headEnd(bytes));
  return header;
}

function instantAt(bytes: Buffer, index: number): number {
  return bytes.readUIntBE(1 + INSTANT_BYTES * index, INSTANT_BYTES);
}

function headEnd(bytes: Buffer): number {
  return FIXED_BYTES + bytes.readUIntBE(HEAD_LENGTH_AT, LENGTH_BYTES);
}

function decodeEnded(bytes: Buffer): Ended {
  const reasonAt = 1 + INSTANT_BYTES;
  if (bytes.byteLength < reasonAt) throw damaged();
  return { ended: reasonIn(bytes.subarray(reasonAt)), at: bytes.readUIntBE(1, INSTANT_BYTES) };
}

export function reasonIn(bytes: Buffer): EndReason {
  const text = bytes.toString("latin1");
  if (!isEndReason(text)) throw damaged();
  return text;
}

/** Reads lengths and bytes in a row; whatever runs over the end is damage. */
class Parts {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, from: number) {
    this.#bytes = bytes;
    this.#at = from;
  }

  view(length: number): Uint8Array {
    const from = this.#pass(length);
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + from, length);
  }

  number(byteLength: number): number {
    return this.#bytes.readUIntBE(this.#pass(byteLength), byteLength);
  }

  shortLength(): number {
    const length = this.number(1);
    return length === LONG ? this.number(4) : length;
  }

  /** `null` where the flags say that there is none. */
  text({ isThere, isUtf16 }: Text, flags: number): string | null {
    if (!(flags & isThere)) return null;
    const length = this.shortLength();
    const from = this.#pass(length);
    return this.#bytes.toString(flags & isUtf16 ? "utf16le" : "utf8", from, from + length);
  }

  endAt(end: number): void {
    if (this.#at !== end) throw damaged();
  }

  /** Where the next `length` bytes begin. */
  #pass(length: number): number {
    const from = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.byteLength) throw damaged();
    return from;
  }
}
