/** What cases do and assert again and again. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { headerOf, type SessionHeader, type SessionId, type SessionRecord } from "../../core/record.ts";
import { type EndReason, StoreFault, type StoreFaultKind } from "../../errors.ts";
import type { CreateOptions, SessionStore } from "../../stores/contract.ts";
import { at, begunAt, START } from "./records.ts";

/** Creates the session and insists that it worked. */
export async function add(
  store: SessionStore,
  record: SessionRecord,
  call: CreateOptions = begunAt(record.createdAt - START),
): Promise<SessionRecord> {
  assert.deepEqual(await store.create(record, call), { ok: true });
  return record;
}

export async function addAll(store: SessionStore, records: readonly SessionRecord[]): Promise<void> {
  for (let from = 0; from < records.length; from += 500) {
    await Promise.all(records.slice(from, from + 500).map((record) => add(store, record)));
  }
}

/** The record that a load at this offset answers. */
export async function liveAt(store: SessionStore, id: SessionId, offset = 0): Promise<SessionRecord> {
  const found = await store.load(id, at(offset));
  assert.ok(found && !("ended" in found), `expected a live session, got ${describe(found)}`);
  return found;
}

export async function assertAbsent(
  store: SessionStore,
  id: SessionId,
  offset = 0,
  message = "",
): Promise<void> {
  const found = await store.load(id, at(offset));
  assert.ok(found === null, `expected nothing, got ${describe(found)} ${message}`);
}

/** That the session is stored exactly like this. */
export async function assertStored(store: SessionStore, record: SessionRecord, offset = 0): Promise<void> {
  assertSame(await liveAt(store, record.id, offset), record);
}

/** That it ended with this reason, by a call at `endedAt`. A store without `noRevival` may have forgotten it. */
export async function assertEnded(
  store: SessionStore,
  id: SessionId,
  reason: EndReason,
  { offset = 0, endedAt = offset }: { readonly offset?: number; readonly endedAt?: number } = {},
): Promise<void> {
  const found = await store.load(id, at(offset));
  if (found === null && !store.guarantees.noRevival) return;
  assert.ok(found && "ended" in found, `expected an ended session, got ${describe(found)}`);
  assert.deepEqual({ ended: found.ended, at: found.at }, { ended: reason, at: START + endedAt });
}

/** Equal in every field, whatever kind of byte array the store uses. */
export function assertSame(actual: SessionRecord, expected: SessionRecord): void {
  assert.deepEqual(plain(actual), plain(expected));
}

export function assertConflict(
  result: string | { readonly conflict: SessionRecord },
  current: SessionRecord,
): void {
  assert.ok(typeof result !== "string", `expected a conflict, got ${describe(result)}`);
  assertSame(result.conflict, current);
}

function plain(record: SessionRecord): object {
  const { credentials, payload, ...header } = record;
  return { ...header, credentials: hex(credentials), payload: hex(payload) };
}

/** A difference between longer ones says nothing to a reader and takes a runner minutes to show. */
const READABLE = 1024;

function hex(bytes: Uint8Array): string {
  assert.ok(bytes instanceof Uint8Array, "bytes are a Uint8Array");
  if (bytes.byteLength <= READABLE) return Buffer.from(bytes).toString("hex");
  return `${bytes.byteLength} bytes ${createHash("sha256").update(bytes).digest("hex")}`;
}

function describe(found: unknown): string {
  if (typeof found !== "object" || found === null) return String(found);
  return "ended" in found ? `one that ended: ${String(found.ended)}` : "a live one";
}

export async function rejectsWith(kind: StoreFaultKind, operation: () => Promise<unknown>): Promise<void> {
  await assert.rejects(operation, (error) => {
    assert.ok(error instanceof StoreFault, `expected a StoreFault, got ${String(error)}`);
    assert.equal(error.kind, kind);
    return true;
  });
}

export interface Ends {
  readonly onEnded: (session: SessionHeader, reason: EndReason) => void;
  /** That exactly these were told of, in any order, each with its header as it was. */
  are(expected: readonly (readonly [SessionRecord, EndReason])[]): void;
  readonly count: number;
}

/** Listens to what a call ends. */
export function listen(): Ends {
  const heard: [SessionHeader, EndReason][] = [];
  return {
    onEnded: (session, reason) => heard.push([{ ...session }, reason]),
    get count() {
      return heard.length;
    },
    are(expected) {
      assert.deepEqual(
        sorted(heard),
        sorted(expected.map(([record, reason]) => [headerOf(record), reason] as const)),
      );
    },
  };
}

function sorted(ends: readonly (readonly [SessionHeader, EndReason])[]): readonly unknown[] {
  return ends
    .toSorted(([a], [b]) => (a.id < b.id ? -1 : 1))
    .map(([header, reason]) => ({ reason, ...header }));
}

/** All of a user's sessions, page by page. */
export async function listAll(
  store: SessionStore,
  userId: string,
  { offset = 0, limit = 1000 }: { readonly offset?: number; readonly limit?: number } = {},
): Promise<readonly SessionHeader[]> {
  const all: SessionHeader[] = [];
  const cursors = new Set<string>();
  let after: string | null = null;
  do {
    const page = await store.listByUser(userId, {
      ...at(offset),
      limit,
      ...(after !== null && { after }),
    });
    assert.ok(page.sessions.length <= limit, "a page is no longer than its limit");
    all.push(...page.sessions);
    after = page.after;
    if (after !== null) {
      assert.ok(!cursors.has(after), "a listing goes on, never in circles");
      cursors.add(after);
    }
  } while (after !== null);
  return all;
}

export function idsOf(sessions: readonly { readonly id: SessionId }[]): SessionId[] {
  return sessions.map(({ id }) => id);
}
