import { expect, it } from "vitest";
import type { SqlValue } from "../sql/queries.ts";
import type { Connection } from "./client.ts";
import { literal, send, statement } from "./statement.ts";

/** mysql2 refuses `undefined` in words of its own, and makes text of most others. */
const IMPOSSIBLE: readonly { readonly value: unknown }[] = [
  { value: undefined },
  { value: {} },
  { value: { toSqlString: () => "1 OR 1 = 1" } },
  { value: [1, 2] },
  { value: new Date(0) },
  { value: 1n },
  { value: 0.5 },
  { value: Number.NaN },
];

it.each(IMPOSSIBLE)(
  "a value that no column takes is refused before it gets to mysql2: $value",
  async ({ value }) => {
    let asked = 0;
    const connection: Connection = {
      async send() {
        asked += 1;
        return [];
      },
    };
    const { places, text } = statement("UPDATE t SET a = $1", { writes: true });
    for (const isPrepared of [true, false]) {
      const sent = send(connection, { text, places, isPrepared, writes: true }, [value as SqlValue], {
        prepares: true,
        readsPlainly: true,
      });
      await expect(sent).rejects.toMatchObject({ code: "STORE_FAULT", kind: "corrupt" });
    }
    expect(asked).toBe(0);
    expect(() => literal(value as SqlValue)).toThrow(/no column takes/);
  },
);
