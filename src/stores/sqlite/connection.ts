/** The open database behind the store: opening and closing it once, and waiting where others keep it busy. */
import { statSync } from "node:fs";
import { StoreFault } from "../../errors.ts";
import type { CallOptions, OpenOptions } from "../contract.ts";
import { UnderWay } from "../under-way.ts";
import { userDigest } from "../user-digest.ts";
import {
  configure,
  type Durability,
  MEMORY,
  type OwnedDatabase,
  openDatabase,
  warningsAbout,
} from "./database.ts";
import { type Edition, editionOf, emptyLog, isSmall, rewrite } from "./erasing.ts";
import { isBusy, sqliteFault } from "./faults.ts";
import { isInTransaction, type SqliteHandle } from "./handle.ts";
import { Operations } from "./operations.ts";
import { patiently, timedOut } from "./patience.ts";
import type { Slice } from "./slices.ts";
import { WriteGroup } from "./write-group.ts";

/** Slices follow one another until the event loop has been held for this long. */
const TURN_MS = 5;

export class Connection {
  readonly #target: string | SqliteHandle;
  /** `null` in memory and on a handle. */
  readonly #file: string | null;
  readonly #durability: Durability | null;
  /** How messages name it. */
  readonly #where: string;
  readonly #underWay = new UnderWay();
  #opening: Promise<readonly string[]> | null = null;
  #owned: OwnedDatabase | null = null;
  #ops: Operations | null = null;
  /** Where a write waits for the disk. */
  #group: WriteGroup | null = null;
  /** Which file it was that was opened. */
  #inode = 0;
  /** What the file was like when it was last written again. */
  #rewritten: Edition | null = null;
  #isClosed = false;

  /** `durability`: `null` when it was not asked for. */
  constructor(target: string | SqliteHandle, durability: Durability | null) {
    this.#target = target;
    this.#file = typeof target === "string" && target !== MEMORY ? target : null;
    this.#durability = durability;
    this.#where = typeof target === "string" ? target : "on a given handle";
  }

  /** Once; a failure is not remembered. */
  open(options: OpenOptions): Promise<readonly string[]> {
    if (this.#isClosed) return Promise.reject(this.#closed());
    this.#opening ??= this.track(() => this.#open(options.signal)).catch((error: unknown) => {
      this.#opening = null;
      throw sqliteFault(error, this.#where);
    });
    return this.#opening;
  }

  async #open(signal: AbortSignal | undefined): Promise<readonly string[]> {
    if (signal?.aborted) throw timedOut(this.#where);
    const target = this.#target;
    const owned = typeof target === "string" ? await openDatabase(target, this.#where) : null;
    const db = owned ?? target;
    if (typeof db === "string") return [];
    try {
      const userKey = await this.#run(
        () => configure(db, this.#where, this.#durability, owned !== null),
        signal,
      );
      if (this.#file !== null) this.#inode = statSync(this.#file).ino;
      const ops = new Operations(db, userDigest(userKey));
      this.#ops = ops;
      this.#owned = owned;
      if (this.#file !== null && this.#durability === "power-loss")
        this.#group = new WriteGroup(ops, this.#where, (call, act) => this.run(call, act));
      return warningsAbout(db, this.#file, this.#where);
    } catch (error) {
      owned?.close();
      throw error;
    }
  }

  /** The operations, if the call may go on. */
  ready(call: CallOptions): Operations {
    if (this.#isClosed) throw this.#closed();
    if (!this.#ops) throw new StoreFault("unavailable", `SQLite store ${this.#where}: call open() first.`);
    if (call.signal?.aborted) throw timedOut(this.#where);
    return this.#ops;
  }

  /** At once where possible: SQLite answers in microseconds, and only a busy database is worth a wait. */
  run<T>(call: CallOptions, act: () => T): T | Promise<T> {
    return this.#run(act, call.signal);
  }

  /** One write of one session: with others of this turn where it would wait for the disk, else at once. */
  write<C extends CallOptions, T>(call: C, act: (call: C) => T): T | Promise<T> {
    const group = this.#group;
    return group ? this.track(() => group.add(call, act)) : this.run(call, () => act(call));
  }

  #run<T>(act: () => T, signal: AbortSignal | undefined): T | Promise<T> {
    try {
      return this.#attempt(act);
    } catch (error) {
      if (!isBusy(error)) throw sqliteFault(error, this.#where);
      return this.track(() => this.#wait(act, signal));
    }
  }

  async #wait<T>(act: () => T, signal: AbortSignal | undefined): Promise<T> {
    try {
      return await patiently(() => this.#attempt(act), this.#where, signal);
    } catch (error) {
      throw sqliteFault(error, this.#where);
    }
  }

  /** A write inside someone's open transaction would be acknowledged here and might be rolled back there. */
  #attempt<T>(act: () => T): T {
    if (typeof this.#target !== "string" && isInTransaction(this.#target)) {
      throw new StoreFault("busy", `SQLite store ${this.#where}: its owner has a transaction open.`);
    }
    return act();
  }

  /** Slice after slice, giving way to others between turns. Answers how many sessions were ended. */
  async slices(call: CallOptions, next: () => Slice): Promise<number> {
    let ended = 0;
    let turnEnd = performance.now() + TURN_MS;
    for (;;) {
      const slice = await this.run(call, next);
      ended += slice.ended;
      if (!slice.more) return ended;
      call.onProgress?.();
      if (performance.now() < turnEnd) continue;
      await new Promise((resolve) => setImmediate(resolve));
      if (call.signal?.aborted) throw timedOut(this.#where);
      turnEnd = performance.now() + TURN_MS;
    }
  }

  /**
   * Removes what is left of deleted content beside the rows. Writing the file again is for files of this store alone:
   * a handle may hold whatever else. Who is in the way for long is told of, and not waited for until the caller gives up.
   */
  async clean({ db }: Operations): Promise<void> {
    if (this.#file !== null && isSmall(db)) await this.#run(() => this.#rewrite(db), undefined);
    await this.#run(() => emptyLog(db, this.#where), undefined);
  }

  /** Unless nothing was changed since the last time but the one mark that every erasure sets. */
  #rewrite(db: SqliteHandle): void {
    const last = this.#rewritten;
    const { others, own } = editionOf(db);
    if (last?.others === others && own - last.own <= 1) return;
    rewrite(db);
    this.#rewritten = editionOf(db);
  }

  /** Remembers work that takes more than one turn, so that `close` waits for it. */
  track<T>(begin: () => Promise<T>): Promise<T> {
    return this.#underWay.track(begin);
  }

  /** `null` when it answers; otherwise what is wrong. */
  async probe(call: CallOptions): Promise<string | null> {
    try {
      const ops = this.ready(call);
      await this.run(call, () => ops.sql.ping.get());
      return this.#isFileInPlace() ? null : "The database file was removed or replaced.";
    } catch (error) {
      return sqliteFault(error, this.#where).message;
    }
  }

  #isFileInPlace(): boolean {
    return this.#file === null || statSync(this.#file, { throwIfNoEntry: false })?.ino === this.#inode;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#underWay.settled();
    this.#ops = null;
    this.#group = null;
    this.#owned?.close();
    this.#owned = null;
  }

  #closed(): StoreFault {
    return new StoreFault("closed", `SQLite store ${this.#where} is closed.`);
  }
}
