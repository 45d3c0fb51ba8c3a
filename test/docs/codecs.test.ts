// The page on codecs: its sessions carry what it says, a store moves as it says, and its own codec passes the kit.
import { afterAll, describe, expect, test } from "vitest";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { createWorkspace } from "./support/workspace.ts";

const page = readDocument("docs/codecs.md");
const workspace = createWorkspace(filesOf(page), ["@msgpack/msgpack", "fast-xml-parser"]);
afterAll(() => workspace[Symbol.asyncDispose]());

/** Runs a program with a browser for a manager, and answers what it prints. */
async function run(name: string, body: string): Promise<string> {
  await workspace.write(
    name,
    `import assert from "node:assert/strict";
     import { signedIn } from "sojourn/testing";
     import { withSessions } from "sojourn/fetch";
     const origin = "http://localhost:3000";
     const visitorOf = async (manager, data = {}) => {
       const headers = await signedIn(manager, "ada", data, { origin });
       return async (act, other = manager) => {
         let value;
         const handler = withSessions(other, (request, session) => {
           value = act(session);
           return new Response();
         });
         await handler(new Request(origin, { method: "POST", headers }), { peer: "127.0.0.1" });
         return value;
       };
     };
     const bytesOf = async (store, id) => (await store.load(id, { now: Date.now() })).payload;
     ${body}`,
  );
  const { code, output } = await workspace.node(name);
  expect({ code, output }).toEqual({ code: 0, output: expect.any(String) });
  return output;
}

describe("the examples", () => {
  test("plain JSON takes the number, and refuses the Date with its path", async () => {
    await run(
      "run-plain.ts",
      `import { sessions } from "./plain.ts";
       const visit = await visitorOf(sessions, { cart: ["tea"], since: 5 });
       assert.equal(await visit((session) => session.get("since")), 5);
       const path = await visit((session) => {
         try { session.set("since", new Date()); } catch (error) { return [error.code, error.path]; }
       });
       assert.deepEqual(path, ["UNSUPPORTED_VALUE", "since"]);`,
    );
  });

  test("MessagePack and XML carry bytes and dates", async () => {
    await run(
      "run-kinds.ts",
      `import { sessions as packed } from "./packed.ts";
       import { sessions as readable } from "./readable.ts";
       const since = new Date(1_700_000_000_000);
       const first = await visitorOf(packed, { thumbnail: Uint8Array.of(1, 2), since });
       assert.deepEqual(await first((session) => session.get("thumbnail")), Uint8Array.of(1, 2));
       const second = await visitorOf(readable, { cart: ["tea"], since, note: "salt & pepper" });
       assert.deepEqual(await second((session) => session.get("since")), since);`,
    );
  });

  test("XML looks as it is shown", async () => {
    const shown = page.blocks.find(({ text }) => text.startsWith("<list>"))?.text ?? "";
    const output = await run(
      "run-xml.ts",
      `import { xml } from "sojourn/codecs/xml";
       const data = { cart: ["tea"], since: new Date(1_700_000_000_000), note: "salt & pepper" };
       const limits = { maxBytes: 1000, maxDepth: 64 };
       console.log(Buffer.from(xml.encode([data], { id: "", limits })).toString());`,
    );
    expect(output.trim()).toBe(shown.replaceAll(/\n\s*/g, ""));
  });

  test("tagged JSON looks as it is shown", async () => {
    const shown = page.blocks.find(({ language }) => language === "json")?.text ?? "";
    const output = await run(
      "run-tagged.ts",
      `import { taggedJson } from "sojourn/codecs/tagged-json";
       const data = { cart: ["tea"], since: new Date(1_700_000_000_000), seen: new Map([["tea", 2]]) };
       const limits = { maxBytes: 1000, maxDepth: 64 };
       console.log(Buffer.from(taggedJson.encode([data], { id: "", limits })).toString());`,
    );
    expect(output).toBe(shown);
  });

  test("V8 carries bytes inside encryption, and is refused without", async () => {
    await run(
      "run-native.ts",
      `import { createSessions } from "sojourn";
       import { newKey } from "sojourn/codecs/encrypted";
       import { v8 } from "sojourn/codecs/v8";
       import { memoryStore } from "sojourn/stores/memory";
       process.env.SESSION_KEYS = newKey();
       const { sessions } = await import("./native.ts");
       const visit = await visitorOf(sessions, { draft: "Dear Ada", picture: Uint8Array.of(1, 2) });
       assert.deepEqual(await visit((session) => session.get("picture")), Uint8Array.of(1, 2));
       assert.throws(() => createSessions({ store: memoryStore(), codec: v8 }), { option: "codec" });`,
    );
  });

  test("a store moves while both kinds of processes run", async () => {
    await run(
      "run-moving.ts",
      `import { before, after } from "./moving.ts";
       const visit = await visitorOf(before, { cart: ["tea"] });
       const add = (item) => (session) => session.update("cart", (cart) => [...cart, item]);
       await visit(add("milk"), after);
       await visit(add("rice"), before);
       await visit(add("salt"), after);
       for (const manager of [before, after])
         assert.deepEqual(await visit((session) => session.get("cart"), manager), ["tea", "milk", "rice", "salt"]);
       await Promise.all([before.close(), after.close()]);`,
    );
  });
});

test("the codec that is written there passes the kit", async () => {
  const { code, stdout, output } = await workspace.node("--test-reporter=tap", "compressed.test.ts");
  expect({ code, failed: output.match(/^\s*not ok .*$/gm) }, output.slice(-2000)).toEqual({
    code: 0,
    failed: null,
  });
  expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(40);
});
