/**
 * How MessagePack writes what it has no type for: extensions of the application's range (0 to 127), and lists that begin
 * with one. Dates are the timestamp extension of its specification, 64-bit integers are bigints.
 */
import {
  decodeTimestampToTimeSpec,
  EXT_TIMESTAMP,
  ExtData,
  encodeDateToTimeSpec,
  encodeTimeSpecToTimestamp,
} from "@msgpack/msgpack";
import { UndecodableError } from "../errors.ts";
import { type Form, MAX_BIGINT_DIGITS } from "./copy-walk.ts";

const UNDEFINED = 1;
const MINUS_ZERO = 2;
const BIGINT = 3;
const URL_TEXT = 4;
const UTF16 = 5;
const MAP = 6;
const SET = 7;
const OBJECT = 8;

const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;
const DECIMAL = new RegExp(`^-?[1-9][0-9]{0,${MAX_BIGINT_DIGITS - 1}}$`);
const NOTHING = new Uint8Array(0);

/** What a list begins with when it stands for something else. */
export class Mark {
  readonly of: "Map" | "Set" | "object";
  constructor(of: Mark["of"]) {
    this.of = of;
  }
}

const MAP_MARK = new Mark("Map");
const SET_MARK = new Mark("Set");
const OBJECT_MARK = new Mark("object");

const ascii = (type: number, text: string): ExtData => new ExtData(type, Buffer.from(text, "latin1"));
const empty = (type: number): ExtData => new ExtData(type, NOTHING);

/** Text UTF-8 cannot hold keeps its UTF-16 units; every other is as it is. */
function text(value: string): string | ExtData {
  return value.isWellFormed() ? value : new ExtData(UTF16, Buffer.from(value, "utf16le"));
}

/** Special values as they are written. */
export const packedForm: Form = {
  text,
  undefined: () => empty(UNDEFINED),
  oddNumber: (value) => (value === 0 ? empty(MINUS_ZERO) : value),
  bigint: (value) => (fits64(value) ? value : ascii(BIGINT, String(value))),
  date: (time) => new ExtData(EXT_TIMESTAMP, encodeTimeSpecToTimestamp(encodeDateToTimeSpec(new Date(time)))),
  url: (href) => ascii(URL_TEXT, href),
  bytes: (value) => value,
  map: (flat) => [empty(MAP), ...flat],
  set: (items) => [empty(SET), ...items],
  object: (fields) =>
    Object.keys(fields).every((key) => key.isWellFormed())
      ? fields
      : [empty(OBJECT), ...Object.entries(fields).flatMap(([key, value]) => [text(key), value])],
};

/** The value or mark an extension stands for. Throws `UndecodableError` for anything `packedForm` does not write. */
export function readExtension(data: Uint8Array, type: number): unknown {
  switch (type) {
    case EXT_TIMESTAMP:
      return readDate(data);
    case BIGINT:
      return readBigint(Buffer.from(data).toString("latin1"));
    case URL_TEXT:
      return readUrl(Buffer.from(data).toString("latin1"));
    case UTF16:
      return readUtf16(data);
    default:
      if (data.byteLength !== 0) return refuse();
      return readEmpty(type);
  }
}

function readEmpty(type: number): unknown {
  switch (type) {
    case UNDEFINED:
      return undefined;
    case MINUS_ZERO:
      return -0;
    case MAP:
      return MAP_MARK;
    case SET:
      return SET_MARK;
    case OBJECT:
      return OBJECT_MARK;
    default:
      return refuse();
  }
}

function readDate(data: Uint8Array): Date {
  if (data.byteLength !== 4 && data.byteLength !== 8 && data.byteLength !== 12) return refuse();
  const { sec, nsec } = decodeTimestampToTimeSpec(data);
  const time = sec * 1000 + nsec / 1e6;
  const date = new Date(time);
  // Beyond what a Date holds, or finer than it: the time would not be the one that was written.
  return nsec < 1e9 && date.getTime() === time ? date : refuse();
}

function readBigint(digits: string): bigint {
  if (!DECIMAL.test(digits)) return refuse(); // before parsing, which takes more than linear time
  const value = BigInt(digits);
  return fits64(value) ? refuse() : value;
}

function readUrl(href: string): URL {
  const url = URL.parse(href);
  return url?.href === href ? url : refuse();
}

function readUtf16(data: Uint8Array): string {
  const value = Buffer.from(data).toString("utf16le");
  return data.byteLength % 2 === 0 && !value.isWellFormed() ? value : refuse();
}

function refuse(): never {
  throw new UndecodableError("an extension is unknown or its content malformed");
}

function fits64(value: bigint): boolean {
  return value >= INT64_MIN && value <= UINT64_MAX;
}
