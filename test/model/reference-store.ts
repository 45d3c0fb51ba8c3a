/**
 * What a correct store does, as plain synchronous steps on maps: the store contract and nothing else. The model parks
 * every step and lets it strike faults; the mutants replace single rules of it.
 */
import {
  type Ended,
  expiryReason,
  headerOf,
  type Instant,
  isLive,
  type SessionId,
  type SessionRecord,
  type Version,
} from "../../src/core/record.ts";
import type { EndReason } from "../../src/errors.ts";
import {
  type CreateOptions,
  type CreateResult,
  type DeleteResult,
  REVOCATION_MS,
  type SaveResult,
  TOMBSTONE_MS,
  type UserLimit,
} from "../../src/stores/contract.ts";

export interface Mark {
  readonly at: Instant;
  readonly token: string;
}

/** What a step needs of the call it serves. */
export type Call = Pick<CreateOptions, "now" | "onEnded">;

export class ReferenceStore {
  readonly rows: Map<SessionId, SessionRecord>;
  readonly ends: Map<SessionId, Ended>;
  readonly marks: Map<string, Mark>;
  #marksMade: number;

  constructor(from?: ReferenceStore) {
    this.#marksMade = from ? from.#marksMade : 0;
    this.rows = new Map(from?.rows);
    this.ends = new Map(from?.ends);
    this.marks = new Map(from?.marks);
  }

  load(id: SessionId, call: Call): SessionRecord | Ended | null {
    return this.live(id, call) ?? this.endOf(id, call.now);
  }

  create(record: SessionRecord, call: CreateOptions): CreateResult {
    const known = this.knownAlready(record, call);
    if (known) return known;
    if (record.userId !== null && this.isRevoked(record.userId, call.since, call.now)) {
      return { ok: false, reason: "revoked" };
    }
    const replaced = call.replaces && this.live(call.replaces.id, call);
    if (replaced && this.isAnother(replaced, call.replaces?.version, "create")) {
      return { ok: false, reason: "conflict", current: replaced };
    }
    if (call.limit && !this.makeRoom(record, call.limit, call)) return { ok: false, reason: "full" };
    if (replaced) this.end(replaced.id, "replaced", call);
    this.insert(record);
    return { ok: true };
  }

  save(record: SessionRecord, expected: Version, call: Call): SaveResult {
    const stored = this.live(record.id, call);
    if (!stored) return "gone";
    if (this.isAnother(stored, expected, "save")) return { conflict: stored };
    this.rows.set(record.id, {
      ...stored,
      version: record.version,
      credentials: record.credentials,
      payload: record.payload,
      idleUntil: Math.min(stored.absoluteUntil, this.laterIdle(stored.idleUntil, record.idleUntil)),
      seenAt: Math.max(stored.seenAt, record.seenAt),
    });
    return "saved";
  }

  touch(id: SessionId, until: Instant, call: Call): boolean {
    const stored = this.live(id, call);
    if (!stored) return false;
    const idleUntil = Math.min(stored.absoluteUntil, Math.max(stored.idleUntil, until));
    this.rows.set(id, { ...stored, idleUntil, seenAt: Math.max(stored.seenAt, call.now) });
    return true;
  }

  delete(id: SessionId, reason: EndReason, expected: Version | undefined, call: Call): DeleteResult {
    const stored = this.live(id, call);
    if (!stored) return "gone";
    if (expected !== undefined && this.isAnother(stored, expected, "delete")) return { conflict: stored };
    this.end(id, reason, call);
    return "deleted";
  }

  mark(userId: string, now: Instant): void {
    this.#marksMade += 1;
    this.marks.set(userId, { at: now, token: `mark ${this.#marksMade}` });
  }

  /** Ends one session of the user, if there is one to end. */
  revokeNext(userId: string, except: SessionId | undefined, call: Call): boolean {
    const next = this.sessionsOf(userId, call).find((row) => row.id !== except);
    if (next) this.end(next.id, "revoked", call);
    return next !== undefined;
  }

  endAll(call: Call): void {
    for (const id of this.rows.keys()) this.end(id, "revoked", call);
  }

  revocation(userId: string, now: Instant): string {
    return this.markOf(userId, now)?.token ?? "";
  }

  /** Live sessions of one user, newest first. */
  sessionsOf(userId: string, call: Call): readonly SessionRecord[] {
    const all = [...this.rows.values()].filter((row) => row.userId === userId);
    const live = all.filter((row) => this.live(row.id, call) !== null);
    return live.sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
  }

  /** The record if it lives; one that is past its deadline ends here. */
  live(id: SessionId, call: Call): SessionRecord | null {
    const stored = this.rows.get(id);
    if (!stored || isLive(stored, call.now)) return stored ?? null;
    this.end(id, expiryReason(stored, call.now), call);
    return null;
  }

  end(id: SessionId, reason: EndReason, call: Call): void {
    const stored = this.rows.get(id);
    if (!stored) return;
    this.rows.delete(id);
    this.ends.set(id, { ended: reason, at: call.now });
    call.onEnded?.(headerOf(stored), reason);
  }

  /** Rule 1 of `create`: its own id first. */
  knownAlready(record: SessionRecord, call: Call): CreateResult | null {
    const stored = this.live(record.id, call);
    if (stored?.version === record.version) return { ok: true };
    if (stored) return { ok: false, reason: "collision" };
    return this.endOf(record.id, call.now) ? { ok: false, reason: "ended" } : null;
  }

  isRevoked(userId: string, since: CreateOptions["since"], now: Instant): boolean {
    const mark = this.markOf(userId, now);
    if ("revocation" in since) return (mark?.token ?? "") !== since.revocation;
    return mark !== undefined && mark.at >= since.startedAt;
  }

  /** Whether a compare-and-set must answer `conflict`. */
  isAnother(
    stored: SessionRecord,
    expected: Version | undefined,
    _in: "create" | "save" | "delete",
  ): boolean {
    return stored.version !== expected;
  }

  laterIdle(stored: Instant, given: Instant): Instant {
    return Math.max(stored, given);
  }

  /** `false`: the user has as many as the limit allows, and the policy is to refuse. */
  makeRoom(record: SessionRecord, limit: UserLimit, call: CreateOptions): boolean {
    const others = this.sessionsOf(record.userId ?? "", call).filter((row) => row.id !== call.replaces?.id);
    const tooMany = others.slice(limit.max - 1);
    if (tooMany.length > 0 && limit.over === "refuse") return false;
    for (const row of tooMany) this.end(row.id, "limit", call);
    return true;
  }

  insert(record: SessionRecord): void {
    this.rows.set(record.id, record);
    this.ends.delete(record.id);
  }

  endOf(id: SessionId, now: Instant): Ended | null {
    const end = this.ends.get(id);
    return end && now - end.at < TOMBSTONE_MS ? end : null;
  }

  markOf(userId: string, now: Instant): Mark | undefined {
    const mark = this.marks.get(userId);
    return mark && now - mark.at < REVOCATION_MS ? mark : undefined;
  }
}
