/** The operations of the memory store over its table. */
import {
  type Ended,
  headerOf,
  type Instant,
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
  type SessionStore,
  type SweepResult,
  type UserSessions,
} from "../contract.ts";
import { cursorOf, isPast, parseCursor } from "./cursor.ts";
import { Remembered } from "./remembered.ts";
import { MAX_CREDENTIALS, type Row, unpack } from "./row.ts";
import { Table, type Turn } from "./table.ts";

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

interface Mark {
  readonly at: Instant;
  readonly token: string;
}

export class MemoryStore implements SessionStore {
  readonly name = "memory";
  readonly guarantees: Guarantees = GUARANTEES;
  readonly #table: Table;
  readonly #marks = new Remembered<Mark>(REVOCATION_MS);
  readonly #newToken: () => string;
  #isClosed = false;

  constructor(maxSessions: number, newToken: () => string) {
    this.#table = new Table(maxSessions);
    this.#newToken = newToken;
  }

  async open(): Promise<readonly string[]> {
    if (this.#isClosed) throw closed();
    return [];
  }

  async load(id: SessionId, call: CallOptions): Promise<SessionRecord | Ended | null> {
    return this.#step(call, (turn) => {
      const row = this.#table.live(turn, id);
      return row ? unpack(row) : this.#table.tombstone(turn, id);
    });
  }

  async create(record: SessionRecord, call: CreateOptions): Promise<CreateResult> {
    return this.#step(call, (turn) => {
      checkId(record.id);
      this.#checkSize(record);
      const own = this.#table.live(turn, record.id);
      if (own) return unpack(own).version === record.version ? { ok: true } : refused("collision");
      if (this.#table.tombstone(turn, record.id)) return refused("ended");
      if (this.#isRevoked(record, call)) return refused("revoked");
      const replaced = this.#replaced(turn, record, call);
      const current = replaced && unpack(replaced);
      if (current && current.version !== call.replaces?.version)
        return { ok: false, reason: "conflict", current };
      const surplus = this.#surplus(turn, record, call, replaced);
      if (surplus === "full") return refused("full");
      this.#table.makeRoom(turn, surplus.length + (replaced ? 1 : 0));
      for (const row of surplus) this.#table.end(turn, row, "limit");
      if (replaced) this.#table.end(turn, replaced, "replaced");
      this.#table.insert(record);
      return { ok: true };
    });
  }

  async save(record: SessionRecord, expected: Version, call: CallOptions): Promise<SaveResult> {
    return this.#step(call, (turn) => {
      this.#checkSize(record);
      const row = this.#table.live(turn, record.id);
      if (!row) return "gone";
      const stored = unpack(row);
      if (stored.version !== expected) return { conflict: stored };
      const { version, credentials, payload } = record;
      const seenAt = Math.max(stored.seenAt, record.seenAt);
      const idleUntil = forward(stored, record.idleUntil);
      this.#table.write(row, { ...stored, version, credentials, payload, seenAt, idleUntil });
      return "saved";
    });
  }

  async touch(id: SessionId, until: Instant, call: CallOptions): Promise<boolean> {
    return this.#step(call, (turn) => {
      const row = this.#table.live(turn, id);
      if (!row) return false;
      const stored = unpack(row);
      const seenAt = Math.max(stored.seenAt, call.now);
      this.#table.write(row, { ...stored, seenAt, idleUntil: forward(stored, until) });
      return true;
    });
  }

  async delete(
    id: SessionId,
    reason: EndReason,
    call: CallOptions & { readonly expected?: Version },
  ): Promise<DeleteResult> {
    return this.#step(call, (turn) => {
      const row = this.#table.live(turn, id);
      if (!row) return "gone";
      const stored = unpack(row);
      if (call.expected !== undefined && stored.version !== call.expected) return { conflict: stored };
      this.#table.end(turn, row, reason);
      return "deleted";
    });
  }

  async listByUser(userId: string, call: CallOptions & Page): Promise<UserSessions> {
    return this.#step(call, (turn) => {
      const cursor = parseCursor(call.after);
      const rows = this.#table.liveOf(turn, userId).filter((row) => !cursor || isPast(row, cursor));
      const sessions = rows.slice(0, call.limit).map((row) => headerOf(unpack(row)));
      const last = sessions.at(-1);
      return { sessions, after: last && rows.length > sessions.length ? cursorOf(last) : null };
    });
  }

  async deleteByUser(userId: string, call: CallOptions & { readonly except?: SessionId }): Promise<number> {
    return this.#step(call, (turn) => {
      const at = Math.max(call.now, this.#marks.get(userId, call.now)?.at ?? call.now);
      this.#marks.set(userId, { at, token: this.#newToken() });
      const rows = this.#table.liveOf(turn, userId).filter((row) => row.id !== call.except);
      for (const row of rows) this.#table.end(turn, row, "revoked");
      return rows.length;
    });
  }

  async revocation(userId: string, call: CallOptions): Promise<string> {
    return this.#step(call, () => this.#marks.get(userId, call.now)?.token ?? "");
  }

  async deleteAll(call: CallOptions): Promise<void> {
    this.#step(call, (turn) => {
      for (const row of this.#table.all(turn)) this.#table.end(turn, row, "revoked");
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
    const mark = record.userId === null ? undefined : this.#marks.get(record.userId, now);
    if (!mark) return false;
    return "startedAt" in since ? mark.at >= since.startedAt : mark.token !== since.revocation;
  }

  #replaced(turn: Turn, record: SessionRecord, { replaces }: CreateOptions): Row | undefined {
    const row = replaces && this.#table.live(turn, replaces.id);
    return row?.userId === record.userId ? row : undefined;
  }

  /** The sessions beyond the user's limit, oldest first to go. */
  #surplus(
    turn: Turn,
    record: SessionRecord,
    { limit }: CreateOptions,
    replaced?: Row,
  ): readonly Row[] | "full" {
    if (!limit || record.userId === null) return [];
    const others = this.#table.liveOf(turn, record.userId).filter((row) => row !== replaced);
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
