// The MariaDB server of the suites itself: a crash that loses what was committed would prove nothing about a store.
import { createConnection } from "mysql2/promise";
import { expect, test } from "vitest";
import { requireOrExplain } from "../../support/requires.ts";
import { findMariaDb, startMariaDb } from "../../support/servers/mariadb.ts";

requireOrExplain("mariadbd", findMariaDb)("a MariaDB server of a suite", (programs) => {
  test("has after a crash what was committed before", { timeout: 60_000 }, async () => {
    await using server = await startMariaDb(programs);
    const before = await createConnection(server.url);
    before.on("error", () => {}); // it is killed
    await before.query("CREATE DATABASE kept");
    await server.kill();
    await server.start();
    const after = await createConnection(server.url);
    const [rows] = await after.query("SHOW DATABASES LIKE 'kept'");
    expect(rows).toHaveLength(1);
    await after.end();
  });
});
