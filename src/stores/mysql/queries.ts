/** What the store asks, out of the statements of MySQL. */
import type { Deadline } from "../sql/deadline.ts";
import type { Queries, Query, SqlValue } from "../sql/queries.ts";
import { asTombstone, bytesIn, deadlineIn, isTombstone, rowsIn } from "../sql/rows.ts";
import { type Ending, endRows } from "./ending.ts";
import type { Ask, Link } from "./link.ts";
import type { Names } from "./names.ts";
import { literal, type Statement, statement } from "./statement.ts";
import { type Statements, statementsOn } from "./statements.ts";

type Rows = readonly (readonly unknown[])[];

const ONE: readonly unknown[] = [[1]];

export class MysqlQueries {
  readonly sql: Statements;
  readonly names: Names;
  readonly link: Link;

  constructor(link: Link, names: Names) {
    this.link = link;
    this.names = names;
    this.sql = statementsOn(names);
  }

  async rows(statement: Statement, values: readonly SqlValue[], call: Deadline): Promise<Rows> {
    return rowsIn((await this.link.run(statement, values, call)).rows);
  }

  /** As `Queries` has it. */
  all(): Queries {
    const { sql } = this;
    const reading =
      (statement: Statement): Query =>
      async (values, call) =>
        (await this.link.run(statement, values, call)).rows;
    const writing =
      (statement: Statement): Query =>
      async (values, call) =>
        (await this.link.run(statement, values, call)).affected > 0 ? ONE : [];
    return {
      load: reading(sql.load),
      save: writing(sql.save),
      touch: writing(sql.touch),
      end: (values, call) =>
        this.#endFound(sql.toEnd, values, { now: nowIn(values), reason: String(values[2] ?? "idle") }, call),
      endUntold: writing(sql.endUntold),
      endOfUser: (values, call) => this.#endAll(sql.toEndOfUser, values, call),
      endAny: (values, call) => this.#endAll(sql.toEndOfAny, values, call),
      sweep: (values, call) => this.#sweep(values, call),
      forgetMarks: (values, call) => this.#forgetMarks(values, call),
      isDue: reading(sql.isDue),
      ofUser: reading(sql.ofUser),
      liveAfter: reading(sql.liveAfter),
      mark: writing(sql.mark),
      markOf: reading(sql.markOf),
      ping: reading(sql.ping),
    };
  }

  #ask(call: Deadline): Ask {
    return (statement, values = []) => this.link.run(statement, values, call);
  }

  async #endFound(which: Statement, values: SqlValue[], ending: Ending, call: Deadline): Promise<Rows> {
    return endRows(this.#ask(call), this.names, await this.rows(which, values, call), ending);
  }

  /** Until everything it found is ended by it: what changed between reading and ending is found again. */
  async #endAll(which: Statement, values: SqlValue[], call: Deadline): Promise<Rows> {
    const all: (readonly unknown[])[] = [];
    for (;;) {
      const found = await this.rows(which, values, call);
      const ended = await endRows(this.#ask(call), this.names, found, {
        now: nowIn(values),
        reason: "revoked",
      });
      all.push(...ended);
      if (ended.length === found.length) return all;
    }
  }

  /** Several sweepers may find the same rows. What another one ended is shown as if it had been found ended. */
  async #sweep(values: SqlValue[], call: Deadline): Promise<Rows> {
    const { sessions, byId } = this.names;
    const ask = this.#ask(call);
    const now = Number(values[0]);
    const found = await this.rows(this.sql.due, values, call);
    const live = found.filter((row) => !isTombstone(row));
    const late = live.filter((row) => deadlineIn(row) > now);
    const over = live.filter((row) => deadlineIn(row) <= now);
    await change(
      ask,
      found.filter(isTombstone),
      (ids) => `DELETE FROM ${sessions} WHERE id IN (${ids})
      AND reason IS NOT NULL AND sweep_at <= ${now}`,
    );
    await change(
      ask,
      late,
      (ids) => `UPDATE ${sessions} FORCE INDEX (${byId}) SET sweep_at = LEAST(idle_until, absolute_until)
      WHERE id IN (${ids}) AND reason IS NULL`,
    );
    const ended = new Set(await endRows(ask, this.names, over, { now, reason: "idle" }));
    return found.map((row) => (over.includes(row) && !ended.has(row) ? asTombstone(row) : row));
  }

  async #forgetMarks(values: SqlValue[], call: Deadline): Promise<Rows> {
    const { marks } = this.names;
    const found = await this.rows(this.sql.dueMarks, values, call);
    await change(
      this.#ask(call),
      found,
      (people) => `DELETE FROM ${marks} WHERE person IN (${people})
      AND forget_at <= ${Number(values[0])}`,
    );
    return found;
  }
}

/** The second value of everything that ends sessions. */
function nowIn(values: readonly SqlValue[]): number {
  return Number(values[1]);
}

/** A statement about rows by the key in their first column. */
async function change(ask: Ask, rows: Rows, text: (keys: string) => string): Promise<void> {
  if (rows.length === 0) return;
  const keys = rows.map((row) => literal(bytesIn(row[0]))).join(", ");
  await ask(statement(text(keys), { isPrepared: false, writes: true }));
}
