/** Promise 4 on a server: the files of a PostgreSQL server, logs of writes included, open nothing. */
import { Pool } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createSessions } from "../../src/create-sessions.ts";
import { postgresStore } from "../../src/stores/postgres.ts";
import { TEST_ORIGIN, TestBrowser } from "../../src/testing/browser.ts";
import { fakeClock } from "../../src/testing/clock.ts";
import { holds, remainsOf } from "../support/remains.ts";
import { requireOrExplain } from "../support/requires.ts";
import {
  findPostgresServer,
  type PostgresServer,
  startPostgres,
} from "../support/servers/postgres-server.ts";

const POST = { method: "POST" } as const;

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
    const tab = new TestBrowser(sessions);
    const tokens = new Set<string>();
    const step = async (...args: Parameters<TestBrowser["visit"]>): Promise<void> => {
      await tab.visit(...args);
      for (const value of tab.jar.values()) tokens.add(value);
    };
    await step((session) => void tokens.add(session.csrfToken()));
    await step((session) => session.login("ada"), POST);
    await step((session) => session.renew(), POST);
    for (let turn = 0; turn < 4; turn++) {
      clock.advance(16 * 60_000);
      await step((session) => session.userId);
    }
    expect(tokens.size).toBeGreaterThan(3);
    await server.run("CHECKPOINT");
    const files = remainsOf(server.folder);
    expect(holds(files, "ada"), "the search finds what is there").toBe(true);
    for (const token of tokens) {
      const bytes = Buffer.from(token, "base64url");
      const secret = bytes.length === 48 ? bytes.subarray(16) : bytes;
      for (const half of [secret, secret.subarray(0, 16), secret.subarray(16)]) {
        for (const form of [
          half,
          half.toString("hex"),
          half.toString("base64url"),
          half.toString("base64").replaceAll("=", ""),
        ])
          expect(
            files.some((file) => Buffer.from(file.buffer, file.byteOffset, file.length).includes(form)),
          ).toBe(false);
      }
    }
    const { rows } = await pool.query<unknown[]>({
      text: "SELECT * FROM sojourn_sessions",
      rowMode: "array",
    });
    const cells = Buffer.concat(rows.flat().filter((cell) => Buffer.isBuffer(cell)));
    const [name = ""] = tab.jar.keys();
    const thief = tab.copy();
    for (let at = 0; at + 48 <= cells.length; at++) {
      thief.jar.set(name, cells.subarray(at, at + 48).toString("base64url"));
      expect((await thief.visit((session) => session.userId)).value).toBeNull();
    }
    expect((await tab.visit((session) => session.userId)).value).toBe("ada");
  });
});
