// A PostgreSQL server: the one of DATABASE_URL, or one of our own; a database for each cell of those at work.
import { Client } from "pg";
import type { Probe } from "../../../test/support/requires.ts";
import { findPostgresServer, startPostgres } from "../../../test/support/servers/postgres-server.ts";
import { DATABASES, databases } from "./databases.ts";
import { ignore, type Site, uncounted } from "./site.ts";

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
  const places = databases(
    url,
    (sql) => admin.query(sql),
    (name) => `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`,
  );
  return {
    server: { name: "PostgreSQL", version: String(version).split(" ")[0] ?? "" },
    fresh: places.fresh,
    async count(act) {
      if (!canCount) return uncounted(act);
      const before = (await statements(admin)) ?? 0;
      const result = await act();
      return { commands: ((await statements(admin)) ?? 0) - before, result };
    },
    async [Symbol.asyncDispose]() {
      if (!server) await places.dropAll();
      await admin.end().catch(ignore);
      await server?.[Symbol.asyncDispose]();
    },
  };
}

/** Executed in the benchmark's databases up to now; `null` where the server does not keep account of them. */
async function statements(admin: Client): Promise<number | null> {
  try {
    const { rows } = await admin.query(
      `SELECT coalesce(sum(calls), 0) AS calls FROM pg_stat_statements
       JOIN pg_database ON pg_database.oid = dbid WHERE starts_with(datname, $1)`,
      [DATABASES],
    );
    return Number(rows[0].calls);
  } catch {
    return null;
  }
}
