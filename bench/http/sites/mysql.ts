// A MySQL or MariaDB server: the one of MYSQL_URL, or one of our own; a database for each cell of those at work.
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import type { Probe } from "../../../test/support/requires.ts";
import { findMariaDb, startMariaDb } from "../../../test/support/servers/mariadb.ts";
import { databases } from "./databases.ts";
import { ignore, type Site } from "./site.ts";

export function mysqlSite(): Probe<() => Promise<Site>> {
  const { MYSQL_URL } = process.env;
  if (MYSQL_URL) return { found: () => siteAt(MYSQL_URL) };
  const programs = findMariaDb();
  if ("missing" in programs) return programs;
  return {
    async found() {
      const server = await startMariaDb(programs.found);
      return siteAt(server.url, server);
    },
  };
}

async function siteAt(url: string, server?: AsyncDisposable): Promise<Site> {
  const admin = await createConnection(url);
  admin.on("error", ignore);
  const [rows] = await admin.query<RowDataPacket[]>("SELECT version() AS version");
  const places = databases(
    url,
    (sql) => admin.query(sql),
    (name) => `DROP DATABASE IF EXISTS ${name}`,
  );
  const version = String(rows[0]?.version);
  return {
    server: {
      name: version.includes("MariaDB") ? "MariaDB" : "MySQL",
      version: version.split("-")[0] ?? "",
    },
    fresh: places.fresh,
    async count(act) {
      const before = await questions(admin);
      const result = await act();
      return { commands: (await questions(admin)) - before - 1, result }; // the asking counts too
    },
    async [Symbol.asyncDispose]() {
      if (!server) await places.dropAll();
      await admin.end().catch(ignore);
      await server?.[Symbol.asyncDispose]();
    },
  };
}

/** Statements that clients sent, prepared ones as often as they were executed. */
async function questions(admin: Connection): Promise<number> {
  const [rows] = await admin.query<RowDataPacket[]>("SHOW GLOBAL STATUS LIKE 'Questions'");
  return Number(rows[0]?.Value);
}
