// The page for Koa: its application, its own test, and what it says of errors, exemptions, streams and lazy requests.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Browser } from "./support/client.ts";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { type RunningServer, startServer } from "./support/servers.ts";
import { createWorkspace } from "./support/workspace.ts";

const page = readDocument("docs/frameworks/koa.md");
const workspace = createWorkspace(filesOf(page), ["koa", "koa-bodyparser"]);

/** Starts the application that a file of the page exports. */
async function serve(file: string): Promise<RunningServer> {
  const name = `serve-${file}`;
  await workspace.write(
    name,
    `import { app } from "./${file}";\napp.listen(Number(process.env.PORT), () => console.log("open"));\n`,
  );
  return startServer(workspace, name);
}
afterAll(() => workspace[Symbol.asyncDispose]());

describe("the application", () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer(workspace, "server.ts");
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  test("keeps a cart over a login, and a message for the next page", async () => {
    const browser = new Browser(server.url);
    await browser.post("/cart", { item: "pear" });
    expect((await browser.post("/login", { user: "ada" })).status).toBe(302);
    const front = await (await browser.get("/")).json();
    expect(front).toEqual({
      user: "ada",
      cart: ["pear"],
      notes: [{ kind: "notice", message: "Welcome back" }],
    });
  });

  test("lists devices, signs one out, and sends visitors to the login with the way back", async () => {
    const [here, there] = [new Browser(server.url), new Browser(server.url)];
    for (const browser of [here, there]) await browser.post("/login", { user: "bo" });
    const devices = (await (await here.get("/devices")).json()) as { id: string; current: boolean }[];
    expect(devices.filter(({ current }) => current)).toHaveLength(1);
    const other = devices.find(({ current }) => !current)?.id ?? "";
    expect((await here.post("/devices/revoke", { id: other })).status).toBe(302);
    const sentAway = await there.get("/devices");
    expect([sentAway.status, sentAway.headers.get("location")]).toEqual([303, "/login?next=%2Fdevices"]);
    await here.post("/logout");
    expect((await here.get("/devices")).status).toBe(303);
  });

  test("refuses a form of another site", async () => {
    const browser = new Browser(server.url);
    await browser.post("/login", { user: "cy" });
    expect((await browser.post("/cart", {}, { "sec-fetch-site": "cross-site" })).status).toBe(403);
  });

  test("passes the test of the page", async () => {
    const { code, output } = await workspace.node("--test", "app.test.ts");
    expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
  });
});

test("errors are answered by whom they concern, and the operator hears of what is broken", async () => {
  await using server = await serve("errors.ts");
  const browser = new Browser(server.url);
  const refused = await browser.get("/account");
  expect([refused.status, await refused.text()]).toEqual([401, "<h1>Your account is behind a login</h1>"]);
  const broken = await browser.get("/");
  expect([broken.status, await broken.text()]).toEqual([500, "<h1>Something broke</h1>"]);
  await server.printed("operator: / a bug");
  expect(await (await browser.get("/account")).text()).toBe("ada");
  expect(server.output()).not.toContain("/account");
});

test("a webhook is exempt, and nothing else is", async () => {
  await using server = await serve("forms.ts");
  const browser = new Browser(server.url);
  const html = await (await browser.get("/")).text();
  const [, token = ""] = /name="_csrf" value="([\w-]+)"/.exec(html) ?? [];
  const foreign = { "sec-fetch-site": "cross-site" };
  expect((await browser.post("/hooks/payment", {}, foreign)).status).toBe(204);
  expect((await browser.post("/hooks/payment/", {}, foreign)).status).toBe(403);
  const old = { "sec-fetch-site": "none", origin: server.url };
  expect((await browser.post("/", {}, old)).status).toBe(403);
  expect((await browser.post("/", { _csrf: token }, old)).status).toBe(200);
});

test("a stream comes after its session was stored", async () => {
  await using server = await serve("events.ts");
  const browser = new Browser(server.url);
  const events = await browser.get("/");
  expect([await events.text(), events.headers.getSetCookie().length]).toEqual([
    "data: 1\n\ndata: 2\n\ndata: 3\n\n",
    1,
  ]);
});

test("requests that need no session get none", async () => {
  await using server = await serve("lazy.ts");
  const browser = new Browser(server.url);
  expect(await (await browser.get("/health")).text()).toBe("ok");
  const answer = await browser.get("/");
  expect([await answer.text(), answer.headers.get("vary")]).toEqual(["a visitor", "Cookie"]);
});

test("ctx.session cannot be assigned, as the table says", async () => {
  await workspace.write(
    "assign.ts",
    `import Koa from "koa";
     import { koaSessions } from "sojourn/koa";
     import { sessions } from "./sessions.ts";
     export const app = new Koa();
     app.use(koaSessions(sessions));
     app.use((ctx) => {
       try { ctx.session = null; } catch (error) { ctx.body = (error as Error).name; }
     });`,
  );
  await using server = await serve("assign.ts");
  expect(await (await new Browser(server.url).get("/")).text()).toBe("TypeError");
});
