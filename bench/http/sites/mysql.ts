// A MySQL or MariaDB server: the one of MYSQL_URL, or one of our own; a database for each cell.
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import type { Probe } from "../../../test/support/requires.ts";
import { findMariaDb, startMariaDb } from "../../../test/support/servers/mariadb.ts";
import { ignore, type Site } from "./site.ts";

const DATABASE = "sojourn_bench";

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
  const version = String(rows[0]?.version);
  return {
    server: {
      name: version.includes("MariaDB") ? "MariaDB" : "MySQL",
      version: version.split("-")[0] ?? "",
    },
    async fresh() {
      await admin.query(`DROP DATABASE IF EXISTS ${DATABASE}`);
      await admin.query(`CREATE DATABASE ${DATABASE}`);
      const place = new URL(url);
      place.pathname = DATABASE;
      return place.href;
    },
    async count(act) {
      const before = await questions(admin);
      await act();
      return (await questions(admin)) - before - 1; // the asking counts too
    },
    async [Symbol.asyncDispose]() {
      if (!server) await admin.query(`DROP DATABASE IF EXISTS ${DATABASE}`);
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
