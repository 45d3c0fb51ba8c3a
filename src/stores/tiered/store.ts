/** The store in front of another: reads that may lag come from copies, and everything else goes through. */
import type { Ended, Instant, SessionId, SessionRecord, Version } from "../../core/record.ts";
import { type EndReason, StoreFault } from "../../errors.ts";
import type {
  CallOptions,
  CreateOptions,
  CreateResult,
  DeleteResult,
  Guarantees,
  Health,
  OpenOptions,
  Page,
  SaveResult,
  Scanned,
  SessionStore,
  SweepResult,
  UserSessions,
} from "../contract.ts";
import type { Near } from "./near.ts";
import type { Push } from "./push.ts";

/** How the cache does. */
export interface TieredStats {
  /** Reads that were answered from here, and those that went to the store, since the start. */
  readonly hits: number;
  readonly misses: number;
  /** What is kept at the moment. */
  readonly sessions: number;
  readonly bytes: number;
  /** Whether copies are served: not while nobody tells of changes. */
  readonly isServing: boolean;
}

/** A store with a cache in front. See `tiered`. */
export interface TieredStore extends SessionStore {
  stats(): TieredStats;
}

export class TieredSessionStore implements TieredStore {
  /** The one that fails, if any does. */
  readonly name: string;
  readonly guarantees: Guarantees;
  readonly plaintextTo: string | undefined;
  readonly tag?: (userId: string) => Uint8Array;
  readonly scan?: (call: CallOptions & Page) => Promise<Scanned>;
  readonly #near: Near;
  readonly #far: SessionStore;
  readonly #push: Push;
  #hits = 0;
  #misses = 0;
  #isClosed = false;

  constructor(near: Near, far: SessionStore, push: Push, guarantees: Guarantees) {
    this.#near = near;
    this.#far = far;
    this.#push = push;
    this.name = far.name;
    this.guarantees = guarantees;
    this.plaintextTo = far.plaintextTo;
    if (far.tag) this.tag = far.tag.bind(far);
    if (far.scan) this.scan = far.scan.bind(far);
  }

  async open(options: OpenOptions = {}): Promise<readonly string[]> {
    const warnings = await this.#far.open(options);
    return [...warnings, ...(await this.#push.begin(options))];
  }

  async load(
    id: SessionId,
    call: CallOptions & { readonly mayLag?: boolean },
  ): Promise<SessionRecord | Ended | null> {
    const kept = call.mayLag && this.#push.isUp ? this.#near.get(id, call.now) : undefined;
    if (kept) {
      this.#check(call);
      this.#hits += 1;
      call.onLocal?.();
      return kept;
    }
    this.#misses += 1;
    const flight = this.#near.depart(id, call.now);
    try {
      const found = await this.#far.load(id, call);
      if (this.#push.isUp) this.#near.keep(flight, found);
      return found;
    } finally {
      this.#near.land(flight);
    }
  }

  /** Of a user's: some of theirs may have to make way. */
  create(record: SessionRecord, call: CreateOptions): Promise<CreateResult> {
    return this.#changing(
      () => this.#far.create(record, call),
      () => {
        if (call.replaces) this.#near.evict(call.replaces.id);
        if (call.limit && record.userId !== null) this.#near.evictUser(record.userId);
      },
    );
  }

  save(record: SessionRecord, expected: Version, call: CallOptions): Promise<SaveResult> {
    return this.#changing(
      () => this.#far.save(record, expected, call),
      () => this.#near.evict(record.id),
    );
  }

  touch(id: SessionId, until: Instant, call: CallOptions): Promise<boolean> {
    return this.#changing(
      () => this.#far.touch(id, until, call),
      () => this.#near.evict(id),
    );
  }

  delete(
    id: SessionId,
    reason: EndReason,
    call: CallOptions & { readonly expected?: Version },
  ): Promise<DeleteResult> {
    return this.#changing(
      () => this.#far.delete(id, reason, call),
      () => this.#near.evict(id),
    );
  }

  listByUser(userId: string, call: CallOptions & Page): Promise<UserSessions> {
    return this.#far.listByUser(userId, call);
  }

  deleteByUser(userId: string, call: CallOptions & { readonly except?: SessionId }): Promise<number> {
    return this.#changing(
      () => this.#far.deleteByUser(userId, call),
      () => this.#near.evictUser(userId),
    );
  }

  erase(userId: string, call: CallOptions): Promise<number> {
    return this.#changing(
      () => this.#far.erase(userId, call),
      () => this.#near.evictUser(userId),
    );
  }

  revocation(userId: string, call: CallOptions): Promise<string> {
    return this.#far.revocation(userId, call);
  }

  deleteAll(call: CallOptions): Promise<void> {
    return this.#changing(
      () => this.#far.deleteAll(call),
      () => this.#near.clear(),
    );
  }

  /** What it ends has expired, and such copies are not served. */
  sweep(call: CallOptions & { readonly limit: number }): Promise<SweepResult> {
    return this.#far.sweep(call);
  }

  health(call: CallOptions): Promise<Health> {
    return this.#far.health(call);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#near.clear();
    try {
      await this.#push.end();
    } finally {
      await this.#far.close();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  stats(): TieredStats {
    const { sessions, bytes } = this.#near;
    return { hits: this.#hits, misses: this.#misses, sessions, bytes, isServing: this.#push.isUp };
  }

  /**
   * Forgets before, so that nothing is served while an end hangs, and once more when it is over, however it ended: for
   * what was read meanwhile.
   */
  async #changing<T>(act: () => Promise<T>, forget: () => void): Promise<T> {
    forget();
    try {
      return await act();
    } finally {
      forget();
    }
  }

  #check({ signal }: CallOptions): void {
    if (this.#isClosed) throw new StoreFault("closed", "The tiered store was closed.");
    if (signal?.aborted) throw new StoreFault("timeout", "The call was given up before it began.");
  }
}
