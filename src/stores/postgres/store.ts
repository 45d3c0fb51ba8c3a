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
  SessionStore,
  SweepResult,
  UserSessions,
} from "../contract.ts";
import { userDigest } from "../user-digest.ts";
import { create } from "./create.ts";
import { postgresFault } from "./faults.ts";
import { type Deadline, type Link, timedOut } from "./link.ts";
import { endAllOfUser, endEveryone, revocation, sweep } from "./many.ts";
import type { Names } from "./names.ts";
import { migrate, openTables } from "./opening.ts";
import { Operations } from "./operations.ts";
import { statementsOn } from "./statements.ts";

/** Sessions in PostgreSQL. See `postgresStore`. */
export interface PostgresStore extends SessionStore {
  /**
   * Makes the tables, or finds them there: for a step of a deployment whose role may create tables, where the
   * application's role may not. Safe with several processes at once. Throws `StoreFault`.
   */
  migrate(options?: OpenOptions): Promise<void>;
}

export class PostgresSessionStore implements PostgresStore {
  readonly name = "postgres";
  readonly guarantees: Guarantees;
  readonly #link: Link;
  readonly #names: Names;
  readonly #mayMigrate: boolean;
  readonly #underWay = new Set<Promise<unknown>>();
  #opening: Promise<readonly string[]> | null = null;
  #ops: Operations | null = null;
  #isClosed = false;

  constructor(link: Link, names: Names, mayMigrate: boolean, guarantees: Guarantees) {
    this.#link = link;
    this.#names = names;
    this.#mayMigrate = mayMigrate;
    this.guarantees = guarantees;
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
    const { userKey, warnings } = await openTables(this.#link, this.#names, this.#mayMigrate, options);
    this.#ops = new Operations(this.#link, statementsOn(this.#names), userDigest(userKey));
    return warnings;
  }

  async migrate(options: OpenOptions = {}): Promise<void> {
    this.#check(options);
    await this.#track(migrate(this.#link, this.#names, options));
  }

  async load(id: SessionId, call: CallOptions): Promise<SessionRecord | Ended | null> {
    const ops = this.#ready(call);
    return isSessionId(id) ? this.#track(ops.load(id, call)) : null;
  }

  async create(record: SessionRecord, call: CreateOptions): Promise<CreateResult> {
    const ops = this.#ready(call);
    if (!isSessionId(record.id)) throw new StoreFault("corrupt", "A new session has an id that is none.");
    this.#checkSize(record);
    return this.#track(create(ops, record, call));
  }

  async save(record: SessionRecord, expected: Version, call: CallOptions): Promise<SaveResult> {
    const ops = this.#ready(call);
    this.#checkSize(record);
    return isSessionId(record.id) ? this.#track(ops.save(record, expected, call)) : "gone";
  }

  async touch(id: SessionId, until: Instant, call: CallOptions): Promise<boolean> {
    const ops = this.#ready(call);
    return isSessionId(id) && this.#track(ops.touch(id, until, call));
  }

  async delete(
    id: SessionId,
    reason: EndReason,
    call: CallOptions & { readonly expected?: Version },
  ): Promise<DeleteResult> {
    const ops = this.#ready(call);
    return isSessionId(id) ? this.#track(ops.delete(id, reason, call)) : "gone";
  }

  async listByUser(userId: string, call: CallOptions & Page): Promise<UserSessions> {
    return this.#track(this.#ready(call).listByUser(userId, call));
  }

  async deleteByUser(userId: string, call: CallOptions & { readonly except?: SessionId }): Promise<number> {
    const ops = this.#ready(call);
    const { except } = call;
    const kept = except !== undefined && isSessionId(except) ? except : null;
    return this.#track(endAllOfUser(ops, userId, kept, call));
  }

  /** Every end wipes its row here, and marks stand under a digest, so that an erasure has no more to do. */
  async erase(userId: string, call: CallOptions): Promise<number> {
    return this.#track(endAllOfUser(this.#ready(call), userId, null, call));
  }

  async revocation(userId: string, call: CallOptions): Promise<string> {
    return this.#track(revocation(this.#ready(call), userId, call));
  }

  async deleteAll(call: CallOptions): Promise<void> {
    await this.#track(endEveryone(this.#ready(call), call));
  }

  async sweep(call: CallOptions & { readonly limit: number }): Promise<SweepResult> {
    return this.#track(sweep(this.#ready(call), call));
  }

  async health(call: CallOptions): Promise<Health> {
    try {
      const ops = this.#ready(call);
      await this.#track(ops.rows(ops.sql.ping, [], call));
      return { ok: true };
    } catch (error) {
      return { ok: false, detail: postgresFault(error, false).message };
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    this.#ops = null;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #check({ signal }: Deadline): void {
    if (this.#isClosed) throw new StoreFault("closed", "PostgreSQL store: it is closed.");
    if (signal?.aborted) throw timedOut();
  }

  /** The operations, if the call may go on. */
  #ready(call: CallOptions): Operations {
    this.#check(call);
    if (!this.#ops) throw new StoreFault("unavailable", "PostgreSQL store: call open() first.");
    return this.#ops;
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
