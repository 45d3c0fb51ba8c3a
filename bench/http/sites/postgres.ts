// A PostgreSQL server: the one of DATABASE_URL, or one of our own; a database for each cell.
import { Client } from "pg";
import type { Probe } from "../../../test/support/requires.ts";
import { findPostgresServer, startPostgres } from "../../../test/support/servers/postgres-server.ts";
import { ignore, type Site, uncounted } from "./site.ts";

const DATABASE = "sojourn_bench";

export function postgresSite(): Probe<() => Promise<Site>> {
  const { DATABASE_URL } = process.env;
  if (DATABASE_URL) return { found: () => siteAt(DATABASE_URL) };
  const programs = findPostgresServer();
  if ("missing" in programs) return programs;
  return {
    async found() {
      const server = await startPostgres(programs.found, "shared_preload_libraries=pg_stat_statements");
      return siteAt(server.url, server);
    },
  };
}

async function siteAt(url: string, server?: AsyncDisposable): Promise<Site> {
  const admin = new Client({ connectionString: url });
  admin.on("error", ignore);
  await admin.connect();
  const [{ server_version: version = "unknown" } = {}] = (await admin.query("SHOW server_version")).rows;
  const canCount = await admin.query("CREATE EXTENSION IF NOT EXISTS pg_stat_statements").then(
    async () => (await statements(admin)) !== null,
    () => false,
  );
  const drop = (): Promise<unknown> => admin.query(`DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`);
  return {
    server: { name: "PostgreSQL", version: String(version).split(" ")[0] ?? "" },
    async fresh() {
      await drop();
      await admin.query(`CREATE DATABASE ${DATABASE}`);
      const place = new URL(url);
      place.pathname = DATABASE;
      return place.href;
    },
    async count(act) {
      if (!canCount) return uncounted(act);
      const before = (await statements(admin)) ?? 0;
      await act();
      return ((await statements(admin)) ?? 0) - before;
    },
    async [Symbol.asyncDispose]() {
      if (!server) await drop();
      await admin.end().catch(ignore);
      await server?.[Symbol.asyncDispose]();
    },
  };
}

/** Executed in the benchmark's database up to now; `null` where the server does not keep account of them. */
async function statements(admin: Client): Promise<number | null> {
  try {
    const { rows } = await admin.query(
      `SELECT coalesce(sum(calls), 0) AS calls FROM pg_stat_statements
       JOIN pg_database ON pg_database.oid = dbid WHERE datname = $1`,
      [DATABASE],
    );
    return Number(rows[0].calls);
  } catch {
    return null;
  }
}
