/** Outages of a MariaDB server. */
import { createConnection, createPool } from "mysql2/promise";
import { afterAll, beforeAll, it } from "vitest";
import { mysqlStore } from "../../../src/stores/mysql.ts";
import { requireOrExplain } from "../../support/requires.ts";
import { findMariaDb, type MariaDbServer, startMariaDb } from "../../support/servers/mariadb.ts";
import { until } from "../../support/servers/wire.ts";
import { type Subject, suffers, TROUBLES, type Trouble, WRITES } from "./suite.ts";

const PASSWORD = "secret";

/** Statements as an operator gives them. */
async function tell({ url }: MariaDbServer, ...statements: readonly string[]): Promise<void> {
  const operator = await createConnection(url);
  try {
    for (const statement of statements) await operator.query(statement);
  } finally {
    await operator.end();
  }
}

/** A server that may keep so much and no more answers as one whose disk is full; on a really full one, MariaDB dies. */
const SMALL = ["--innodb-file-per-table=0", "--innodb-data-file-path=ibdata1:12M:autoextend:max:24M"];

/** Whatever else goes wrong is a failure of the test. */
function isFull(error: unknown): false {
  if (error instanceof Error && "code" in error && error.code === "ER_RECORD_FILE_FULL") return false;
  throw error;
}

const FULL: Trouble<MariaDbServer> = {
  name: "has no room left",
  stops: ["fill"],
  async begin(server) {
    await tell(server, "CREATE TABLE shop.filling (bytes MEDIUMBLOB)");
    for (const length of [500_000, 20_000]) {
      const fill = `INSERT INTO shop.filling VALUES (REPEAT('x', ${length}))`;
      while (await tell(server, fill).then(() => true, isFull)) {
        // until nothing more goes in
      }
    }
    // Writes that were given up may still be rolled back, and until then they take the room that a DROP needs, too.
    return () => until(() => tell(server, "DROP TABLE shop.filling").then(() => true));
  },
};

const OF_MARIADB: readonly Trouble<MariaDbServer>[] = [
  {
    name: "takes the password no more",
    stops: "everything",
    async begin(server) {
      await tell(server, "ALTER USER shop IDENTIFIED BY 'another'", "KILL USER shop");
      return () => tell(server, `ALTER USER shop IDENTIFIED BY '${PASSWORD}'`);
    },
  },
  {
    name: "has become read-only",
    stops: WRITES,
    async begin(server) {
      await tell(server, "SET GLOBAL read_only = ON");
      return () => tell(server, "SET GLOBAL read_only = OFF");
    },
  },
  {
    name: "permits no writing",
    stops: WRITES,
    async begin(server) {
      // A connection keeps what it was granted for its database.
      await tell(server, "REVOKE INSERT, UPDATE, DELETE ON shop.* FROM shop", "KILL USER shop");
      return () => tell(server, "GRANT INSERT, UPDATE, DELETE ON shop.* TO shop", "KILL USER shop");
    },
  },
];

requireOrExplain("mariadbd", findMariaDb)("when the MariaDB server", (programs) => {
  const start = async (...settings: readonly string[]): Promise<MariaDbServer> => {
    const server = await startMariaDb(programs, ...settings);
    await tell(
      server,
      "CREATE DATABASE shop",
      `CREATE USER shop IDENTIFIED BY '${PASSWORD}'`,
      "GRANT ALL ON shop.* TO shop",
    );
    return server;
  };
  let server: MariaDbServer;
  beforeAll(async () => {
    server = await start();
  }, 60_000);
  afterAll(() => server[Symbol.asyncDispose]());

  let opened = 0;
  const subject = (on: MariaDbServer): Subject<MariaDbServer> => ({
    server: on,
    async connect(port) {
      const uri = `mysql://shop:${PASSWORD}@127.0.0.1:${port}/shop`;
      const pool = createPool({ uri, connectionLimit: 4 });
      return { store: mysqlStore(pool, { prefix: `t${opened++}_` }), close: () => pool.end() };
    },
  });

  it.each([...TROUBLES, ...OF_MARIADB])("$name", (trouble) => suffers(subject(server), trouble));

  it(FULL.name, async () => {
    await using small = await start(...SMALL);
    await suffers(subject(small), FULL);
  });
});
