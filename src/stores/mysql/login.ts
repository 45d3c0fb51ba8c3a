/**
 * A login in one transaction. It first locks the user's row in the table of marks, which every other login and every
 * revocation of theirs waits for; what it reads after that stays as it is, but for what single sessions do meanwhile,
 * and a session that it ends must still be as it was read. No range of an index is locked, so that users do not wait
 * for each other.
 */
import { fromBase64url } from "../../core/bytes.ts";
import { isLive, type SessionHeader, type SessionRecord } from "../../core/record.ts";
import { isSessionId } from "../../core/token.ts";
import { type CreateOptions, REVOCATION_MS } from "../contract.ts";
import type { SqlValue } from "../sql/queries.ts";
import { headerIn, numberIn, rowIn, textIn } from "../sql/rows.ts";
import { endRows } from "./ending.ts";
import { isDuplicate, Overtaken } from "./faults.ts";
import type { Ask } from "./link.ts";
import type { MysqlQueries } from "./queries.ts";

/** A login that only needed the lock leaves its row in the table of marks for this long. */
const LOCK_ROW_MS = 60_000;

export interface Login {
  readonly record: SessionRecord;
  readonly call: CreateOptions;
  /** Of the new row. */
  readonly values: readonly SqlValue[];
  /** The user's digest; `null` for a visitor. */
  readonly person: Uint8Array | null;
}

export interface Attempt {
  /** `taken`: its own id is there already. */
  readonly outcome: "ok" | "taken" | "revoked" | "conflict" | "full";
  readonly ended: readonly SessionHeader[];
}

/** A session that has to be looked at, as a row and as what it says. */
interface Seen {
  readonly row: readonly unknown[];
  readonly session: SessionHeader;
}

export async function attemptLogin(ask: Ask, queries: MysqlQueries, login: Login): Promise<Attempt> {
  const { call } = login;
  const found = login.person
    ? await ofUser(ask, queries, login, login.person)
    : await ofVisitor(ask, queries, login);
  if (found === "revoked") return { outcome: "revoked", ended: [] };
  if (found.some(({ session }) => session.id === login.record.id)) return { outcome: "taken", ended: [] };

  const replaced = found.find(({ session }) => session.id === call.replaces?.id);
  const isStale = replaced && replaced.session.version !== call.replaces?.version;
  if (isStale && isLive(replaced.session, call.now)) return { outcome: "conflict", ended: [] };

  const { doomed, isFull } = overLimit(found, replaced, call);
  if (!isFull) {
    if (replaced) doomed.push(replaced);
    if (!(await insert(ask, queries, login))) return { outcome: "taken", ended: [] };
  }
  await end(ask, queries, doomed, login);
  return { outcome: isFull ? "full" : "ok", ended: doomed.map(({ session }) => session) };
}

async function ofUser(
  ask: Ask,
  { sql }: MysqlQueries,
  { call }: Login,
  person: Uint8Array,
): Promise<readonly Seen[] | "revoked"> {
  await ask(sql.lock, [person, call.now + LOCK_ROW_MS]);
  const { rows } = await ask(call.limit ? sql.markAndAll : sql.markAndOne, [person, replacedKey(call)]);
  const [revokedAt, token] = rowIn(rows[0]);
  if (isRevoked(revokedAt, token, call)) return "revoked";
  return rows.flatMap((row) => seenIn(rowIn(row).slice(2)));
}

async function ofVisitor(ask: Ask, { sql }: MysqlQueries, { call }: Login): Promise<readonly Seen[]> {
  const { rows } = await ask(sql.visitor, [replacedKey(call)]);
  return rows.flatMap((row) => seenIn(rowIn(row)));
}

function replacedKey({ replaces }: CreateOptions): Uint8Array | null {
  return replaces && isSessionId(replaces.id) ? fromBase64url(replaces.id) : null;
}

function seenIn(row: readonly unknown[]): Seen[] {
  return row[0] === null ? [] : [{ row, session: headerIn(row) }];
}

/** No mark means no revocation for fifteen minutes, which is longer than any login may take. */
function isRevoked(revokedAt: unknown, token: unknown, { now, since }: CreateOptions): boolean {
  if (revokedAt === null) return false;
  const at = numberIn(revokedAt);
  if (now >= at + REVOCATION_MS) return false;
  return "revocation" in since ? since.revocation !== textIn(token) : at >= since.startedAt;
}

/** What has expired, and the oldest as far as they are too many. They come newest first. */
function overLimit(
  found: readonly Seen[],
  replaced: Seen | undefined,
  { now, limit }: CreateOptions,
): { readonly doomed: Seen[]; readonly isFull: boolean } {
  if (!limit) return { doomed: [], isFull: false };
  const others = found.filter((one) => one !== replaced);
  const live = others.filter(({ session }) => isLive(session, now));
  const doomed = others.filter(({ session }) => !isLive(session, now));
  const surplus = live.length - limit.max + 1;
  if (surplus <= 0) return { doomed, isFull: false };
  if (limit.over === "refuse") return { doomed, isFull: true };
  return { doomed: [...doomed, ...live.slice(-surplus)], isFull: false };
}

async function insert(ask: Ask, { sql }: MysqlQueries, { values }: Login): Promise<boolean> {
  try {
    await ask(sql.insert, values);
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

async function end(
  ask: Ask,
  { names }: MysqlQueries,
  doomed: readonly Seen[],
  { call }: Login,
): Promise<void> {
  const rows = doomed.map(({ row }) => row);
  const ending = { now: call.now, reason: "limit", replaced: replacedKey(call) };
  const ended = await endRows(ask, names, rows, ending);
  if (ended.length !== rows.length) throw new Overtaken();
}
