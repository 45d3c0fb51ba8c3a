/** The MySQL store beside its own statements, prepared and run by mysql2 alone. */
import { createPool } from "mysql2/promise";
import { fromBase64url } from "../../src/core/bytes.ts";
import { namesOf } from "../../src/stores/mysql/names.ts";
import type { Statement } from "../../src/stores/mysql/statement.ts";
import { statementsOn } from "../../src/stores/mysql/statements.ts";
import { mysqlStore } from "../../src/stores/mysql.ts";
import type { Bench } from "./measure.ts";
import { LIFE_MS, scattered, versionsOf } from "./samples.ts";
import { callNow, fill, IN_FLIGHT } from "./servers.ts";

const DATABASE = "sojourn_bench";

export async function mysqlBench(sessions: number, url: string): Promise<Bench> {
  const admin = createPool({ uri: url, connectionLimit: 1 });
  await admin.query(`DROP DATABASE IF EXISTS ${DATABASE}`);
  await admin.query(`CREATE DATABASE ${DATABASE}`);
  const pool = createPool({ uri: url, database: DATABASE });
  const store = mysqlStore(pool, { prefix: "own_" });
  const records = await fill(sessions, store, mysqlStore(pool, { prefix: "raw_" }));
  const sql = statementsOn(namesOf("raw_"));
  const run = ({ text, places }: Statement, values: readonly (number | Buffer)[]): Promise<unknown> =>
    pool.execute({ sql: text, values: places.map((place) => values[place] ?? null), rowsAsArray: true });
  const record = scattered(records);
  const key = scattered(records.map(({ id }) => Buffer.from(fromBase64url(id))));
  const versions = versionsOf(records);
  const rawVersions = versionsOf(records);
  return {
    name: "MySQL",
    rawName: "mysql2",
    inFlight: IN_FLIGHT,
    pairs: [
      {
        operation: "load",
        store: (turn) => store.load(record(turn).id, callNow()),
        raw: (turn) => run(sql.load, [key(turn)]),
      },
      {
        operation: "save",
        store: (turn) => {
          const { expected, version } = versions(turn);
          return store.save({ ...record(turn), version }, expected, callNow());
        },
        raw: (turn) => {
          const { expected, version } = rawVersions(turn);
          const { idleUntil, seenAt, credentials, payload } = record(turn);
          const [from, to] = [Buffer.from(expected), Buffer.from(version)];
          const data = [Buffer.from(credentials), Buffer.from(payload)];
          return run(sql.save, [key(turn), from, to, idleUntil, seenAt, ...data, Date.now()]);
        },
      },
      {
        operation: "touch",
        store: (turn) => store.touch(record(turn).id, Date.now() + LIFE_MS, callNow()),
        raw: (turn) => run(sql.touch, [key(turn), Date.now() + LIFE_MS, Date.now()]),
      },
    ],
    async close() {
      await store.close();
      await admin.query(`DROP DATABASE ${DATABASE}`);
      await admin.end();
      await pool.end();
    },
  };
}
