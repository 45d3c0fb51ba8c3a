// The pages on bridges, in either direction: their programs run, and keep sessions in the stores they name.
import { afterAll, expect, test } from "vitest";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { createWorkspace } from "./support/workspace.ts";

const pages = ["docs/stores/bridges.md", "docs/stores/express-session.md"];
const workspace = createWorkspace(new Map(pages.flatMap((page) => [...filesOf(readDocument(page))])), [
  "@fastify/cookie",
  "@fastify/session",
  "express",
  "express-session",
  "fastify",
  "memorystore",
  "unstorage",
]);
afterAll(() => workspace[Symbol.asyncDispose]());

async function printed(name: string, text: string): Promise<readonly string[]> {
  await workspace.write(name, text);
  const { code, output } = await workspace.node(name);
  expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
  return output.trim().split("\n");
}

test.each(["sessions.ts", "with-unstorage.ts"])("%s signs in, and out everywhere", async (file) => {
  const lines = await printed(
    `use-${file}.mjs`,
    `import { withSessions } from "sojourn/fetch";
const { sessions } = await import("./${file}");
const handle = withSessions(sessions, async (request, session) => {
  if (request.method === "POST") await session.login("ada");
  return new Response(session.userId);
});
const visit = (method, cookie) =>
  handle(new Request("https://shop.example/", { method, headers: { cookie, "sec-fetch-site": "same-origin" } }));
const cookie = (await visit("POST", "")).headers.getSetCookie()[0].split(";")[0];
console.log(await (await visit("GET", cookie)).text());
await sessions.revokeAll("ada");
console.log((await (await visit("GET", cookie)).text()) || "nobody");
await sessions.close();
`,
  );
  expect(lines).toEqual(["ada", "nobody"]);
});

test("whoever was signed in with express-session is taken over, once, and goes along to the next store", async () => {
  const lines = await printed(
    "use-moving.mjs",
    `const { app, sessions } = await import("./moving.ts");
const server = app.listen(0, "localhost");
await new Promise((resolve) => server.once("listening", resolve));
const site = "http://localhost:" + server.address().port;
const visit = (path, cookie, method = "GET") => fetch(site + path, { method, headers: { cookie } });
const cookiesOf = (answer) => answer.headers.getSetCookie().map((line) => line.split(";")[0]);
const [old] = cookiesOf(await visit("/old-login", "", "POST"));
const first = await visit("/me", old);
console.log(await first.text());
const mine = cookiesOf(first).join("; ");
console.log(await (await visit("/me", mine)).text());
console.log(await (await visit("/me", old)).text());
server.close();
const { better } = await import("./leaving.ts");
await better.close();
await sessions.close();
`,
  );
  expect(lines).toEqual(['["ada",["tea"]]', '["ada",["tea"]]', "[null,[]]", "1"]);
});

test("who stays on express-session is listed and signed out by a manager beside it", async () => {
  const lines = await printed(
    "use-server.mjs",
    `const { app, sessions } = await import("./server.ts");
const server = app.listen(0, "localhost");
await new Promise((resolve) => server.once("listening", resolve));
const site = "http://localhost:" + server.address().port;
const [cookie] = (await fetch(site + "/login", { method: "POST" })).headers.getSetCookie();
const me = async () => (await fetch(site + "/me", { headers: { cookie: cookie.split(";")[0] } })).text();
console.log(await me());
console.log((await sessions.list("ada")).length, await sessions.revokeAll("ada"));
console.log(await me());
server.close();
await sessions.close();
`,
  );
  expect(lines).toEqual(["ada", "1 1", "nobody"]);
});

test("the program for @fastify/session answers", async () => {
  const lines = await printed(
    "use-fastify.mjs",
    `const { app } = await import("./with-fastify.ts");
console.log((await app.inject("/")).body);
await app.close();
`,
  );
  expect(lines).toEqual(["32"]);
});
