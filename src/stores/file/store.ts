/** The store around the operations: opening and closing, what may be asked at all, and turns for long work. */
import { randomBytes } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { toBase64url } from "../../core/bytes.ts";
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
import { placeOfScan } from "../cursor.ts";
import { UnderWay } from "../under-way.ts";
import { create } from "./create.ts";
import { fileFault } from "./faults.ts";
import { endEveryone, endUser, eraseUser, isDue, type Scan, scan, sweep } from "./many.ts";
import { type OpenFolder, openFolder } from "./opening.ts";

/** Long work gives way to others when it has held the event loop for this long: one session on most disks. */
const TURN_MS = 1;

/** A sweep leaves the rest to the next call then: on a slow disk, removing files takes longer than a call may. */
const SWEEP_MS = 200;

export class FileSessionStore implements SessionStore {
  readonly name = "file";
  readonly guarantees: Guarantees;
  readonly #folder: string;
  readonly #underWay = new UnderWay();
  #opening: Promise<readonly string[]> | null = null;
  #open: OpenFolder | null = null;
  #isClosed = false;

  constructor(folder: string, guarantees: Guarantees) {
    this.#folder = folder;
    this.guarantees = guarantees;
  }

  async open(options: OpenOptions = {}): Promise<readonly string[]> {
    if (this.#isClosed) throw this.#closed();
    this.#opening ??= this.#track(() => this.#take(options.signal)).catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #take(signal: AbortSignal | undefined): Promise<readonly string[]> {
    try {
      if (signal?.aborted) throw this.#timedOut();
      this.#open = await openFolder(this.#folder, this.guarantees.durable === "power-loss", signal);
      return this.#open.warnings;
    } catch (error) {
      throw fileFault(error, this.#folder);
    }
  }

  async load(id: SessionId, call: CallOptions): Promise<SessionRecord | Ended | null> {
    return this.#step(call, ({ ops }) => (isSessionId(id) ? ops.load(id, call) : null));
  }

  async create(record: SessionRecord, call: CreateOptions): Promise<CreateResult> {
    return this.#write(call, ({ ops, identity }) => {
      if (!isSessionId(record.id)) throw new StoreFault("corrupt", "A new session has an id that is none.");
      this.#checkSize(record);
      const user = record.userId === null ? null : identity.nameOf(record.userId);
      return create(ops, record, user, call);
    });
  }

