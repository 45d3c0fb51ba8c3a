/**
 * Writes that come in one turn of the event loop, as one transaction: with `durability: "power-loss"` a write is little
 * more than the wait for the disk, and so they share it. Each is told its own outcome, when all are on the disk.
 */
import type { CallOptions } from "../contract.ts";
import { isBusy, sqliteFault } from "./faults.ts";
import { isInTransaction } from "./handle.ts";
import { hushed, type Operations } from "./operations.ts";
import { timedOut } from "./patience.ts";

interface Write {
  /** Inside the transaction. Answers how to tell of it once that is committed; throws where SQLite gave that up. */
  readonly attempt: () => () => void;
  /** By itself, where the transaction could not begin. */
  readonly alone: () => void;
  readonly reject: (error: unknown) => void;
}

/** Does a write by itself, and waits where others keep the database busy. */
type Alone = <T>(call: CallOptions, act: () => T) => T | Promise<T>;

export class WriteGroup {
  readonly #ops: Operations;
  readonly #alone: Alone;
  /** How messages name the database. */
  readonly #where: string;
  #writes: Write[] = [];

  constructor(ops: Operations, where: string, alone: Alone) {
    this.#ops = ops;
    this.#where = where;
    this.#alone = alone;
  }

  /** `act` is one atomic step. It may run twice, and is then undone in between. */
  add<C extends CallOptions, T>(call: C, act: (call: C) => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const count = this.#writes.push({
      attempt: () => this.#attempt(call, act, resolve, reject),
      alone: () => {
        try {
          if (call.signal?.aborted) throw timedOut(this.#where);
          resolve(this.#alone(call, () => act(call)));
        } catch (error) {
          reject(error);
        }
      },
      reject,
    });
    if (count === 1) setImmediate(() => this.#commit());
    return promise;
  }

  #attempt<C extends CallOptions, T>(
    call: C,
    act: (call: C) => T,
    resolve: (result: T) => void,
    reject: (error: unknown) => void,
  ): () => void {
    if (call.signal?.aborted) return () => reject(timedOut(this.#where));
    const { quiet, tell } = hushed(call);
    try {
      const result = act(quiet);
      return () => {
        try {
          tell();
          resolve(result);
        } catch (thrown) {
          reject(thrown);
        }
      };
    } catch (error) {
      if (!isInTransaction(this.#ops.db)) throw error;
      return () => reject(sqliteFault(error, this.#where));
    }
  }

  #commit(): void {
    const writes = this.#writes;
    this.#writes = [];
    if (writes.length === 1) {
      writes[0]?.alone();
      return;
    }
    let outcomes: (() => void)[];
    try {
      outcomes = this.#ops.transaction(() => writes.map(({ attempt }) => attempt()));
    } catch (error) {
      for (const write of writes) {
        if (isBusy(error)) write.alone();
        else write.reject(sqliteFault(error, this.#where));
      }
      return;
    }
    for (const tell of outcomes) tell();
  }
}
