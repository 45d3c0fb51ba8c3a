/** The store: what may be asked at all, and each operation run where the database lets it. */
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
import type { Connection } from "./connection.ts";
import { create } from "./create.ts";
import { securely } from "./erasing.ts";
import { MAX_CREDENTIALS } from "./rows.ts";
import { scan } from "./scan.ts";
import { everyone, everyoneSlice, sweepSlice, userSlice } from "./slices.ts";

/** The embedded store. See `sqliteStore`. */
export interface SqliteStore extends SessionStore {
  /**
   * Gives the space of ended sessions back to the disk (`VACUUM`). It blocks this process, and writers in others, for
   * about a second per 100 MB, and needs free disk space of the size of the file: for a quiet hour. Space that is
   * not given back is used again for new sessions, so most applications never need this.
   */
  compact(): Promise<void>;
}

/** There may be any number of tombstones, which no limit counts: a call with a deadline goes through so many slices. */
const SLICES_OF_A_SWEEP = 8;

export class SqliteSessionStore implements SqliteStore {
  readonly name = "sqlite";
  readonly guarantees: Guarantees;
  readonly #connection: Connection;

  constructor(connection: Connection, guarantees: Guarantees) {
    this.#connection = connection;
    this.guarantees = guarantees;
  }

  async open(options: OpenOptions = {}): Promise<readonly string[]> {
    return this.#connection.open(options);
  }

  async load(id: SessionId, call: CallOptions): Promise<SessionRecord | Ended | null> {
    const ops = this.#connection.ready(call);
    return isSessionId(id) ? this.#connection.run(call, () => ops.load(id, call)) : null;
  }

  async create(record: SessionRecord, call: CreateOptions): Promise<CreateResult> {
    const ops = this.#connection.ready(call);
    if (!isSessionId(record.id)) throw new StoreFault("corrupt", "A new session has an id that is none.");
    this.#checkSize(record);
    return this.#connection.write(call, (quiet) => create(ops, record, quiet));
  }

  async save(record: SessionRecord, expected: Version, call: CallOptions): Promise<SaveResult> {
    const ops = this.#connection.ready(call);
    this.#checkSize(record);
    if (!isSessionId(record.id)) return "gone";
    return this.#connection.write(call, (quiet) => ops.save(record, expected, quiet));
  }

  async touch(id: SessionId, until: Instant, call: CallOptions): Promise<boolean> {
    const ops = this.#connection.ready(call);
    return isSessionId(id) && this.#connection.write(call, (quiet) => ops.touch(id, until, quiet));
  }

  async delete(
    id: SessionId,
    reason: EndReason,
    call: CallOptions & { readonly expected?: Version },
  ): Promise<DeleteResult> {
    const ops = this.#connection.ready(call);
    return isSessionId(id) ? this.#connection.write(call, (quiet) => ops.delete(id, reason, quiet)) : "gone";
  }

  async listByUser(userId: string, call: CallOptions & Page): Promise<UserSessions> {
    const ops = this.#connection.ready(call);
    return this.#connection.run(call, () => ops.listByUser(userId, call));
  }

  async deleteByUser(userId: string, call: CallOptions & { readonly except?: SessionId }): Promise<number> {
    const ops = this.#connection.ready(call);
    const { except } = call;
    const kept = except !== undefined && isSessionId(except) ? except : null;
    return this.#connection.track(async () => {
      await this.#connection.run(call, () => ops.mark(userId, call.now));
      return this.#connection.slices(call, () => userSlice(ops, userId, kept, call));
    });
  }

  async erase(userId: string, call: CallOptions): Promise<number> {
    const ops = this.#connection.ready(call);
    return this.#connection.track(async () => {
      await this.#connection.run(call, () => ops.mark(userId, call.now));
      const ended = await this.#connection.slices(call, () =>
        securely(ops.db, () => userSlice(ops, userId, null, call)),
      );
      await this.#connection.clean(ops);
      return ended;
    });
  }

  async revocation(userId: string, call: CallOptions): Promise<string> {
    const ops = this.#connection.ready(call);
    return this.#connection.run(call, () => ops.markOf(userId, call.now)?.token ?? "");
  }

  async deleteAll(call: CallOptions): Promise<void> {
    const ops = this.#connection.ready(call);
    await this.#connection.track(async () => {
      const range = await this.#connection.run(call, () => everyone(ops));
      return this.#connection.slices(call, () => everyoneSlice(ops, range, call));
    });
  }

  async scan(call: CallOptions & Page): Promise<Scanned> {
    const ops = this.#connection.ready(call);
    return this.#connection.run(call, () => scan(ops, call));
  }

  async sweep(call: CallOptions & { readonly limit: number }): Promise<SweepResult> {
    const ops = this.#connection.ready(call);
    return this.#connection.track(async () => {
      let left = call.limit;
      let slices = 0;
      const removed = await this.#connection.slices(call, () => {
        const slice = sweepSlice(ops, left, call);
        left -= slice.ended;
        return { ended: slice.ended, more: slice.more && left > 0 && ++slices < SLICES_OF_A_SWEEP };
      });
      return { removed, more: await this.#connection.run(call, () => ops.isDue(call.now)) };
    });
  }

  async health(call: CallOptions): Promise<Health> {
    const detail = await this.#connection.probe(call);
    return detail === null ? { ok: true } : { ok: false, detail };
  }

  async compact(): Promise<void> {
    const call = { now: 0 };
    const ops = this.#connection.ready(call);
    await this.#connection.run(call, () => {
      ops.db.exec("VACUUM");
      ops.db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    });
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #checkSize(record: SessionRecord): void {
    const { maxBytes } = this.guarantees;
    const { byteLength } = record.payload;
    if (byteLength <= maxBytes && record.credentials.byteLength <= MAX_CREDENTIALS) return;
    throw new StoreFault("too-large", `The payload takes ${byteLength} bytes; at most ${maxBytes} go in.`);
  }
}
