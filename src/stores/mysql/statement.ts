/** A statement and how it gets to the server: prepared, or as text with its values in it. */
import { StoreFault } from "../../errors.ts";
import { fieldIn } from "../plaintext.ts";
import type { SqlValue } from "../sql/queries.ts";
import { type Connection, configOf, type MysqlClient, type MysqlQuery, type MysqlValue } from "./client.ts";

export interface Statement {
  /** With `?` for each value. */
  readonly text: string;
  /** Which of the values, counted from 0, belongs to each `?`. */
  readonly places: readonly number[];
  /** Prepared once per connection, where the store may do that. */
  readonly isPrepared: boolean;
  /** Whether a lost answer leaves open what was done. */
  readonly writes: boolean;
}

/** `text` has `$1`, `$2` ... for its values, as often as it likes. */
export function statement(
  text: string,
  { writes = false, isPrepared = true }: { readonly writes?: boolean; readonly isPrepared?: boolean } = {},
): Statement {
  const places: number[] = [];
  const marked = text.replace(/\$(\d+)/g, (_, number) => {
    places.push(Number(number) - 1);
    return "?";
  });
  return { text: marked, places, isPrepared, writes };
}

export interface Answer {
  readonly rows: readonly unknown[];
  /** Of a writing statement. Whether a row counts that was as it should be already, depends on the connection. */
  readonly affected: number;
  /** Whether a transaction is open on that connection, so that nothing of it is committed yet. Known of writes only. */
  readonly isOpen: boolean;
}

export interface Manner {
  /** Whether statements may be prepared. */
  readonly prepares: boolean;
  /** Whether the pool surely reads columns the usual way. To leave it at that costs less than to say so. */
  readonly readsPlainly: boolean;
}

/** The manner of a client. */
export function mannerOf(client: MysqlClient, prepares: boolean): Manner {
  return { prepares, readsPlainly: fieldIn(configOf(client), "typeCast") === true };
}

export async function send(
  connection: Connection,
  { text, places, isPrepared }: Statement,
  values: readonly SqlValue[],
  { prepares, readsPlainly }: Manner,
): Promise<Answer> {
  const inOrder = places.map((place) => encode(values[place]));
  const options = readsPlainly ? PLAIN : CASTING;
  const result =
    isPrepared && prepares
      ? await connection.send({ ...options, sql: text, values: inOrder }, true)
      : await connection.send({ ...options, sql: spelled(text, inOrder) }, false);
  return answerIn(result);
}

/** Said with each query, so that what the pool was told does not matter. */
const PLAIN: Omit<MysqlQuery, "sql"> = { rowsAsArray: true, namedPlaceholders: false, nestTables: false };
const CASTING: Omit<MysqlQuery, "sql"> = { ...PLAIN, typeCast: (_, next) => next() };

/** mysql2 makes text of an object and refuses `undefined` in its own way; neither ever gets there. */
function encode(value: SqlValue | undefined): MysqlValue {
  if (value === null || Buffer.isBuffer(value)) return value;
  if (typeof value === "string") return Buffer.from(value);
  if (typeof value === "boolean") return Number(value);
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (Number.isSafeInteger(value)) return Number(value);
  throw new StoreFault("corrupt", "MySQL store: a value that no column takes was to be written.");
}

/** Only digits, hexadecimals and NULL, so that neither character sets nor modes of the server matter. */
function spelled(text: string, values: readonly MysqlValue[]): string {
  let next = 0;
  return text.replace(/\?/g, () => literal(values[next++] ?? null));
}

/** A value as it stands in SQL. */
export function literal(value: SqlValue): string {
  const encoded = encode(value);
  if (encoded === null) return "NULL";
  return typeof encoded === "number" ? String(encoded) : `X'${encoded.toString("hex")}'`;
}

const IN_TRANSACTION = 1;

function answerIn(result: unknown): Answer {
  if (Array.isArray(result)) return { rows: result, affected: 0, isOpen: false };
  const { affectedRows, serverStatus } = result as { affectedRows?: unknown; serverStatus?: unknown };
  return { rows: [], affected: Number(affectedRows), isOpen: (Number(serverStatus) & IN_TRANSACTION) !== 0 };
}
