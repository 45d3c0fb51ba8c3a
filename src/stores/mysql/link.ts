/** The way to the server: single statements and transactions, within the caller's deadline. */
import { type Patience, untilDeadline } from "../../core/patience.ts";
import { StoreFault } from "../../errors.ts";
import { type Deadline, timedOut } from "../sql/deadline.ts";
import { discardIfSilent, type Lease } from "../sql/lease.ts";
import type { SqlValue } from "../sql/queries.ts";
import { within } from "../within.ts";
import type { Connection, Lend } from "./client.ts";
import { isReadOnly, isRetryable, mysqlFault } from "./faults.ts";
import { type Answer, type Manner, type Statement, send, statement } from "./statement.ts";

/** Without a signal, what keeps meeting others is given up after this long. */
const PATIENCE_MS = 1000;

const START = statement("START TRANSACTION", { isPrepared: false });
const COMMIT = statement("COMMIT", { isPrepared: false, writes: true });
const ROLLBACK = statement("ROLLBACK", { isPrepared: false });

export type Ask = (statement: Statement, values?: readonly SqlValue[]) => Promise<Answer>;

export class Link {
  readonly #lend: Lend;
  readonly #manner: Manner;
  #commits = false;

  constructor(lend: Lend, manner: Manner) {
    this.#lend = lend;
    this.#manner = manner;
  }

  /** From now on every statement is committed: the connections of this pool have `autocommit` off. */
  commitEach(): void {
    this.#commits = true;
  }

  /** One statement. What the server rolled back because it met another transaction is tried again. */
  run(statement: Statement, values: readonly SqlValue[], call: Deadline): Promise<Answer> {
    return this.#patiently(call, statement.writes, () =>
      this.#commits
        ? this.#transaction(call, (ask) => ask(statement, values))
        : this.#single(statement, values, call),
    );
  }

  /** Several statements, of which all or none are applied. `work` may run more than once. */
  transact<T>(call: Deadline, work: (ask: Ask) => Promise<T>): Promise<T> {
    return this.#patiently(call, false, () => this.#transaction(call, work));
  }

  async #patiently<T>({ signal }: Deadline, writes: boolean, attempt: () => Promise<T>): Promise<T> {
    let patience: Patience | undefined;
    for (;;) {
      if (signal?.aborted) throw timedOut();
      try {
        return await within(attempt(), signal, timedOut);
      } catch (error) {
        patience ??= untilDeadline(signal ? Number.POSITIVE_INFINITY : PATIENCE_MS);
        if (isRetryable(error) && (await patience.again())) continue;
        throw mysqlFault(error, writes);
      }
    }
  }

  async #single(statement: Statement, values: readonly SqlValue[], { signal }: Deadline): Promise<Answer> {
    const lease = await this.#lend();
    const callOff = discardIfSilent(lease, signal);
    let isSound = true;
    try {
      if (signal?.aborted) throw timedOut(); // while it waited for a connection
      const answer = await send(lease.connection, statement, values, this.#manner);
      isSound = !answer.isOpen;
      if (!isSound) throw leftOpen();
      return answer;
    } catch (error) {
      isSound &&= !isReadOnly(error);
      throw error;
    } finally {
      callOff();
      if (isSound) lease.giveBack();
      else lease.discard();
    }
  }

  /** After the deadline nothing is begun and nothing committed, so that locks are held no longer than can be helped. */
  async #transaction<T>({ signal }: Deadline, work: (ask: Ask) => Promise<T>): Promise<T> {
    const lease = await this.#lend();
    const callOff = discardIfSilent(lease, signal);
    const ask: Ask = async (statement, values = []) => {
      if (signal?.aborted) throw timedOut();
      return send(lease.connection, statement, values, this.#manner);
    };
    try {
      await ask(START);
      const result = await work(ask);
      await ask(COMMIT).catch((error: unknown) => {
        throw isRetryable(error) ? error : mysqlFault(error, true);
      });
      lease.giveBack();
      return result;
    } catch (error) {
      if (isReadOnly(error)) lease.discard();
      else await undo(lease, this.#manner);
      throw error;
    } finally {
      callOff();
    }
  }
}

async function undo(lease: Lease<Connection>, manner: Manner): Promise<void> {
  try {
    await send(lease.connection, ROLLBACK, [], manner);
    lease.giveBack();
  } catch {
    lease.discard();
  }
}

/** Somebody gave a connection back to the pool in the middle of a transaction, and what was written is part of it. */
function leftOpen(): StoreFault {
  return new StoreFault(
    "ambiguous",
    "MySQL store: a connection of the pool was left in a transaction, or with autocommit off.",
  );
}
