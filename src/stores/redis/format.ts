/**
 * What is in the keys. A session is one string, big-endian, whose first 92 bytes are the same for all, so that a script
 * reads and moves a deadline in place:
 *
 *      0  kind: 1 live                      50  version, 16 characters
 *      1  seenAt         17  absoluteUntil  66  digest of the user, 22 characters; dashes for a visitor
 *      9  idleUntil      25  createdAt      88  how many bytes the three texts take
 *     33  authenticatedAt   41  idleFor     92  user id, label, about, each a length, a form and its bytes
 *     49  flags                             ..  credentials and payload, each a length and its bytes
 *
 * Instants and durations are 64-bit floats, lengths have 32 bits. Of an ended one is left: kind 2, when, the reason.
 */
import {
  type Ended,
  isEndReason,
  type SessionHeader,
  type SessionId,
  type SessionRecord,
} from "../../core/record.ts";
import { type EndReason, StoreFault } from "../../errors.ts";
import { damaged } from "./faults.ts";

const LIVE = 1;
const ENDED = 2;
const FIXED_BYTES = 92;

/** In the place of a user's digest. */
export const NOBODY: string = "-".repeat(22);

const VERSION_AT = 50;
const DIGEST_AT = 66;
const TEXTS_AT = 88;
const VERSION_CHARACTERS = 16;

const HAS_USER = 1;
const HAS_AUTHENTICATED = 2;
const HAS_LABEL = 4;
const IS_PERSISTENT = 8;
const HAS_ABOUT = 16;

const UTF8 = 0;
/** For a text that is not well-formed: it must not come back as another one. */
const UTF16 = 1;

/** Throws `StoreFault` kind `corrupt` for a version that is none. */
export function encodeVersion(version: string): Buffer {
  const bytes = Buffer.from(version, "latin1");
  if (!/^[\x21-\x7e]{16}$/.test(version)) {
    throw new StoreFault("corrupt", `A version has ${VERSION_CHARACTERS} characters of base64url.`);
  }
  return bytes;
}

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
  for (const [i, instant] of instants.entries()) fixed.writeDoubleBE(instant, 1 + 8 * i);
  fixed.writeUInt8(flagsOf(record), 49);
  encodeVersion(record.version).copy(fixed, VERSION_AT);
  fixed.write(digest, DIGEST_AT, "latin1");
  const texts = Buffer.concat(
    [record.userId, record.label, record.about].map((text) => encodeText(text ?? "")),
  );
  fixed.writeUInt32BE(texts.byteLength, TEXTS_AT);
  return Buffer.concat([fixed, texts, encodeTail(record)]);
}

function flagsOf(record: SessionRecord): number {
  return (
    (record.userId === null ? 0 : HAS_USER) |
    (record.authenticatedAt === null ? 0 : HAS_AUTHENTICATED) |
    (record.label === null ? 0 : HAS_LABEL) |
    (record.persistent ? IS_PERSISTENT : 0) |
    (record.about === null ? 0 : HAS_ABOUT)
  );
}

/** Credentials and payload: all that a save replaces beside numbers and version. */
export function encodeTail({ credentials, payload }: Pick<SessionRecord, "credentials" | "payload">): Buffer {
  return Buffer.concat([lengthOf(credentials), credentials, lengthOf(payload), payload]);
}

function encodeText(text: string): Buffer {
  const form = text.isWellFormed() ? UTF8 : UTF16;
  const bytes = Buffer.from(text, form === UTF8 ? "utf8" : "utf16le");
  return Buffer.concat([lengthOf(bytes), Buffer.of(form), bytes]);
}

function lengthOf(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.byteLength);
  return length;
}

/** Throws `StoreFault` kind `damaged` for anything that no version of this format allows. */
export function decode(id: SessionId, bytes: Buffer): SessionRecord | Ended {
  const kind = bytes.at(0);
  if (kind === ENDED) return decodeEnded(bytes);
  const header = decodeHeader(id, bytes);
  const parts = new Parts(bytes, FIXED_BYTES + bytes.readUInt32BE(TEXTS_AT));
  const record = { ...header, credentials: parts.take(), payload: parts.take() };
  parts.end();
  return record;
}

export function decodeHeader(id: SessionId, bytes: Buffer): SessionHeader {
  if (bytes.byteLength < FIXED_BYTES || bytes.at(0) !== LIVE) throw damaged();
  const flags = bytes.readUInt8(49);
  const end = FIXED_BYTES + bytes.readUInt32BE(TEXTS_AT);
  const parts = new Parts(bytes.subarray(0, end), FIXED_BYTES);
  const [userId, label, about] = [parts.text(), parts.text(), parts.text()];
  parts.end();
  const [seenAt, idleUntil, absoluteUntil, createdAt, authenticatedAt, idleFor] = [1, 9, 17, 25, 33, 41].map(
    (at) => bytes.readDoubleBE(at),
  );
  return {
    id,
    userId: flags & HAS_USER ? userId : null,
    version: bytes.toString("latin1", VERSION_AT, DIGEST_AT),
    createdAt: instant(createdAt),
    authenticatedAt: flags & HAS_AUTHENTICATED ? instant(authenticatedAt) : null,
    seenAt: instant(seenAt),
    idleUntil: instant(idleUntil),
    absoluteUntil: instant(absoluteUntil),
    idleFor: instant(idleFor),
    persistent: (flags & IS_PERSISTENT) !== 0,
    label: flags & HAS_LABEL ? label : null,
    about: flags & HAS_ABOUT ? about : null,
  };
}

function decodeEnded(bytes: Buffer): Ended {
  if (bytes.byteLength < 9) throw damaged();
  return { ended: reasonIn(bytes.subarray(9)), at: instant(bytes.readDoubleBE(1)) };
}

export function reasonIn(bytes: Buffer): EndReason {
  const text = bytes.toString("latin1");
  if (!isEndReason(text)) throw damaged();
  return text;
}

function instant(value: number | undefined): number {
  if (value === undefined || !Number.isFinite(value)) throw damaged();
  return value;
}

/** Reads lengths and bytes in a row; whatever runs over the end is damage. */
class Parts {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, from: number) {
    this.#bytes = bytes;
    this.#at = from;
  }

  take(): Uint8Array {
    const length = this.#move(4).readUInt32BE();
    return new Uint8Array(this.#move(length));
  }

  text(): string {
    const length = this.#move(4).readUInt32BE();
    const form = this.#move(1).readUInt8();
    if (form !== UTF8 && form !== UTF16) throw damaged();
    return this.#move(length).toString(form === UTF8 ? "utf8" : "utf16le");
  }

  end(): void {
    if (this.#at !== this.#bytes.byteLength) throw damaged();
  }

  #move(length: number): Buffer {
    const from = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.byteLength) throw damaged();
    return this.#bytes.subarray(from, this.#at);
  }
}
