/**
 * The store as the manager calls it: each operation with its cause, and writes whose outcome is unknown repeated until
 * it is known (PROTOCOL rule 5).
 */

import {
  type EndReason,
  StoreFault,
  type StoreFaultKind,
  StoreLacksError,
  type StoreUnavailableError,
} from "../errors.ts";
import type {
  CallOptions,
  CreateOptions,
  CreateResult,
  DeleteResult,
  Health,
  SaveResult,
  SessionStore,
  SweepResult,
  UserSessions,
} from "../stores/contract.ts";
import type { Cargo } from "../stores/cookie/contract.ts";
import type { RandomSource } from "./bytes.ts";
import type { Ended, Instant, SessionId, SessionRecord, Version } from "./record.ts";
import { Repeats } from "./repeats.ts";
import { type Act, StoreCalls, type StoreClientOptions } from "./store-calls.ts";
import type { Cause } from "./store-watch.ts";
import { newSessionId } from "./token.ts";

/** `gone in doubt`: the session ended, and whether our save came before its end is not known. */
export type SaveOutcome = SaveResult | "gone in doubt";

export class StoreClient {
  readonly store: SessionStore;
  readonly #options: StoreClientOptions;
  readonly #calls: StoreCalls;

  constructor(options: StoreClientOptions, calls: StoreCalls = new StoreCalls(options)) {
    this.store = options.store;
    this.#options = options;
    this.#calls = calls;
  }

  /** Whether clients carry their sessions themselves. */
  get carries(): boolean {
    return this.store.carrying !== undefined;
  }

  /** What one request may call, where its client carries the sessions. */
  carrying(cargo: Cargo): StoreClient {
    const { carrying } = this.store;
    return carrying ? new StoreClient({ ...this.#options, store: carrying.for(cargo) }, this.#calls) : this;
  }

  /** Opens the store once; a failure is not remembered, so the next call tries again. */
  open(): Promise<readonly string[]> {
    return this.#calls.open();
  }

  /** An id for a session of this user, `null` for a visitor. */
  async newId(random: RandomSource, userId: string | null): Promise<SessionId> {
    const { guarantees } = this.store;
    if (!guarantees.slots || userId === null) return newSessionId(random);
    return newSessionId(random, await this.#calls.known("create", () => this.#tagOf(userId)));
  }

  load(id: SessionId, cause?: Cause): Promise<SessionRecord | Ended | null> {
    return this.#calls.once("load", (call) => this.store.load(id, call), cause);
  }

  /** For reading alone: the record may be one of a moment ago, where the store keeps copies (`mayLag`). */
  peek(id: SessionId, cause?: Cause): Promise<SessionRecord | Ended | null> {
    if (!this.mayLag) return this.load(id, cause);
    return this.#calls.once("load", (call) => this.store.load(id, { ...call, mayLag: true }), cause);
  }

  /** A doubtful create is repeated: the store knows its own id and version again. */
  create(
    record: SessionRecord,
    options: Omit<CreateOptions, keyof CallOptions>,
    cause?: Cause,
  ): Promise<CreateResult> {
    return this.#calls.repeat("create", (call) => this.store.create(record, { ...call, ...options }), cause);
  }

  /**
   * Repeats the same save until its outcome is known. A conflict that carries our own version means it was applied.
   * Any other conflict after a doubtful try leaves it open whether ours was applied below: that fails, it never replays.
   */
  async save(record: SessionRecord, expected: Version): Promise<SaveOutcome> {
    const repeats = new Repeats();
    const ask: Act<SaveResult> = (call) => this.store.save(record, expected, call);
    const result = await this.#calls.repeat("save", ask, undefined, repeats);
    if (result === "saved") return "saved";
    if (result === "gone") return repeats.isRepeated ? "gone in doubt" : "gone";
    if (result.conflict.version === record.version) return "saved";
    if (repeats.isRepeated) throw this.unavailable("save", "ambiguous");
    return result;
  }

  touch(id: SessionId, until: Instant): Promise<boolean> {
    return this.#calls.once("touch", (call) => this.store.touch(id, until, call));
  }

  delete(id: SessionId, reason: EndReason, expected?: Version, cause?: Cause): Promise<DeleteResult> {
    return this.#calls.repeat(
      "delete",
      (call) => this.store.delete(id, reason, expected === undefined ? call : { ...call, expected }),
      cause,
    );
  }

  /** Of this user, whether it exists or not: for stores that cannot look. */
  async end(userId: string, id: SessionId, reason: EndReason, cause?: Cause): Promise<boolean> {
    const { carrying } = this.store;
    await this.#calls.repeat("delete", async (call) => carrying?.end(userId, id, reason, call), cause);
    return carrying !== undefined;
  }

  async listByUser(userId: string, limit: number, after?: string): Promise<UserSessions> {
    this.demand("listByUser", "userIndex");
    return this.#calls.once("list", (call) =>
      this.store.listByUser(userId, after === undefined ? { ...call, limit } : { ...call, limit, after }),
    );
  }

  deleteByUser(userId: string, except?: SessionId, cause?: Cause): Promise<number> {
    return this.#calls.unhurried(
      "deleteByUser",
      (call) => this.store.deleteByUser(userId, except === undefined ? call : { ...call, except }),
      cause,
    );
  }

  erase(userId: string, cause?: Cause): Promise<number> {
    return this.#calls.unhurried("erase", (call) => this.store.erase(userId, call), cause);
  }

  revocation(userId: string): Promise<string> {
    return this.#calls.once("revocation", (call) => this.store.revocation(userId, call));
  }

  deleteAll(cause?: Cause): Promise<void> {
    return this.#calls.unhurried("deleteAll", (call) => this.store.deleteAll(call), cause);
  }

  sweep(limit: number): Promise<SweepResult> {
    return this.#calls.once("sweep", (call) => this.store.sweep({ ...call, limit }));
  }

  async health(): Promise<Health> {
    try {
      return await this.#calls.always("health", (call) => this.store.health(call));
    } catch {
      return { ok: false };
    }
  }

  close(): Promise<void> {
    return this.store.close();
  }

  /** Whether `peek` may answer what is no longer so. */
  get mayLag(): boolean {
    return this.store.guarantees.staleFor !== undefined;
  }

  /** For what nothing can make up for. Throws `StoreLacksError`. */
  demand(operation: string, guarantee: StoreLacksError["guarantee"]): void {
    const { guarantees, name } = this.store;
    if (!guarantees[guarantee]) throw new StoreLacksError(operation, guarantee, name);
  }

  #tagOf(userId: string): Uint8Array {
    const tag = this.store.tag?.(userId);
    if (tag?.byteLength === 2) return tag;
    throw new StoreFault("corrupt", "A store whose sessions share slots answers tag() with two bytes.");
  }

  /** For those who give up by themselves: the failure is told, and returned to be thrown. */
  unavailable(operation: string, kind: StoreFaultKind): StoreUnavailableError {
    return this.#calls.unavailable(operation, kind);
  }
}
