// The page on shapes: its steps, its tests, and a deployment of its new version over rows of the old one.
import { afterAll, describe, expect, test } from "vitest";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { createWorkspace } from "./support/workspace.ts";

const workspace = createWorkspace(filesOf(readDocument("docs/shapes.md")), ["zod"]);
afterAll(() => workspace[Symbol.asyncDispose]());

test("its own tests pass", async () => {
  const { code, output } = await workspace.node("--test", "migrate.test.ts");
  expect(output).toMatch(/pass 2\b/);
  expect(code).toBe(0);
});

describe("its sessions", () => {
  test("read the carts that version 1 stored, and leave them to it", async () => {
    await workspace.write(
      "deploy.ts",
      `import assert from "node:assert/strict";
       import { createSessions } from "sojourn";
       import { withSessions } from "sojourn/fetch";
       import { sqliteStore } from "sojourn/stores/sqlite";
       import { signedIn } from "sojourn/testing";
       import { sessions } from "./sessions.ts";

       const origin = "http://localhost:3000";
       const before = createSessions({
         store: sqliteStore("data/sessions.db"),
         initial: () => ({ cart: [] as string[] }),
       });
       const headers = await signedIn(before, "ada", { cart: ["tea", "tea"] }, { origin });
       const visit = (manager, act) =>
         withSessions(manager, async (request, session) => {
           act(session);
           return Response.json(session.entries());
         })(new Request(origin, { method: "POST", headers }), { peer: "127.0.0.1" });
       const read = async (answer) => Object.fromEntries(await (await answer).json());

       assert.deepEqual((await read(visit(sessions, () => {}))).basket, { tea: 2 });
       await visit(sessions, (session) => session.update("basket", (basket) => ({ ...basket, milk: 1 })));
       await visit(before, (session) => session.update("cart", (cart) => [...cart, "rice"]));
       assert.deepEqual(await read(visit(sessions, () => {})), {
         basket: { tea: 2, milk: 1 },
         cart: ["tea", "tea", "rice"],
       });
       await Promise.all([sessions.close(), before.close()]);`,
    );
    expect(await workspace.node("deploy.ts")).toMatchObject({ code: 0, output: "" });
  });
});
