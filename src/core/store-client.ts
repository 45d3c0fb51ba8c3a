/**
 * The store as the manager calls it: opened once, every call under a deadline, every fault turned into
 * `StoreUnavailableError`, and writes whose outcome is unknown repeated until it is known (PROTOCOL rule 5).
 */

import {
  DataTooLargeError,
  type EndReason,
  StoreFault,
  type StoreFaultKind,
  StoreUnavailableError,
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
import type { Patience } from "./patience.ts";
import type { Ended, Instant, SessionHeader, SessionId, SessionRecord, Version } from "./record.ts";

export interface StoreClientOptions {
  readonly store: SessionStore;
  readonly now: () => Instant;
  readonly timeoutMs: number;
  readonly patience: (timeoutMs: number) => Patience;
  /** `undefined` while nobody listens. */
  readonly onEnded: () => ((session: SessionHeader, reason: EndReason) => void) | undefined;
}

/** `gone in doubt`: the session ended, and whether our save came before its end is not known. */
export type SaveOutcome = SaveResult | "gone in doubt";

/** Opening may create a schema or wait for a connection: it gets longer than a call. */
const OPEN_TIMEOUT_MS = 10_000;
const FINAL: ReadonlySet<StoreFaultKind> = new Set(["too-large", "corrupt", "damaged", "closed"]);

export class StoreClient {
  readonly store: SessionStore;
  readonly #options: StoreClientOptions;
  #opening: Promise<readonly string[]> | null = null;
  #isOpen = false;

  constructor(options: StoreClientOptions) {
    this.store = options.store;
    this.#options = options;
  }

  /** Opens the store once; a failure is not remembered, so the next call tries again. */
  open(): Promise<readonly string[]> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<readonly string[]> {
    try {
      const timeoutMs = Math.max(OPEN_TIMEOUT_MS, this.#options.timeoutMs);
      const warnings = await this.#deadline("open", timeoutMs, (call) => this.store.open(call));
      this.#isOpen = true;
      return warnings;
    } catch (error) {
      this.#opening = null;
      throw error;
    }
  }

  load(id: SessionId): Promise<SessionRecord | Ended | null> {
    return this.#call("load", (call) => this.store.load(id, call));
  }

  /** A doubtful create is repeated: the store knows its own id and version again. */
  create(record: SessionRecord, options: Omit<CreateOptions, keyof CallOptions>): Promise<CreateResult> {
    return this.#repeat("create", (call) => this.store.create(record, { ...call, ...options }));
  }

  /**
   * Repeats the same save until its outcome is known. A conflict that carries our own version means it was applied.
   * Any other conflict after a doubtful try leaves it open whether ours was applied below: that fails, it never replays.
   */
  async save(record: SessionRecord, expected: Version): Promise<SaveOutcome> {
    let doubtful = false;
    const result = await this.#repeat(
      "save",
      (call) => this.store.save(record, expected, call),
      () => {
        doubtful = true;
      },
    );
    if (result === "gone") return doubtful ? "gone in doubt" : "gone";
    if (result === "saved") return "saved";
    if (result.conflict.version === record.version) return "saved";
    if (doubtful) throw new StoreUnavailableError("save", "ambiguous", this.store.name);
    return result;
  }

  touch(id: SessionId, until: Instant): Promise<boolean> {
    return this.#call("touch", (call) => this.store.touch(id, until, call));
  }

  delete(id: SessionId, reason: EndReason, expected?: Version): Promise<DeleteResult> {
    return this.#repeat("delete", (call) =>
      this.store.delete(id, reason, expected === undefined ? call : { ...call, expected }),
    );
  }

  listByUser(userId: string, limit: number, after?: string): Promise<UserSessions> {
    return this.#call("list", (call) =>
      this.store.listByUser(userId, after === undefined ? { ...call, limit } : { ...call, limit, after }),
    );
  }

  /** No deadline of ours on work whose length depends on how much there is to end. */
  deleteByUser(userId: string, except?: SessionId): Promise<number> {
    return this.#unhurried("deleteByUser", (call) =>
      this.store.deleteByUser(userId, except === undefined ? call : { ...call, except }),
    );
  }

  revocation(userId: string): Promise<string> {
    return this.#call("revocation", (call) => this.store.revocation(userId, call));
  }

  deleteAll(): Promise<void> {
    return this.#unhurried("deleteAll", (call) => this.store.deleteAll(call));
  }

  sweep(limit: number): Promise<SweepResult> {
    return this.#call("sweep", (call) => this.store.sweep({ ...call, limit }));
  }

  async health(): Promise<Health> {
    try {
      return await this.#call("health", (call) => this.store.health(call));
    } catch {
      return { ok: false };
    }
  }

  close(): Promise<void> {
    return this.store.close();
  }

  async #call<T>(operation: string, act: (call: CallOptions) => Promise<T>): Promise<T> {
    const { timeoutMs } = this.#options;
    // Opening goes on behind a request that could not wait for it.
    if (!this.#isOpen) await this.#deadline(operation, timeoutMs, () => this.open());
    return this.#deadline(operation, timeoutMs, act);
  }

  async #repeat<T>(
    operation: string,
    act: (call: CallOptions) => Promise<T>,
    onDoubt?: () => void,
  ): Promise<T> {
    const patience = this.#options.patience(this.#options.timeoutMs);
    for (;;) {
      try {
        return await this.#call(operation, act);
      } catch (error) {
        if (!(error instanceof StoreUnavailableError) || FINAL.has(error.kind)) throw error;
        onDoubt?.();
        if (!(await patience.again())) throw error;
      }
    }
  }

  async #unhurried<T>(operation: string, act: (call: CallOptions) => Promise<T>): Promise<T> {
    if (!this.#isOpen) await this.open();
    try {
      return await act(this.#callOptions());
    } catch (error) {
      throw this.#unavailable(operation, error);
    }
  }

  async #deadline<T>(
    operation: string,
    timeoutMs: number,
    act: (call: CallOptions) => Promise<T>,
  ): Promise<T> {
    const controller = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new StoreFault("timeout", `No answer within ${timeoutMs} ms`));
        controller.abort();
      }, timeoutMs);
    });
    try {
      return await Promise.race([act(this.#callOptions(controller.signal)), expired]);
    } catch (error) {
      throw this.#unavailable(operation, error);
    } finally {
      clearTimeout(timer);
    }
  }

  #callOptions(signal?: AbortSignal): CallOptions {
    const onEnded = this.#options.onEnded();
    return { now: this.#options.now(), ...(signal && { signal }), ...(onEnded && { onEnded }) };
  }

  #unavailable(operation: string, cause: unknown): Error {
    if (cause instanceof StoreUnavailableError) return cause;
    if (cause instanceof StoreFault && cause.kind === "too-large") {
      return new DataTooLargeError(null, this.store.guarantees.maxBytes);
    }
    const kind = cause instanceof StoreFault ? cause.kind : "unavailable";
    return new StoreUnavailableError(operation, kind, this.store.name, { cause });
  }
}