  async save(record: SessionRecord, expected: Version, call: CallOptions): Promise<SaveResult> {
    return this.#write(call, ({ ops }) => {
      this.#checkSize(record);
      return isSessionId(record.id) ? ops.save(record, expected, call) : "gone";
    });
  }

  async touch(id: SessionId, until: Instant, call: CallOptions): Promise<boolean> {
    return this.#write(call, ({ ops }) => isSessionId(id) && ops.touch(id, until, call));
  }

  async delete(
    id: SessionId,
    reason: EndReason,
    call: CallOptions & { readonly expected?: Version },
  ): Promise<DeleteResult> {
    return this.#write(call, ({ ops }) => (isSessionId(id) ? ops.delete(id, reason, call) : "gone"));
  }

  async listByUser(userId: string, call: CallOptions & Page): Promise<UserSessions> {
    return this.#write(call, ({ ops }) => ops.listByUser(userId, call));
  }

  async deleteByUser(userId: string, call: CallOptions & { readonly except?: SessionId }): Promise<number> {
    const { steps } = this.#write(call, (open) => {
      mark(open, userId, call);
      return { steps: endUser(open.ops, userId, call.except, call) };
    });
    return this.#inTurns(call, steps);
  }

  async erase(userId: string, call: CallOptions): Promise<number> {
    const { steps } = this.#write(call, (open) => {
      mark(open, userId, call);
      return { steps: eraseUser(open.ops, open.disk, userId, call) };
    });
    return this.#inTurns(call, steps);
  }

  async revocation(userId: string, call: CallOptions): Promise<string> {
    return this.#write(
      call,
      ({ ops, identity }) => ops.marks.read(identity.nameOf(userId), call.now)?.token ?? "",
    );
  }

  async deleteAll(call: CallOptions): Promise<void> {
    await this.#inTurns(
      call,
      this.#write(call, ({ ops, disk }) => endEveryone(ops, disk, call)),
    );
  }

  async scan(call: CallOptions & Page): Promise<Scanned> {
    const found: Scan = { sessions: [], damaged: 0, after: placeOfScan(call.after) };
    const { steps } = this.#write(call, ({ ops, disk }) => ({ steps: scan(ops, disk, found, call) }));
    await this.#inTurns(call, steps, call.limit);
    return found;
  }

  async sweep(call: CallOptions & { readonly limit: number }): Promise<SweepResult> {
    const { steps, schedules } = this.#write(call, ({ ops, schedules }) => ({
      steps: sweep(ops, schedules, call),
      schedules,
    }));
    return this.#track(async () => {
      const removed = await this.#inTurns(call, steps, call.limit, SWEEP_MS);
      return { removed, more: isDue(schedules, call.now) };
    });
  }

  async health(call: CallOptions): Promise<Health> {
    try {
      this.#write(call, ({ disk }) => disk.discard(disk.stage(new Uint8Array(1))));
      return { ok: true };
    } catch (error) {
      return { ok: false, detail: fileFault(error, this.#folder).message };
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#underWay.settled();
    const open = this.#open;
    this.#open = null;
    try {
      for (const schedule of Object.values(open?.schedules ?? {})) schedule.close();
      open?.lock.release();
    } catch (error) {
      throw fileFault(error, this.#folder);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #step<T>(call: CallOptions, act: (open: OpenFolder) => T): T {
    if (this.#isClosed) throw this.#closed();
    if (!this.#open) throw new StoreFault("unavailable", `File store ${this.#folder}: call open() first.`);
    if (call.signal?.aborted) throw this.#timedOut();
    try {
      return act(this.#open);
    } catch (error) {
      throw fileFault(error, this.#folder);
    }
  }

  /** Only while the folder is ours: a process that was stopped for long may have been taken for dead. */
  #write<T>(call: CallOptions, act: (open: OpenFolder) => T): T {
    return this.#step(call, (open) => {
      open.mustHold();
      return act(open);
    });
  }

  /**
   * Takes steps until `limit` of them counted or so many milliseconds are over, giving way to others between turns.
   * Answers how many counted.
   */
  #inTurns(
    call: CallOptions,
    steps: Generator<boolean>,
    limit = Number.POSITIVE_INFINITY,
    millis = Number.POSITIVE_INFINITY,
  ): Promise<number> {
    return this.#track(async () => {
      let counted = 0;
      try {
        let now = performance.now();
        const end = now + millis;
        while (counted < limit && now < end) {
          const turnEnd = now + TURN_MS;
          do {
            const { done, value } = steps.next();
            if (done) return counted;
            if (value) counted++;
            now = performance.now();
          } while (counted < limit && now < turnEnd);
          await nextTurn();
          now = performance.now();
          call.onProgress?.();
          if (call.signal?.aborted) throw this.#timedOut();
          this.#open?.mustHold();
        }
        return counted;
      } catch (error) {
        throw fileFault(error, this.#folder);
      }
    });
  }

  /** Remembers work that takes more than one turn, so that `close` waits for it. */
  #track<T>(begin: () => Promise<T>): Promise<T> {
    return this.#underWay.track(begin);
  }

  #checkSize(record: SessionRecord): void {
    const { maxBytes } = this.guarantees;
    const { byteLength } = record.payload;
    if (byteLength <= maxBytes) return;
    throw new StoreFault("too-large", `The payload takes ${byteLength} bytes; at most ${maxBytes} go in.`);
  }

  #closed(): StoreFault {
    return new StoreFault("closed", `File store ${this.#folder} is closed.`);
  }

  #timedOut(): StoreFault {
    return new StoreFault("timeout", `File store ${this.#folder}: the time for this call is up.`);
  }
}

/** First of all: from here on no login that began earlier gets in. */
function mark({ ops, identity }: OpenFolder, userId: string, { now }: CallOptions): void {
  ops.marks.put(identity.nameOf(userId), now, toBase64url(randomBytes(12)));
}
