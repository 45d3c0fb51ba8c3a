/** The way to the server: one statement at a time, within the caller's deadline. */
import { type Patience, untilDeadline } from "../../core/patience.ts";
import { type Deadline, timedOut } from "../sql/deadline.ts";
import { within } from "../within.ts";
import type { Ask, PostgresValue, Statement } from "./client.ts";
import { isRetryable, postgresFault } from "./faults.ts";

/** Without a signal, a statement that keeps meeting others is given up after this long. */
const PATIENCE_MS = 10_000;

export class Link {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** The rows. What the server rolled back because it met another transaction is tried again. */
  async run(statement: Statement, values: PostgresValue[], call: Deadline): Promise<readonly unknown[]> {
    const { signal } = call;
    let patience: Patience | undefined;
    for (;;) {
      if (signal?.aborted) throw timedOut();
      try {
        return await within(this.#ask(statement, [...values], call), signal, timedOut);
      } catch (error) {
        patience ??= untilDeadline(signal ? Number.POSITIVE_INFINITY : PATIENCE_MS);
        if (isRetryable(error) && (await patience.again())) continue;
        throw postgresFault(error, statement.writes);
      }
    }
  }
}
