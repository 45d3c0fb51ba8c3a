// The page on PostgreSQL: its programs run, and leave and find sessions there.
import { afterAll, beforeAll, expect, test } from "vitest";
import { requireOrExplain } from "../support/requires.ts";
import { server } from "../support/servers/postgres.ts";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { createWorkspace } from "./support/workspace.ts";

requireOrExplain("a PostgreSQL server", () => server)("the page on PostgreSQL", (url) => {
  const workspace = createWorkspace(filesOf(readDocument("docs/stores/postgres.md")), ["pg", "postgres"]);
  const clean = 'await pool.query("DROP SCHEMA IF EXISTS sojourn_guide CASCADE");\n';
  const run = async (name: string, text: string): Promise<string> => {
    await workspace.write(name, `process.env.DATABASE_URL = ${JSON.stringify(url)};\n${text}`);
    const { code, output } = await workspace.node(name);
    expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
    return output;
  };
  const wipe = async (): Promise<unknown> =>
    run("wipe.mjs", `const { pool } = await import("./pool.mjs");\n${clean}await pool.end();\n`);
  beforeAll(async () => {
    await workspace.write(
      "pool.mjs",
      'import pg from "pg";\nexport const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });\n',
    );
    await wipe();
  });
  afterAll(async () => {
    await wipe();
    await workspace[Symbol.asyncDispose]();
  });

  test("has SQL that makes the tables, and programs of both libraries that use them", async () => {
    await run(
      "apply.mjs",
      'import { postgresSchema } from "sojourn/stores/postgres";\nconst { pool } = await import("./pool.mjs");\n' +
        'for (const _ of [1, 2]) await pool.query(postgresSchema({ schema: "sojourn_guide" }));\nawait pool.end();\n',
    );
    const printed = await run("printed.mjs", 'await import("./print-schema.ts");\n');
    expect(printed).toContain('CREATE TABLE "sojourn_guide"."sojourn_sessions"');
    const found = await run(
      "use.mjs",
      'const { pool, sessions } = await import("./sessions.ts");\n' +
        'const { sql, store } = await import("./with-postgres-js.ts");\n' +
        'await store.open();\nconsole.log((await sessions.health()).ok, await sessions.revokeAll("ada"));\n' +
        "await sessions.close();\nawait store.close();\nawait pool.end();\nawait sql.end();\n",
    );
    expect(found).toContain("true 0");
  });
});
