// The page on MySQL: its programs run, and leave and find sessions there.
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeOnMysql, storesOn } from "../support/servers/mysql.ts";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { createWorkspace } from "./support/workspace.ts";

describeOnMysql("the page on MySQL", (place) => {
  const stores = storesOn(place);
  const workspace = createWorkspace(filesOf(readDocument("docs/stores/mysql.md")), ["mysql2"]);
  beforeAll(() => stores.open().open());
  afterAll(() => workspace[Symbol.asyncDispose]());
  const run = async (name: string, text: string): Promise<string> => {
    await workspace.write(name, `process.env.MYSQL_URL = ${JSON.stringify(stores.url)};\n${text}`);
    const { code, output } = await workspace.node(name);
    expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
    return output;
  };

  test("has SQL that makes the tables, and programs with promises and callbacks that use them", async () => {
    const printed = await run("printed.mjs", 'await import("./print-schema.ts");\n');
    expect(printed).toContain("CREATE TABLE IF NOT EXISTS `guide_sessions`");
    for (const _ of ["once", "and again"]) {
      const statements = printed.split(";\n").filter((text) => text.trim() !== "");
      for (const text of statements) await stores.pool.query(text);
    }
    const found = await run(
      "use.mjs",
      'const { pool, sessions } = await import("./sessions.ts");\n' +
        'const { callbackPool, store } = await import("./with-callbacks.ts");\n' +
        'await store.open();\nconsole.log((await sessions.health()).ok, await sessions.revokeAll("ada"));\n' +
        "await sessions.close();\nawait store.close();\nawait pool.end();\nawait callbackPool.promise().end();\n",
    );
    expect(found).toContain("true 0");
  });
});
