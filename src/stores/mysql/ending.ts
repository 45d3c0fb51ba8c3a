/**
 * How sessions end. Neither server tells what an UPDATE met, so rows are read first and then ended if they are still
 * just as they were read; what changed meanwhile is left to the caller, who reads it again.
 */
import { randomBytes } from "node:crypto";
import type { Instant } from "../../core/record.ts";
import { TOMBSTONE_MS } from "../contract.ts";
import { bytesIn, idleIn, rowIn } from "../sql/rows.ts";
import type { Ask } from "./link.ts";
import type { Names } from "./names.ts";
import { literal, statement } from "./statement.ts";

export interface Ending {
  readonly now: Instant;
  /** Unless a deadline has come, which is the reason before any other. */
  readonly reason: string;
  /** The id of the one that a login takes the place of. */
  readonly replaced?: Uint8Array | null;
}

const HEX = { isPrepared: false, writes: true };

/** Makes a tombstone of a row, but for the reason and the version. */
export function wiped(now: string): string {
  return `seen_at = ${now}, sweep_at = ${now} + ${TOMBSTONE_MS}, person = NULL, user_id = NULL, created_at = NULL,
      authenticated_at = NULL, idle_until = 0, absolute_until = 0, idle_for = NULL, persistent = NULL, label = NULL,
      about = NULL, credentials = NULL, payload = NULL`;
}

/** Ends these rows, which begin with the columns of a header. The ones that this very call ended. */
export async function endRows(
  ask: Ask,
  { sessions, byId }: Names,
  rows: readonly (readonly unknown[])[],
  { now, reason, replaced }: Ending,
): Promise<readonly (readonly unknown[])[]> {
  if (rows.length === 0) return rows;
  // An ended row has no use for a version. This one tells whose work it was.
  const stamp = literal(randomBytes(12));
  const otherwise = replaced
    ? `CASE WHEN id = ${literal(replaced)} THEN 'replaced' ELSE ${literal(reason)} END`
    : literal(reason);
  const update = statement(
    `UPDATE ${sessions} FORCE INDEX (${byId}) SET reason = CASE WHEN absolute_until <= ${now} THEN 'absolute'
      WHEN idle_until <= ${now} THEN 'idle' ELSE ${otherwise} END, version = ${stamp}, ${wiped(String(now))}
      WHERE ${rows.map(unchanged).join(" OR ")}`,
    HEX,
  );
  const { affected } = await ask(update);
  if (affected === rows.length) return rows;
  if (affected === 0) return [];
  const ids = rows.map(idOf).join(", ");
  const mine = await ask(statement(`SELECT id FROM ${sessions} WHERE id IN (${ids}) AND version = ${stamp}`));
  const ended = new Set(mine.rows.map((row) => idOf(rowIn(row))));
  return rows.filter((row) => ended.has(idOf(row)));
}

function unchanged(row: readonly unknown[]): string {
  const version = row[1] instanceof Uint8Array ? literal(row[1]) : "NULL"; // of a row that somebody damaged
  return `(id = ${idOf(row)} AND version <=> ${version} AND idle_until = ${idleIn(row)})`;
}

function idOf(row: readonly unknown[]): string {
  return literal(bytesIn(row[0]));
}
