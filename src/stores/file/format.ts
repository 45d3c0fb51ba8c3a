/**
 * What is in the files. A session file is, big-endian:
 *
 *     4  magic "SJRN"       1  format 2
 *    16  checksum: the first half of the SHA-256 of all that follows
 *     1  kind: 1 live, 2 ended
 *    16  id
 *   then of a live session: seven 64-bit floats (six instants and durations, `lookAt`), one byte of flags, and six
 *   parts, each a 32-bit length and its bytes: version, user id, label, about (UTF-16), credentials, payload
 *   and of an ended one: when (64-bit float), and the reason (length and bytes)
 *
 * Format 1, which is still read, has no `about`. The id inside must be the id in the name, and the parts must end where the file does. So a file that was cut, mixed
 * up or renamed is damaged, and never another session.
 */
import { fromBase64url, sameBytes, sha256, toBase64url } from "../../core/bytes.ts";
import {
  type Ended,
  type Instant,
  isEndReason,
  type SessionId,
  type SessionRecord,
} from "../../core/record.ts";
import { Reader, Writer } from "./packing.ts";

/** A live session, and when the next sweep has to look at it: never after its deadline. */
export interface LiveEntry {
  readonly record: SessionRecord;
  readonly lookAt: Instant;
}

export interface DamagedEntry {
  readonly damage: string;
}

/** What a file turned out to be. */
export type Entry = LiveEntry | Ended | DamagedEntry;

const MAGIC = 0x534a524e;
const FORMAT = 2;
const FORMAT_WITHOUT_ABOUT = 1;
const LIVE = 1;
const ENDED = 2;
const CHECKSUM_AT = 5;
const CHECKED_FROM = 21;

const HAS_USER = 1;
const HAS_AUTHENTICATED = 2;
const HAS_LABEL = 4;
const IS_PERSISTENT = 8;
const HAS_ABOUT = 16;

export function encodeLive({ record, lookAt }: LiveEntry): Uint8Array {
  const writer = new Writer(CHECKED_FROM + 17 + 57 + 20 + 400 + record.payload.byteLength);
  writer.skip(CHECKED_FROM);
  writer.byte(LIVE);
  writer.raw(fromBase64url(record.id));
  for (const instant of [
    record.createdAt,
    record.authenticatedAt ?? 0,
    record.seenAt,
    record.idleUntil,
    record.absoluteUntil,
    record.idleFor,
    lookAt,
  ]) {
    writer.float(instant);
  }
  writer.byte(
    (record.userId === null ? 0 : HAS_USER) |
      (record.authenticatedAt === null ? 0 : HAS_AUTHENTICATED) |
      (record.label === null ? 0 : HAS_LABEL) |
      (record.persistent ? IS_PERSISTENT : 0) |
      (record.about === null ? 0 : HAS_ABOUT),
  );
  writer.text(record.version);
  writer.text(record.userId ?? "");
  writer.text(record.label ?? "");
  writer.text(record.about ?? "");
  writer.part(record.credentials);
  writer.part(record.payload);
  return seal(writer);
}

export function encodeEnded(id: SessionId, { ended, at }: Ended): Uint8Array {
  const writer = new Writer(CHECKED_FROM + 17 + 8 + 32);
  writer.skip(CHECKED_FROM);
  writer.byte(ENDED);
  writer.raw(fromBase64url(id));
  writer.float(at);
  writer.text(ended);
  return seal(writer);
}

function seal(writer: Writer): Uint8Array {
  const bytes = writer.bytes();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint32(0, MAGIC);
  view.setUint8(4, FORMAT);
  bytes.set(checksum(bytes), CHECKSUM_AT);
  return bytes;
}

function checksum(bytes: Uint8Array): Uint8Array {
  return sha256(bytes.subarray(CHECKED_FROM)).subarray(0, 16);
}

/** Takes over `bytes`: the record's parts point into them. */
export function decode(id: SessionId, bytes: Uint8Array): Entry {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < CHECKED_FROM || view.getUint32(0) !== MAGIC) return { damage: "not a session file" };
  const format = view.getUint8(4);
  if (format !== FORMAT && format !== FORMAT_WITHOUT_ABOUT)
    return { damage: `format ${format} is not known` };
  if (!sameBytes(checksum(bytes), bytes.subarray(CHECKSUM_AT, CHECKED_FROM))) {
    return { damage: "the checksum is wrong" };
  }
  const reader = new Reader(bytes, CHECKED_FROM);
  const kind = reader.byte();
  if (toBase64url(reader.raw(16)) !== id) return { damage: "it belongs to another session" };
  const entry = kind === LIVE ? readLive(id, format, reader) : readEnded(reader);
  return entry && reader.isAtEnd() ? entry : { damage: "its parts do not fit" };
}

function readLive(id: SessionId, format: number, reader: Reader): LiveEntry {
  const createdAt = reader.float();
  const authenticatedAt = reader.float();
  const seenAt = reader.float();
  const idleUntil = reader.float();
  const absoluteUntil = reader.float();
  const idleFor = reader.float();
  const lookAt = reader.float();
  const flags = reader.byte();
  const version = reader.text();
  const userId = reader.text();
  const label = reader.text();
  const about = format === FORMAT_WITHOUT_ABOUT ? "" : reader.text();
  const record = {
    id,
    userId: flags & HAS_USER ? userId : null,
    version,
    createdAt,
    authenticatedAt: flags & HAS_AUTHENTICATED ? authenticatedAt : null,
    seenAt,
    idleUntil,
    absoluteUntil,
    idleFor,
    persistent: (flags & IS_PERSISTENT) !== 0,
    label: flags & HAS_LABEL ? label : null,
    about: flags & HAS_ABOUT ? about : null,
    credentials: reader.part(),
    payload: reader.part(),
  };
  return { record, lookAt };
}

function readEnded(reader: Reader): Ended | null {
  const at = reader.float();
  const text = reader.text();
  return isEndReason(text) ? { ended: text, at } : null;
}
