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
import { UnderWay } from "../under-way.ts";
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
  readonly #underWay = new UnderWay();
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
    this.#opening ??= this.#underWay
      .track(() => this.#open(options))
      .catch((error: unknown) => {
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
    await this.#underWay.track(() => this.#engine.migrate(options));
  }

  load(id: SessionId, call: CallOptions): Promise<SessionRecord | Ended | null> {
    return this.#begin(call, async ({ ops }) => (isSessionId(id) ? ops.load(id, call) : null));
  }

  create(record: SessionRecord, call: CreateOptions): Promise<CreateResult> {
    return this.#begin(call, (opened) => {
      if (!isSessionId(record.id)) throw new StoreFault("corrupt", "A new session has an id that is none.");
      this.#checkSize(record);
      return opened.create(record, call);
    });
  }

  save(record: SessionRecord, expected: Version, call: CallOptions): Promise<SaveResult> {
    return this.#begin(call, async ({ ops }) => {
      this.#checkSize(record);
      return isSessionId(record.id) ? ops.save(record, expected, call) : "gone";
    });
  }

  touch(id: SessionId, until: Instant, call: CallOptions): Promise<boolean> {
    return this.#begin(call, async ({ ops }) => isSessionId(id) && ops.touch(id, until, call));
  }

  delete(
    id: SessionId,
    reason: EndReason,
    call: CallOptions & { readonly expected?: Version },
  ): Promise<DeleteResult> {
    return this.#begin(call, async ({ ops }) => (isSessionId(id) ? ops.delete(id, reason, call) : "gone"));
  }

  listByUser(userId: string, call: CallOptions & Page): Promise<UserSessions> {
    return this.#begin(call, ({ ops }) => ops.listByUser(userId, call));
  }

  deleteByUser(userId: string, call: CallOptions & { readonly except?: SessionId }): Promise<number> {
    const { except } = call;
    const kept = except !== undefined && isSessionId(except) ? except : null;
    return this.#begin(call, ({ ops }) => endAllOfUser(ops, userId, kept, call));
  }

  /** Every end wipes its row here, and marks stand under a digest, so that an erasure has no more to do. */
  erase(userId: string, call: CallOptions): Promise<number> {
    return this.#begin(call, ({ ops }) => endAllOfUser(ops, userId, null, call));
  }

  revocation(userId: string, call: CallOptions): Promise<string> {
    return this.#begin(call, ({ ops }) => revocation(ops, userId, call));
  }

  deleteAll(call: CallOptions): Promise<void> {
    return this.#begin(call, ({ ops }) => endEveryone(ops, call));
  }

  scan(call: CallOptions & Page): Promise<Scanned> {
    return this.#begin(call, ({ ops }) => scan(ops, call));
  }

  sweep(call: CallOptions & { readonly limit: number }): Promise<SweepResult> {
    return this.#begin(call, ({ ops }) => sweep(ops, call));
  }

  async health(call: CallOptions): Promise<Health> {
    try {
      await this.#begin(call, ({ ops }) => ops.rows(ops.sql.ping, [], call));
      return { ok: true };
    } catch (error) {
      return { ok: false, detail: error instanceof Error ? error.message : String(error) };
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#underWay.settled();
    this.#opened = null;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #check({ signal }: Deadline): void {
    if (this.#isClosed) throw new StoreFault("closed", `${this.#engine.title} store: it is closed.`);
    if (signal?.aborted) throw timedOut();
  }

  /** Runs a call that may begin, with what there is to ask. `close` waits for it. */
  #begin<T>(call: Deadline, act: (opened: Opened) => Promise<T>): Promise<T> {
    return this.#underWay.track(() => {
      this.#check(call);
      if (this.#opened) return act(this.#opened);
      throw new StoreFault("unavailable", `${this.#engine.title} store: call open() first.`);
    });
  }

  #checkSize(record: SessionRecord): void {
    const { maxBytes } = this.guarantees;
    const { byteLength } = record.payload;
    if (byteLength <= maxBytes) return;
    throw new StoreFault("too-large", `The payload takes ${byteLength} bytes; at most ${maxBytes} go in.`);
  }
}
