/** The operations of the memory store over its table. */
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type Ended,
  headerOf,
  type Instant,
  isLive,
  type SessionHeader,
  type SessionId,
  type SessionRecord,
  type Version,
} from "../../core/record.ts";
import { isSessionId } from "../../core/token.ts";
import { type EndReason, StoreFault } from "../../errors.ts";
import {
  type CallOptions,
  type CreateOptions,
  type CreateResult,
  type DeleteResult,
  type Guarantees,
  type Health,
  type Page,
  REVOCATION_MS,
  type SaveResult,
  type Scanned,
  type SessionStore,
  type SweepResult,
  type UserSessions,
} from "../contract.ts";
import type { UserDigest } from "../user-digest.ts";
import { cursorOf, isPast, parseCursor, rowOfScan } from "./cursor.ts";
import { isOfId, MAX_CREDENTIALS } from "./packed.ts";
import { Remembered } from "./remembered.ts";
import { type Found, Table, type Turn } from "./table.ts";

const GUARANTEES: Guarantees = Object.freeze({
  cas: true,
  noRevival: true,
  revokeUser: true,
  userIndex: true,
  slots: false,
  expiry: "sweep",
  shared: "process",
  durable: "no",
  maxBytes: 1_048_576,
});

/** Of a user's sessions, before others have their turn: a millisecond or two. */
const ENDED_AT_ONCE = 256;

interface Mark {
  readonly at: Instant;
  readonly token: string;
}

export class MemoryStore implements SessionStore {
  readonly name = "memory";
  readonly guarantees: Guarantees = GUARANTEES;
  readonly #table: Table;
  /** By a digest of the user. */
  readonly #marks = new Remembered<Mark>(REVOCATION_MS);
  readonly #newToken: () => string;
  readonly #digest: UserDigest;
  #isClosed = false;

  constructor(maxSessions: number, newToken: () => string, digest: UserDigest) {
    this.#table = new Table(maxSessions, (userId) => digest(userId).readInt32LE());
    this.#newToken = newToken;
    this.#digest = digest;
  }

