/** Promise 4 on a server: the files of a PostgreSQL server, logs of writes included, open nothing. */
import { Pool } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createSessions } from "../../src/create-sessions.ts";
import { postgresStore } from "../../src/stores/postgres.ts";
import { TEST_ORIGIN } from "../../src/testing/browser.ts";
import { fakeClock } from "../../src/testing/clock.ts";
import { holds, remainsOf } from "../support/remains.ts";
import { requireOrExplain } from "../support/requires.ts";
import {
  findPostgresServer,
  type PostgresServer,
  startPostgres,
} from "../support/servers/postgres-server.ts";
import { formsOf, liveThrough, opensNothing } from "./support/theft.ts";

requireOrExplain("a PostgreSQL server", findPostgresServer)("the stolen files of PostgreSQL", (programs) => {
  let server: PostgresServer;
  let pool: Pool;
  beforeAll(async () => {
    server = await startPostgres(programs, "fsync=off");
    pool = new Pool({ connectionString: server.url, max: 2 });
  });
  afterAll(async () => {
    await pool.end();
    await server[Symbol.asyncDispose]();
  });

  it("hold no secret in any form, and no row opens a session", async () => {
    const clock = fakeClock();
    await using sessions = createSessions({
      store: postgresStore(pool),
      origin: TEST_ORIGIN,
      mode: "development",
      clock: clock.now,
    });
    const { tab, tokens } = await liveThrough(sessions, clock);
    await server.run("CHECKPOINT");
    const files = remainsOf(server.folder);
    expect(holds(files, "ada"), "the search finds what is there").toBe(true);
    for (const form of [...tokens].flatMap(formsOf)) {
      expect(
        files.some((file) => Buffer.from(file.buffer, file.byteOffset, file.length).includes(form)),
      ).toBe(false);
    }
    const { rows } = await pool.query<unknown[]>({
      text: "SELECT * FROM sojourn_sessions",
      rowMode: "array",
    });
    const cells = Buffer.concat(rows.flat().filter((cell) => Buffer.isBuffer(cell)));
    await opensNothing(cells, tab);
  });
});
