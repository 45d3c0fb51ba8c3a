// Whatever the planner takes for granted, no statement that is called again and again reads a whole table.
import { expect, test } from "vitest";
import { namesOf } from "../../src/stores/postgres/names.ts";
import { statementsOn } from "../../src/stores/postgres/statements.ts";
import { describeOnPostgres, storesOn } from "../support/servers/postgres.ts";
import { recordOf, since } from "../support/stored-records.ts";

const NOW = Date.UTC(2030, 0, 2);
const ROWS = 20_000;

/** Each with as many nulls as it has parameters: what is planned for any value does not look at them. */
const STATEMENTS = [
  "load",
  "save",
  "touch",
  "end",
  "endUntold",
  "endOfUser",
  "endAny",
  "sweep",
  "forgetMarks",
  "isDue",
  "ofUser",
] as const;

describeOnPostgres("plans of PostgreSQL", (url) => {
  const stores = storesOn(url, "pg");

  test("reach sessions and marks by an index, however many there are", async () => {
    const prefix = "plans_";
    const store = stores.open({ prefix });
    await store.open();
    await store.create(recordOf("somebody"), { now: NOW, since: since() });
    const { sessions, marks } = namesOf(stores.schema, prefix);
    const client = await stores.pool.connect();
    try {
      await client.query(`INSERT INTO ${marks} (person, forget_at)
        SELECT decode(md5(n::text), 'hex'), ${NOW} + n FROM generate_series(1, ${ROWS}) AS n`);
      await client.query(`INSERT INTO ${sessions} (id, version, user_id, created_at, seen_at, idle_until,
          absolute_until, idle_for, persistent, sweep_at, credentials, payload)
        SELECT decode(md5(n::text), 'hex'), n, n, ${NOW}, ${NOW}, ${NOW} + n, ${NOW} + n, n, false, ${NOW} + n, '', ''
        FROM generate_series(1, ${ROWS}) AS n`);
      await client.query(`ANALYZE ${sessions}; ANALYZE ${marks}`);
      await client.query("SET plan_cache_mode = force_generic_plan");
      const statements = statementsOn(namesOf(stores.schema, prefix));
      for (const name of STATEMENTS) {
        const { text } = statements[name];
        const count = Math.max(...[...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
        await client.query(`PREPARE plan_of_${name} AS ${text}`);
        const nulls = Array.from({ length: count }, () => "NULL").join();
        const { rows } = await client.query(`EXPLAIN EXECUTE plan_of_${name} (${nulls})`);
        const plan = rows.map((row: Readonly<Record<string, string>>) => row["QUERY PLAN"]).join("\n");
        expect(`${name}:\n${plan}`).not.toContain("Seq Scan");
      }
    } finally {
      client.release(true);
      await store.close();
    }
  });
});