  async open(): Promise<readonly string[]> {
    if (this.#isClosed) throw closed();
    return [];
  }

  async load(id: SessionId, call: CallOptions): Promise<SessionRecord | Ended | null> {
    return this.#step(call, (turn) => {
      const found = this.#table.live(turn, id);
      return found ? found.record : this.#table.tombstone(turn, id);
    });
  }

  async create(record: SessionRecord, call: CreateOptions): Promise<CreateResult> {
    return this.#step(call, (turn) => {
      checkId(record.id);
      this.#checkSize(record);
      const own = this.#table.live(turn, record.id);
      if (own) return own.record.version === record.version ? { ok: true } : refused("collision");
      if (this.#table.tombstone(turn, record.id)) return refused("ended");
      if (this.#isRevoked(record, call)) return refused("revoked");
      const replaced = this.#replaced(turn, record, call);
      if (replaced && replaced.record.version !== call.replaces?.version)
        return { ok: false, reason: "conflict", current: replaced.record };
      const surplus = this.#surplus(turn, record, call, replaced);
      if (surplus === "full") return refused("full");
      this.#table.makeRoom(turn, surplus.length + (replaced ? 1 : 0));
      for (const found of surplus) this.#table.end(turn, found, "limit");
      if (replaced) this.#table.end(turn, replaced, "replaced");
      this.#table.insert(record);
      return { ok: true };
    });
  }

  async save(record: SessionRecord, expected: Version, call: CallOptions): Promise<SaveResult> {
    return this.#step(call, (turn) => {
      this.#checkSize(record);
      const found = this.#table.live(turn, record.id);
      if (!found) return "gone";
      const stored = found.record;
      if (stored.version !== expected) return { conflict: stored };
      const { version, credentials, payload } = record;
      const seenAt = Math.max(stored.seenAt, record.seenAt);
      const idleUntil = forward(stored, record.idleUntil);
      this.#table.write(found.row, { ...stored, version, credentials, payload, seenAt, idleUntil });
      return "saved";
    });
  }

  async touch(id: SessionId, until: Instant, call: CallOptions): Promise<boolean> {
    return this.#step(call, (turn) => {
      const found = this.#table.live(turn, id);
      if (!found) return false;
      const stored = found.record;
      const seenAt = Math.max(stored.seenAt, call.now);
      this.#table.write(found.row, { ...stored, seenAt, idleUntil: forward(stored, until) });
      return true;
    });
  }

  async delete(
    id: SessionId,
    reason: EndReason,
    call: CallOptions & { readonly expected?: Version },
  ): Promise<DeleteResult> {
    return this.#step(call, (turn) => {
      const found = this.#table.live(turn, id);
      if (!found) return "gone";
      const { version } = found.record;
      if (call.expected !== undefined && version !== call.expected) return { conflict: found.record };
      this.#table.end(turn, found, reason);
      return "deleted";
    });
  }

  async listByUser(userId: string, call: CallOptions & Page): Promise<UserSessions> {
    return this.#step(call, (turn) => {
      const cursor = parseCursor(call.after);
      const sessions: SessionHeader[] = [];
      for (const { record } of this.#table.liveOf(turn, userId, (row) => !cursor || isPast(row, cursor))) {
        const last = sessions.at(-1);
        if (last && sessions.length === call.limit) return { sessions, after: cursorOf(last) };
        sessions.push(headerOf(record));
      }
      return { sessions, after: null };
    });
  }

  /** First the mark, which nobody who began before gets past; then the sessions, a turn of the event loop for every few. */
  async deleteByUser(userId: string, call: CallOptions & { readonly except?: SessionId }): Promise<number> {
    this.#step(call, () => this.#mark(userId, call.now));
    let count = 0;
    for (;;) {
      const ended = this.#step(call, (turn) => this.#endOfUser(turn, userId, call.except));
      count += ended;
      if (ended < ENDED_AT_ONCE) return count;
      call.onProgress?.();
      await nextTurn();
    }
  }

  #mark(userId: string, now: Instant): void {
    const key = this.#markKey(userId);
    const at = Math.max(now, this.#marks.get(key, now)?.at ?? now);
    this.#marks.set(key, { at, token: this.#newToken() });
  }

  /** Answers how many it ended: fewer than fit into a turn when none is left. */
  #endOfUser(turn: Turn, userId: string, except: SessionId | undefined): number {
    let count = 0;
    for (const found of this.#table.liveOf(turn, userId, (row) => !except || !isOfId(row, except))) {
      this.#table.end(turn, found, "revoked");
      count += 1;
      if (count === ENDED_AT_ONCE) break;
    }
    return count;
  }

  /** Nothing but the mark is kept of an ended session's user, and that under a digest. */
  async erase(userId: string, { now, signal, onEnded, onProgress }: CallOptions): Promise<number> {
    const call = { now, ...(signal && { signal }), ...(onEnded && { onEnded }) };
    const ended = await this.deleteByUser(userId, onProgress ? { ...call, onProgress } : call);
    this.#digest(""); // which remembers whom it was asked for last
    return ended;
  }

  async revocation(userId: string, call: CallOptions): Promise<string> {
    return this.#step(call, () => this.#marks.get(this.#markKey(userId), call.now)?.token ?? "");
  }

  async deleteAll(call: CallOptions): Promise<void> {
    this.#step(call, (turn) => this.#table.endAll(turn, "revoked"));
  }

  async scan(call: CallOptions & Page): Promise<Scanned> {
    return this.#step(call, ({ now }) => {
      const sessions: SessionRecord[] = [];
      let found = this.#table.next(rowOfScan(call.after));
      for (let looked = 1; found; looked++) {
        if (isLive(found.record, now)) sessions.push(found.record);
        if (looked === call.limit) return { sessions, damaged: 0, after: String(found.row) };
        found = this.#table.next(found.row);
      }
      return { sessions, damaged: 0, after: null };
    });
  }

  async sweep(call: CallOptions & { readonly limit: number }): Promise<SweepResult> {
    return this.#step(call, (turn) => {
      const swept = this.#table.sweep(turn, call.limit);
      const more = this.#marks.forget(call.now, call.limit);
      return { removed: swept.removed, more: swept.more || more };
    });
  }

  async health(): Promise<Health> {
    return this.#isClosed ? { ok: false, detail: "closed" } : { ok: true };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#table.clear();
    this.#marks.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Tells of what ended only when all is done, so that a listener never meets a half-done operation. */
  #step<T>(call: CallOptions, act: (turn: Turn) => T): T {
    if (this.#isClosed) throw closed();
    if (call.signal?.aborted) throw new StoreFault("timeout", "The call was given up before it began.");
    const turn: Turn = { now: call.now, ended: call.onEnded ? [] : null };
    try {
      return act(turn);
    } finally {
      for (const [header, reason] of turn.ended ?? []) call.onEnded?.(header, reason);
    }
  }

  #checkSize({ payload, credentials }: SessionRecord): void {
    if (payload.byteLength > this.guarantees.maxBytes || credentials.byteLength > MAX_CREDENTIALS) {
      throw new StoreFault(
        "too-large",
        `The data takes ${payload.byteLength} bytes, more than ${this.guarantees.maxBytes}.`,
      );
    }
  }

  /** A mark that is forgotten is older than any login still admitted, so its absence keeps nobody out. */
  #isRevoked(record: SessionRecord, { since, now }: CreateOptions): boolean {
    const mark = record.userId === null ? undefined : this.#marks.get(this.#markKey(record.userId), now);
    if (!mark) return false;
    return "startedAt" in since ? mark.at >= since.startedAt : mark.token !== since.revocation;
  }

  #markKey(userId: string): string {
    return this.#digest(userId).toString("latin1");
  }

  #replaced(turn: Turn, record: SessionRecord, { replaces }: CreateOptions): Found | undefined {
    const found = replaces && this.#table.live(turn, replaces.id);
    return found?.record.userId === record.userId ? found : undefined;
  }

  /** The sessions beyond the user's limit, oldest first to go. */
  #surplus(
    turn: Turn,
    record: SessionRecord,
    { limit }: CreateOptions,
    replaced?: Found,
  ): readonly Found[] | "full" {
    if (!limit || record.userId === null) return [];
    const others = [...this.#table.liveOf(turn, record.userId)].filter(({ row }) => row !== replaced?.row);
    const surplus = others.length + 1 - limit.max;
    if (surplus <= 0) return [];
    return limit.over === "refuse" ? "full" : others.slice(-surplus);
  }
}

function forward(stored: SessionRecord, idleUntil: Instant): Instant {
  return Math.min(stored.absoluteUntil, Math.max(stored.idleUntil, idleUntil));
}

function refused(reason: "ended" | "collision" | "revoked" | "full"): CreateResult {
  return { ok: false, reason };
}

function checkId(id: SessionId): void {
  if (!isSessionId(id)) throw new StoreFault("corrupt", "A new session has an id that is none.");
}

function closed(): StoreFault {
  return new StoreFault("closed", "The memory store was closed.");
}
