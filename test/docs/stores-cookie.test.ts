// The page on sessions in cookies: its program runs, and its table of options is the code's.
import { afterAll, expect, test } from "vitest";
import { type CookieStoreOptions, cookieStore, newKey } from "../../src/stores/cookie.ts";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { codeIn, tableBelow } from "./support/tables.ts";
import { createWorkspace } from "./support/workspace.ts";

const page = readDocument("docs/stores/cookie.md");
const workspace = createWorkspace(filesOf(page));
afterAll(() => workspace[Symbol.asyncDispose]());

const VISITS = `
import { mkdirSync } from "node:fs";
mkdirSync("data", { recursive: true });
process.env.SESSION_KEYS = ${JSON.stringify(newKey())};
const { handle } = await import("./app.ts");
const { sessions } = await import("./sessions.ts");
await sessions.ready();
let jar = new Map();
async function visit(path, cookies = jar) {
  const headers = { cookie: [...cookies].map((pair) => pair.join("=")).join("; "), "sec-fetch-site": "same-origin" };
  const answer = await handle(new Request("https://shop.example" + path, { headers, method: path === "/" ? "GET" : "POST" }));
  for (const line of answer.headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
    if (line.includes("Max-Age=0")) cookies.delete(name);
    else cookies.set(name, value);
  }
  console.log(path, answer.status, await answer.text());
}
await visit("/cart");
await visit("/login");
await visit("/cart");
const copy = new Map(jar);
await visit("/", copy);
await visit("/everywhere");
await visit("/", copy);
await sessions.close();
`;

test("signs in, keeps a cart, and ends every copy", async () => {
  await workspace.write("visits.mjs", VISITS);
  const { code, output } = await workspace.node("visits.mjs");
  expect({ code, lines: output.split("\n").filter((line) => line.startsWith("/")) }).toEqual({
    code: 0,
    lines: [
      '/cart 200 {"user":null,"cart":["tea"]}',
      '/login 200 {"user":"ada","cart":[]}',
      '/cart 200 {"user":"ada","cart":["tea"]}',
      '/ 200 {"user":"ada","cart":["tea"]}',
      '/everywhere 200 {"user":"ada","cart":["tea"]}',
      '/ 200 {"user":null,"cart":[]}',
    ],
  });
});

test("has every option of the store in its table, and no other", () => {
  let known: readonly string[] = [];
  try {
    cookieStore({ keys: newKey(), nonsense: 1 } as CookieStoreOptions);
  } catch (error) {
    known = (/There is: (.*)$/.exec(String(error))?.[1] ?? "").split(", ");
  }
  const listed = tableBelow(page, "Options").map(([option]) => codeIn(option));
  expect(listed.toSorted()).toEqual(known.toSorted());
});
