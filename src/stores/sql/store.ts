/** The store: what may be asked at all, and who waits for whom at the end. */
import type { Ended, Instant, SessionId, SessionRecord, Version } from "../../core/record.ts";
import { isSessionId } from "../../core/token.ts";
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
import { type Deadline, timedOut } from "./deadline.ts";
import { endAllOfUser, endEveryone, revocation, sweep } from "./many.ts";
import type { Operations } from "./operations.ts";
import { scan } from "./scan.ts";

/** What databases have in common, `migrate`, beside the contract of a store. */
export interface SqlStore extends SessionStore {
  /**
   * Makes the tables, or finds them there: for a step of a deployment whose role may create tables, where the
   * application's role may not. Safe with several processes at once. Throws `StoreFault`.
   */
  migrate(options?: OpenOptions): Promise<void>;
}

/** What differs from one database to the other. */
export interface Engine {
  /** Of the store. */
  readonly name: string;
  /** In messages. */
  readonly title: string;
  readonly guarantees: Guarantees;
  readonly plaintextTo: string | undefined;
  open(options: OpenOptions): Promise<Opened>;
  migrate(options: OpenOptions): Promise<void>;
}

export interface Opened {
  readonly ops: Operations;
  readonly warnings: readonly string[];
  /** The only writer of new rows. */
  create(record: SessionRecord, call: CreateOptions): Promise<CreateResult>;
}

export class SqlSessionStore implements SqlStore {
  readonly name: string;
  readonly guarantees: Guarantees;
  readonly plaintextTo: string | undefined;
  readonly #engine: Engine;
  readonly #underWay = new Set<Promise<unknown>>();
  #opening: Promise<readonly string[]> | null = null;
  #opened: Opened | null = null;
  #isClosed = false;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.name = engine.name;
    this.guarantees = engine.guarantees;
    this.plaintextTo = engine.plaintextTo;
  }

  /** Once; a failure is not remembered. */
  async open(options: OpenOptions = {}): Promise<readonly string[]> {
    this.#check(options);
    this.#opening ??= this.#track(this.#open(options)).catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #open(options: OpenOptions): Promise<readonly string[]> {
    this.#opened = await this.#engine.open(options);
    return this.#opened.warnings;
  }

  async migrate(options: OpenOptions = {}): Promise<void> {
    this.#check(options);
    await this.#track(this.#engine.migrate(options));
  }

  async load(id: SessionId, call: CallOptions): Promise<SessionRecord | Ended | null> {
    const { ops } = this.#ready(call);
    return isSessionId(id) ? this.#track(ops.load(id, call)) : null;
  }

  async create(record: SessionRecord, call: CreateOptions): Promise<CreateResult> {
    const opened = this.#ready(call);
    if (!isSessionId(record.id)) throw new StoreFault("corrupt", "A new session has an id that is none.");
    this.#checkSize(record);
    return this.#track(opened.create(record, call));
  }

  async save(record: SessionRecord, expected: Version, call: CallOptions): Promise<SaveResult> {
    const { ops } = this.#ready(call);
    this.#checkSize(record);
    return isSessionId(record.id) ? this.#track(ops.save(record, expected, call)) : "gone";
  }

  async touch(id: SessionId, until: Instant, call: CallOptions): Promise<boolean> {
    const { ops } = this.#ready(call);
    return isSessionId(id) && this.#track(ops.touch(id, until, call));
  }

  async delete(
    id: SessionId,
    reason: EndReason,
    call: CallOptions & { readonly expected?: Version },
  ): Promise<DeleteResult> {
    const { ops } = this.#ready(call);
    return isSessionId(id) ? this.#track(ops.delete(id, reason, call)) : "gone";
  }

  async listByUser(userId: string, call: CallOptions & Page): Promise<UserSessions> {
    return this.#track(this.#ready(call).ops.listByUser(userId, call));
  }

  async deleteByUser(userId: string, call: CallOptions & { readonly except?: SessionId }): Promise<number> {
    const { ops } = this.#ready(call);
    const { except } = call;
    const kept = except !== undefined && isSessionId(except) ? except : null;
    return this.#track(endAllOfUser(ops, userId, kept, call));
  }

  /** Every end wipes its row here, and marks stand under a digest, so that an erasure has no more to do. */
  async erase(userId: string, call: CallOptions): Promise<number> {
    return this.#track(endAllOfUser(this.#ready(call).ops, userId, null, call));
  }

  async revocation(userId: string, call: CallOptions): Promise<string> {
    return this.#track(revocation(this.#ready(call).ops, userId, call));
  }

  async deleteAll(call: CallOptions): Promise<void> {
    await this.#track(endEveryone(this.#ready(call).ops, call));
  }

  async scan(call: CallOptions & Page): Promise<Scanned> {
    return this.#track(scan(this.#ready(call).ops, call));
  }

  async sweep(call: CallOptions & { readonly limit: number }): Promise<SweepResult> {
    return this.#track(sweep(this.#ready(call).ops, call));
  }

  async health(call: CallOptions): Promise<Health> {
    try {
      const { ops } = this.#ready(call);
      await this.#track(ops.rows(ops.sql.ping, [], call));
      return { ok: true };
    } catch (error) {
      return { ok: false, detail: error instanceof Error ? error.message : String(error) };
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    this.#opened = null;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #check({ signal }: Deadline): void {
    if (this.#isClosed) throw new StoreFault("closed", `${this.#engine.title} store: it is closed.`);
    if (signal?.aborted) throw timedOut();
  }

  /** What there is to ask, if the call may go on. */
  #ready(call: CallOptions): Opened {
    this.#check(call);
    if (this.#opened) return this.#opened;
    throw new StoreFault("unavailable", `${this.#engine.title} store: call open() first.`);
  }

  /** Remembers what is under way, so that `close` waits for it. */
  #track<T>(work: Promise<T>): Promise<T> {
    const done = (): void => {
      this.#underWay.delete(settled);
    };
    const settled: Promise<void> = work.then(done, done);
    this.#underWay.add(settled);
    return work;
  }

  #checkSize(record: SessionRecord): void {
    const { maxBytes } = this.guarantees;
    const { byteLength } = record.payload;
    if (byteLength <= maxBytes) return;
    throw new StoreFault("too-large", `The payload takes ${byteLength} bytes; at most ${maxBytes} go in.`);
  }
}
