/** The PostgreSQL store beside its own statements, run by the driver alone. */
import { Client, Pool } from "pg";
import postgres from "postgres";
import { fromBase64url } from "../../src/core/bytes.ts";
import type { PostgresClient, PostgresValue, Statement } from "../../src/stores/postgres/client.ts";
import { namesOf } from "../../src/stores/postgres/names.ts";
import { statementsOn } from "../../src/stores/postgres/statements.ts";
import { postgresStore } from "../../src/stores/postgres.ts";
import type { Bench } from "./measure.ts";
import { LIFE_MS, scattered, versionsOf } from "./samples.ts";
import { callNow, fill, IN_FLIGHT } from "./servers.ts";

const OWN = "sojourn_bench_own";
const RAW = "sojourn_bench_raw";

interface Driver {
  readonly name: string;
  readonly client: PostgresClient;
  run(statement: Statement, values: PostgresValue[]): PromiseLike<unknown>;
  close(): Promise<unknown>;
}

export async function byPg(url: string): Promise<Driver> {
  const pool = new Pool({ connectionString: url });
  return {
    name: "pg",
    client: pool,
    run: (statement, values) => pool.query({ ...statement, values, rowMode: "array" }),
    close: () => pool.end(),
  };
}

/** One connection, over which queries go without waiting for the answers before. */
export async function byPgPipelined(url: string): Promise<Driver> {
  const client = new Client({ connectionString: url, pipeline: true });
  await client.connect();
  return {
    name: "pg, pipelined",
    client,
    run: (statement, values) => client.query({ ...statement, values, rowMode: "array" }),
    close: () => client.end(),
  };
}

export async function byPostgresJs(url: string): Promise<Driver> {
  const sql = postgres(url, { onnotice: () => {} });
  return {
    name: "postgres",
    client: sql,
    run: ({ text }, values) => sql.unsafe(text, values, { prepare: true }).values(),
    close: () => sql.end(),
  };
}

export async function postgresBench(sessions: number, driver: Driver): Promise<Bench> {
  await forget(driver);
  const store = postgresStore(driver.client, { schema: OWN });
  const records = await fill(sessions, store, postgresStore(driver.client, { schema: RAW }));
  const sql = statementsOn(namesOf(RAW, "sojourn_"));
  const record = scattered(records);
  const key = scattered(records.map(({ id }) => fromBase64url(id)));
  const versions = versionsOf(records);
  const rawVersions = versionsOf(records);
  return {
    name: "PostgreSQL",
    rawName: driver.name,
    inFlight: IN_FLIGHT,
    pairs: [
      {
        operation: "load",
        store: (turn) => store.load(record(turn).id, callNow()),
        raw: async (turn) => driver.run(sql.load, [key(turn)]),
      },
      {
        operation: "save",
        store: (turn) => {
          const { expected, version } = versions(turn);
          return store.save({ ...record(turn), version }, expected, callNow());
        },
        raw: async (turn) => {
          const { expected, version } = rawVersions(turn);
          const { idleUntil, seenAt, credentials, payload } = record(turn);
          const data = [Buffer.from(credentials), Buffer.from(payload)];
          return driver.run(sql.save, [key(turn), expected, version, idleUntil, seenAt, ...data, Date.now()]);
        },
      },
      {
        operation: "touch",
        store: (turn) => store.touch(record(turn).id, Date.now() + LIFE_MS, callNow()),
        raw: async (turn) => driver.run(sql.touch, [key(turn), Date.now() + LIFE_MS, Date.now()]),
      },
    ],
    async close() {
      await store.close();
      await forget(driver);
      await driver.close();
    },
  };
}

async function forget({ run }: Driver): Promise<void> {
  for (const schema of [OWN, RAW])
    await run({ text: `DROP SCHEMA IF EXISTS ${schema} CASCADE`, writes: true }, []);
}
