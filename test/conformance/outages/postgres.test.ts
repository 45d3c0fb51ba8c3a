/** Outages of a PostgreSQL server. */
import { Pool } from "pg";
import postgres from "postgres";
import { afterAll, beforeAll, describe, it } from "vitest";
import { postgresStore } from "../../../src/stores/postgres.ts";
import { requireOrExplain } from "../../support/requires.ts";
import {
  findPostgresServer,
  type PostgresServer,
  startPostgres,
} from "../../support/servers/postgres-server.ts";
import { type Connected, type Subject, suffers, TROUBLES, type Trouble } from "./suite.ts";

const ROLE = "shop";
const PASSWORD = "secret";

const OF_POSTGRES: readonly Trouble<PostgresServer>[] = [
  {
    name: "takes the password no more",
    spares: "nothing",
    async begin({ run }) {
      await run(`ALTER ROLE ${ROLE} PASSWORD 'another'`);
      await run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${ROLE}'`);
      return async () => void (await run(`ALTER ROLE ${ROLE} PASSWORD '${PASSWORD}'`));
    },
  },
  {
    name: "has become read-only",
    spares: "reads",
    async begin({ run }) {
      const set = async (value: string): Promise<void> => {
        await run(`ALTER ROLE ${ROLE} SET default_transaction_read_only = ${value}`);
        await run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${ROLE}'`);
      };
      await set("on");
      return () => set("off");
    },
  },
  {
    name: "permits no writing",
    spares: "reads",
    async begin({ run }) {
      const tables = "ALL TABLES IN SCHEMA public";
      await run(`REVOKE INSERT, UPDATE, DELETE ON ${tables} FROM ${ROLE}`);
      return async () => void (await run(`GRANT INSERT, UPDATE, DELETE ON ${tables} TO ${ROLE}`));
    },
  },
];

const DRIVERS: Readonly<Record<string, (url: string, prefix: string) => Connected>> = {
  pg(url, prefix) {
    const pool = new Pool({ connectionString: url, max: 4 });
    pool.on("error", () => {}); // what it means for a call, the call says
    return { store: postgresStore(pool, { prefix }), close: () => pool.end() };
  },
  postgres(url, prefix) {
    const sql = postgres(url, { max: 4, backoff: () => 0.02 });
    return { store: postgresStore(sql, { prefix }), close: () => sql.end({ timeout: 1 }) };
  },
};

requireOrExplain("a PostgreSQL server", findPostgresServer)("when the PostgreSQL server", (programs) => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(programs);
    await server.run(`CREATE ROLE ${ROLE} LOGIN PASSWORD '${PASSWORD}'`);
    await server.run(`GRANT CREATE ON SCHEMA public TO ${ROLE}`);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  let opened = 0;
  const subject = (driver: string): Subject<PostgresServer> => ({
    server,
    async connect(port) {
      const made = DRIVERS[driver]?.(
        `postgres://${ROLE}:${PASSWORD}@127.0.0.1:${port}/postgres`,
        `t${opened++}_`,
      );
      if (!made) throw new Error(`There is no driver ${driver}.`);
      return made;
    },
  });

  it.each([...TROUBLES, ...OF_POSTGRES])("$name", (trouble) => suffers(subject("pg"), trouble));

  describe("asked by postgres,", () => {
    it.each(TROUBLES)("$name", (trouble) => suffers(subject("postgres"), trouble));
  });
});
