/**
 * The copies: bounded in bytes, each served for a short time only, and never one that was overtaken. All sessions age
 * alike, so the order in which they came is also the order in which they go.
 */
import { type Ended, type Instant, isLive, type SessionId, type SessionRecord } from "../../core/record.ts";

export interface NearLimits {
  readonly maxAgeMs: number;
  readonly maxBytes: number;
}

interface Entry {
  readonly record: SessionRecord;
  /** When the store was asked: by the caller's clock, and by one that nobody can set. */
  readonly at: Instant;
  readonly since: number;
  readonly bytes: number;
}

/** An answer of the store that is under way. */
export interface Flight {
  readonly id: SessionId;
  readonly at: Instant;
  readonly since: number;
  readonly wake: Wake;
}

/** What the flights for one session share: whether it may have changed since they set out. */
interface Wake {
  flights: number;
  isOvertaken: boolean;
}

/** What an entry takes beside its bytes and texts: objects and places in the map, as measured. */
const ENTRY_BYTES = 1100;

export class Near {
  readonly #entries = new Map<SessionId, Entry>();
  readonly #ofUsers = new Map<string, Set<SessionId>>();
  readonly #wakes = new Map<SessionId, Wake>();
  readonly #limits: NearLimits;
  readonly #monotonic: () => number;
  #bytes = 0;

  /** `monotonic`: milliseconds that only grow. The caller's clock may be set back, and then nothing would ever age. */
  constructor(limits: NearLimits, monotonic: () => number) {
    this.#limits = limits;
    this.#monotonic = monotonic;
  }

  get sessions(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** A record of its own each time. */
  get(id: SessionId, now: Instant): SessionRecord | undefined {
    const entry = this.#entries.get(id);
    if (!entry || !this.#isYoung(now - entry.at) || !this.#isYoung(this.#monotonic() - entry.since)) return;
    return isLive(entry.record, now) ? copyOf(entry.record) : undefined;
  }

  /** To be called before the store is asked, and `land` whatever comes of it. */
  depart(id: SessionId, now: Instant): Flight {
    const wake = this.#wakes.get(id) ?? { flights: 0, isOvertaken: false };
    wake.flights += 1;
    this.#wakes.set(id, wake);
    return { id, at: now, since: this.#monotonic(), wake };
  }

  land({ id, wake }: Flight): void {
    wake.flights -= 1;
    if (wake.flights === 0 && this.#wakes.get(id) === wake) this.#wakes.delete(id);
  }

  /** Keeps what was answered, unless something may have come between. */
  keep({ id, at, since, wake }: Flight, found: SessionRecord | Ended | null): void {
    if (found === null || "ended" in found) return this.evict(id);
    const known = this.#entries.get(id);
    if (wake.isOvertaken || (known && known.since > since)) return;
    this.#drop(id);
    const entry = { record: copyOf(found), at, since, bytes: sizeOf(found) };
    if (entry.bytes > this.#limits.maxBytes) return;
    this.#put(entry);
    this.#shrink();
  }

  evict(id: SessionId): void {
    this.#drop(id);
    const wake = this.#wakes.get(id);
    if (!wake) return;
    wake.isOvertaken = true;
    this.#wakes.delete(id);
  }

  evictUser(userId: string): void {
    for (const id of this.#ofUsers.get(userId) ?? []) this.#drop(id);
    this.#overtakeAll(); // whose sessions they bring is not known yet
  }

  clear(): void {
    this.#entries.clear();
    this.#ofUsers.clear();
    this.#bytes = 0;
    this.#overtakeAll();
  }

  #overtakeAll(): void {
    for (const wake of this.#wakes.values()) wake.isOvertaken = true;
    this.#wakes.clear();
  }

  #isYoung(age: number): boolean {
    return age >= 0 && age < this.#limits.maxAgeMs;
  }

  /** From the oldest on: what is too much, and what nobody will be answered any more. */
  #shrink(): void {
    for (const [id, { since }] of this.#entries) {
      if (this.#bytes <= this.#limits.maxBytes && this.#isYoung(this.#monotonic() - since)) return;
      this.#drop(id);
    }
  }

  #put(entry: Entry): void {
    const { id, userId } = entry.record;
    this.#entries.set(id, entry);
    this.#bytes += entry.bytes;
    if (userId === null) return;
    const ids = this.#ofUsers.get(userId);
    if (ids) ids.add(id);
    else this.#ofUsers.set(userId, new Set([id]));
  }

  #drop(id: SessionId): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    this.#bytes -= entry.bytes;
    const { userId } = entry.record;
    const ids = userId === null ? undefined : this.#ofUsers.get(userId);
    ids?.delete(id);
    if (userId !== null && ids?.size === 0) this.#ofUsers.delete(userId);
  }
}

function copyOf(record: SessionRecord): SessionRecord {
  return {
    ...record,
    credentials: new Uint8Array(record.credentials),
    payload: new Uint8Array(record.payload),
  };
}

function sizeOf({ userId, label, about, credentials, payload }: SessionRecord): number {
  const characters = [userId, label, about].reduce((sum, text) => sum + (text?.length ?? 0), 0);
  return ENTRY_BYTES + 2 * characters + credentials.byteLength + payload.byteLength;
}
