// The encryption page: its sessions, its three steps and its alarms, with keys that its own command makes.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Ran, root, run } from "../support/consumer.ts";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { tableBelow } from "./support/tables.ts";
import { createWorkspace, QUIET } from "./support/workspace.ts";

const page = readDocument("docs/encryption.md");
const workspace = createWorkspace(filesOf(page));
afterAll(() => workspace[Symbol.asyncDispose]());

const node = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  run(process.execPath, [QUIET, ...args], workspace.folder, { ...process.env, ...env });

/** What a line of the page means: `npx sojourn ...`, from the build. */
const command = (line: string) =>
  node([join(root, "dist/cli/main.js"), ...line.replace("npx sojourn ", "").split(" ")]);
const commands = page.blocks.filter(({ language }) => language === "sh").map((block) => block.text.trim());

let keys: readonly string[] = [];
beforeAll(async () => {
  const made = await Promise.all([1, 2].map(() => command(commands[0] ?? "")));
  keys = made.map(({ stdout }) => stdout.trim());
  await workspace.write(
    "visit.ts",
    `import { withSessions } from "sojourn/fetch";
     const origin = "https://shop.example";
     export const visit = async (sessions, headers, act) => {
       const handler = withSessions(sessions, async (_, session) => Response.json((await act(session)) ?? null));
       return (await handler(new Request(origin, { method: "POST", headers }))).json();
     };`,
  );
});

test("its commands make keys and show the steps it shows", async () => {
  for (const key of keys) expect(key).toMatch(/^sojourn1_[\w-]{43}$/);
  const { code, stdout } = await command(commands[1] ?? "");
  expect(code).toBe(0);
  const steps = [...stdout.matchAll(/SESSION_KEYS="(.*)"/g)].map(([, value = ""]) =>
    value
      .replaceAll(/<(keys in use|new key)>/g, (_, name) => (name === "new key" ? "new" : "old"))
      .split(" ")
      .join(", "),
  );
  expect(tableBelow(page, "Changing keys").map(([, value]) => value)).toEqual(steps);
});

describe("its sessions", () => {
  const top = `import assert from "node:assert/strict";
    import { readFileSync } from "node:fs";
    import { signedIn } from "sojourn/testing";
    import { sessions } from "./sessions.ts";
    import { alarms } from "./watch.ts";
    import { visit } from "./visit.ts";
    `;

  test("store nothing of the data that can be read", async () => {
    await workspace.write(
      "store.ts",
      `${top}
       const headers = await signedIn(sessions, "ada", { cart: ["plum-jam"] }, { origin: "http://localhost:3000" });
       assert.match(headers.cookie, /=/);
       await sessions.close();
       const file = readFileSync("data/sessions.db");
       assert.deepEqual([file.includes("plum-jam"), file.includes("ada")], [false, true]);`,
    );
    expect(await node(["store.ts"], { SESSION_KEYS: keys[0] ?? "" })).toMatchObject({ code: 0, output: "" });
  });

  test("do not start without a key", async () => {
    const { code, output } = await node(["store.ts"], { SESSION_KEYS: "" });
    expect(code).toBe(1);
    expect(output).toMatch(/Option keys: there is none\. Make one with `npx sojourn keys`/);
  });

  test("raise the alarms of the page", async () => {
    await workspace.write(
      "alarm.ts",
      `${top}
       import { createSessions } from "sojourn";
       import { encrypted } from "sojourn/codecs/encrypted";
       import { taggedJson } from "sojourn/codecs/tagged-json";
       import { sqliteStore } from "sojourn/stores/sqlite";
       import { withSessions } from "sojourn/fetch";
       const origin = "http://localhost:3000";
       const other = createSessions({
         store: sqliteStore("data/sessions.db"),
         codec: encrypted(taggedJson, process.env.OTHER_KEY),
       });
       const headers = await signedIn(other, "eve", { cart: [] }, { origin });
       const [{ id }] = await other.list("eve");
       const handler = withSessions(sessions, (_, session) => Response.json(session.userId));
       await handler(new Request(origin, { headers }), { peer: "127.0.0.1" });
       assert.deepEqual(alarms, ["The key of session " + id + " is not in SESSION_KEYS."]);
       await Promise.all([sessions.close(), other.close()]);`,
    );
    expect(
      await node(["alarm.ts"], {
        SESSION_KEYS: keys[0] ?? "",
        OTHER_KEY: keys[1] ?? "",
      }),
    ).toMatchObject({ code: 0, output: expect.stringContaining("not in the ring") });
  });
});

test("its three steps take a live store from plain to sealed, and nobody is signed out", async () => {
  await workspace.write(
    "move.ts",
    `import assert from "node:assert/strict";
     import { createSessions } from "sojourn";
     import { sqliteStore } from "sojourn/stores/sqlite";
     import { signedIn } from "sojourn/testing";
     import { moved, moving, prepared } from "./moving.ts";
     import { visit } from "./visit.ts";

     const origin = "https://shop.example";
     const store = sqliteStore("data/moving.db");
     const make = (codec) => createSessions({ store, origin, ...(codec && { codec }) });
     const headers = await signedIn(make(), "ada", { count: 0 });
     const counted = (codec) =>
       visit(make(codec), headers, (session) => {
         session.update("count", (count) => count + 1);
         return session.userId;
       });
     for (const codec of [undefined, prepared, moving, prepared, moving, moved]) {
       assert.equal(await counted(codec), "ada");
     }
     assert.equal(await visit(make(moved), headers, (session) => session.get("count")), 6);
     assert.equal(await visit(make(), headers, (session) => session.userId), null);
     assert.match((await make(moving).ready()).join(), /plain tagged-json are still believed/);
     assert.deepEqual(await make(moved).ready(), []);
     await store.close();`,
  );
  expect(await node(["move.ts"], { SESSION_KEYS: keys.join(" ") })).toMatchObject({
    code: 0,
    output: expect.stringContaining("codec 129 is not known here"), // told to the process that reads plain rows alone
  });
});
