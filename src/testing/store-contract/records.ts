/** Records to put into a store, and the instants at which the cases play. */
import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";
import type { Instant, SessionId, SessionRecord, Version } from "../../core/record.ts";
import type { CallOptions, CreateOptions, SessionStore } from "../../stores/contract.ts";

/** When every case begins. In the future, so that an engine with a clock of its own ends nothing by itself. */
export const START: Instant = Date.UTC(2041, 6, 7, 8, 9, 10, 111);

export const MINUTE = 60_000;
const IDLE_MS: number = 30 * MINUTE;
const ABSOLUTE_MS: number = 12 * 60 * MINUTE;

/** A call `offset` milliseconds after the start. */
export function at(offset = 0): CallOptions {
  return { now: START + offset };
}

/** The same for `create`: a login that began with the call. */
export function begunAt(offset = 0, more: Partial<CreateOptions> = {}): CreateOptions {
  return { now: START + offset, since: { startedAt: START + offset }, ...more };
}

/** A user's session that began at the start: 30 minutes idle, 12 hours absolute. */
export function userRecord(userId = "ada", fields: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id: newId(userId),
    userId,
    version: newVersion(),
    createdAt: START,
    authenticatedAt: START,
    seenAt: START,
    idleUntil: START + IDLE_MS,
    absoluteUntil: START + ABSOLUTE_MS,
    idleFor: IDLE_MS,
    persistent: false,
    label: "Firefox on Linux",
    about: '{"methods":["pwd"]}',
    credentials: randomBytes(124),
    payload: Uint8Array.of(1, 0x5b, 0x7b, 0x7d, 0x5d),
    ...fields,
  };
}

export function visitorRecord(fields: Partial<SessionRecord> = {}): SessionRecord {
  return {
    ...userRecord(),
    id: newId(),
    userId: null,
    authenticatedAt: null,
    persistent: true,
    label: null,
    about: null,
    ...fields,
  };
}

/** What a later request writes: new version, new bytes, seen and idle moved on. */
export function revised(
  record: SessionRecord,
  offset: number = MINUTE,
  fields: Partial<SessionRecord> = {},
): SessionRecord {
  return {
    ...record,
    version: newVersion(),
    seenAt: START + offset,
    idleUntil: Math.min(record.absoluteUntil, START + offset + record.idleFor),
    credentials: randomBytes(124),
    payload: randomBytes(40),
    ...fields,
  };
}

const played = new AsyncLocalStorage<SessionStore>();

/** Ids made meanwhile are such as this store can keep. */
export function forStore<T>(store: SessionStore, act: () => Promise<T>): Promise<T> {
  return played.run(store, act);
}

/** Of a session of this user; without one, of a visitor. */
export function newId(userId: string | null = null): SessionId {
  const id = randomBytes(16);
  if (userId !== null) id.set(played.getStore()?.tag?.(userId) ?? []);
  return id.toString("base64url");
}

export function newVersion(): Version {
  return randomBytes(12).toString("base64url");
}
