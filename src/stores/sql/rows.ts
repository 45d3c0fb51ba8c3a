/** Between rows and records. Every cell is checked, since a pool may be set up to read types its own way. */
import { fromBase64url, toBase64url } from "../../core/bytes.ts";
import { type Ended, isEndReason, type SessionHeader, type SessionRecord } from "../../core/record.ts";
import { type EndReason, StoreFault } from "../../errors.ts";
import type { SqlValue } from "./queries.ts";

/** What listings and ends read. */
const HEADER_NAMES = [
  "id",
  "version",
  "user_id",
  "created_at",
  "authenticated_at",
  "seen_at",
  "idle_until",
  "absolute_until",
  "idle_for",
  "persistent",
  "label",
  "about",
] as const;

/** The columns of a header, `of` a table alias. */
export function headerColumns(of: string): string {
  return HEADER_NAMES.map((name) => `${of}.${name}`).join(", ");
}

/** The column after those of a header: `reason`. */
const REASON: number = HEADER_NAMES.length;

/** What text of a database may not carry: U+0000 and lone surrogates. The last stands for what is escaped itself. */
const UNSAFE = /[\0\p{Surrogate}]|^\\utf16:/u;
const ESCAPE = "\\utf16:";

/** A text as it is stored and looked for. No two texts are ever stored as one. */
export function textValue(text: string): string {
  return UNSAFE.test(text) ? ESCAPE + Buffer.from(text, "utf16le").toString("base64") : text;
}

/** Where the column is of bytes, text comes as UTF-8. */
export function textIn(cell: unknown): string | null {
  if (cell === null) return null;
  const text = cell instanceof Uint8Array ? viewOf(cell).toString() : cell;
  if (typeof text !== "string") throw damaged();
  return text.startsWith(ESCAPE)
    ? Buffer.from(text.slice(ESCAPE.length), "base64").toString("utf16le")
    : text;
}

/** The values of the INSERT, in the order of the header, then credentials and payload. Bytes are copied. */
export function insertValues(record: SessionRecord): SqlValue[] {
  return [
    fromBase64url(record.id),
    textValue(record.version),
    record.userId === null ? null : textValue(record.userId),
    record.createdAt,
    record.authenticatedAt,
    record.seenAt,
    record.idleUntil,
    record.absoluteUntil,
    record.idleFor,
    record.persistent,
    record.label === null ? null : textValue(record.label),
    record.about === null ? null : textValue(record.about),
    Buffer.from(record.credentials),
    Buffer.from(record.payload),
  ];
}

/** The session, live or not, or what is left of it. */
export function recordIn(row: readonly unknown[]): SessionRecord | Ended {
  const reason = textIn(row[REASON]);
  if (reason !== null) return { ended: reasonIn(reason), at: numberIn(row[5]) };
  const credentials = bytesIn(row[REASON + 1]);
  const payload = bytesIn(row[REASON + 2]);
  return { ...headerIn(row), credentials, payload };
}

export function headerIn(row: readonly unknown[]): SessionHeader {
  const version = textIn(row[1]);
  if (version === null) throw damaged();
  return {
    id: toBase64url(bytesIn(row[0])),
    version,
    userId: textIn(row[2]),
    createdAt: numberIn(row[3]),
    authenticatedAt: row[4] === null ? null : numberIn(row[4]),
    seenAt: numberIn(row[5]),
    idleUntil: idleIn(row),
    absoluteUntil: numberIn(row[7]),
    idleFor: numberIn(row[8]),
    persistent: booleanIn(row[9]),
    label: textIn(row[10]),
    about: textIn(row[11]),
  };
}

/** Whether the row is what is left of a session that ended earlier. */
export function isTombstone(row: readonly unknown[]): boolean {
  return row[REASON] !== null;
}

/** The row as if it had been a tombstone when it was read. */
export function asTombstone(row: readonly unknown[]): readonly unknown[] {
  return row.with(REASON, "idle");
}

/** The earlier of the two deadlines of a row that begins with a header. */
export function deadlineIn(row: readonly unknown[]): number {
  return Math.min(idleIn(row), numberIn(row[7]));
}

export function idleIn(row: readonly unknown[]): number {
  return numberIn(row[6]);
}

function reasonIn(text: string): EndReason {
  if (!isEndReason(text)) throw damaged();
  return text;
}

/** Some databases have numbers for it. */
function booleanIn(cell: unknown): boolean {
  if (typeof cell === "boolean") return cell;
  const number = numberIn(cell);
  if (number !== 0 && number !== 1) throw damaged();
  return number === 1;
}

/** A bigint comes as text, unless the pool was told otherwise. */
export function numberIn(cell: unknown): number {
  const value = typeof cell === "string" && cell !== "" ? Number(cell) : cell;
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isSafeInteger(number)) throw damaged();
  return number;
}

/** A view of what the library answered. */
export function bytesIn(cell: unknown): Uint8Array {
  if (!(cell instanceof Uint8Array)) throw damaged();
  return new Uint8Array(cell.buffer, cell.byteOffset, cell.byteLength);
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

export function rowsIn(rows: readonly unknown[]): readonly (readonly unknown[])[] {
  if (!rows.every(isRow)) throw damaged();
  return rows;
}

export function rowIn(row: unknown): readonly unknown[] {
  if (!isRow(row)) throw damaged();
  return row;
}

function isRow(row: unknown): row is readonly unknown[] {
  return Array.isArray(row);
}

function damaged(): StoreFault {
  return new StoreFault("damaged", "A row of the database is damaged: parts of the session are missing.");
}
