// docs/stores.md: its program moves sessions, and its table is what the stores say of themselves.
import { afterAll, expect, test } from "vitest";
import { fileStore } from "../../src/stores/file.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { mysqlStore } from "../../src/stores/mysql.ts";
import { postgresStore } from "../../src/stores/postgres.ts";
import { redisStore } from "../../src/stores/redis.ts";
import { sqliteStore } from "../../src/stores/sqlite.ts";
import { run } from "../support/consumer.ts";
import { requireOrExplain } from "../support/requires.ts";
import { findRedisServer, startRedis } from "../support/servers/redis.ts";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { tableBelow } from "./support/tables.ts";
import { createWorkspace, QUIET } from "./support/workspace.ts";

const page = readDocument("docs/stores.md");
const workspace = createWorkspace(filesOf(page), ["redis"]);
afterAll(() => workspace[Symbol.asyncDispose]());

requireOrExplain("redis-server", findRedisServer)("the program that moves", (program) => {
  test("copies, and finds nothing left to do the second time", async () => {
    await using server = await startRedis(program);
    await workspace.write(
      "fill.ts",
      `import { createSessions } from "sojourn";
       import { withSessions } from "sojourn/fetch";
       import { sqliteStore } from "sojourn/stores/sqlite";
       const sessions = createSessions({ origin: "https://shop.example", store: sqliteStore("data/sessions.db") });
       const handler = withSessions(sessions, async (_, session) => { await session.login("ada"); return new Response(); });
       await handler(new Request("https://shop.example", { method: "POST", headers: { "sec-fetch-site": "same-origin" } }));
       await sessions.close();`,
    );
    const node = (file: string) =>
      run(process.execPath, [QUIET, file], workspace.folder, {
        ...process.env,
        REDIS_URL: `redis://127.0.0.1:${server.port}`,
      });
    expect(await node("fill.ts")).toMatchObject({ code: 0 });
    const { code, stdout, output } = await node("move.ts");
    expect(code, output).toBe(0);
    expect(stdout).toMatch(/copying checking:\n(checking \S+\n)*checking done\n\{\s+copied: 1,/);
    expect((await node("move.ts")).stdout).toMatch(/copied: 0,\s+updated: 0,\s+unchanged: 1,/);
  });
});

test("the table of guarantees is what the stores say", () => {
  const stores = [
    memoryStore(),
    fileStore("unused"),
    sqliteStore("unused.db"),
    redisStore({ send: async () => null }),
    postgresStore({ query: async () => ({ rows: [] }) }),
    mysqlStore({ query: async () => [], execute: async () => [] }),
  ];
  const words: Readonly<Record<string, (store: (typeof stores)[number]) => string>> = {
    shared: ({ guarantees }) =>
      ({ process: "one process", host: "the processes of a machine", network: "any machine" })[
        guarantees.shared
      ],
    durable: ({ guarantees }) =>
      ({
        no: "nothing",
        "process-crash": "a crash, or a power failure",
        "power-loss": "a power failure",
        "server-config": "as the server is set",
      })[guarantees.durable],
    expiry: ({ guarantees }) => ({ sweep: "swept", native: "freed by the server" })[guarantees.expiry],
    maxBytes: ({ guarantees }) => `${guarantees.maxBytes / 2 ** 20} MiB`,
  };
  for (const name of ["cas", "noRevival", "revokeUser", "userIndex"] as const) {
    expect(rowOf(name)).toEqual(stores.map(({ guarantees }) => (guarantees[name] ? "yes" : "no")));
  }
  for (const [name, word] of Object.entries(words)) expect(rowOf(name)).toEqual(stores.map(word));
  expect(rowOf("Can be copied")).toEqual(stores.map((store) => (store.scan ? "yes" : "no")));
});

function rowOf(name: string): readonly string[] {
  const row = tableBelow(page, "What each guarantees").find(([head = ""]) => head.includes(name));
  return row?.slice(1) ?? [];
}
