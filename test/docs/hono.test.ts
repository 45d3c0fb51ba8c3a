// The applications of docs/frameworks/hono.md, run as they stand.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Browser } from "./support/client.ts";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { type RunningServer, startServer } from "./support/servers.ts";
import { createWorkspace } from "./support/workspace.ts";

const workspace = createWorkspace(filesOf(readDocument("docs/frameworks/hono.md")), [
  "hono",
  "@hono/node-server",
]);
let main: RunningServer;
beforeAll(async () => {
  main = await startServer(workspace, "server.ts");
});
afterAll(async () => {
  await main?.[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

/** One of the smaller applications, on the same server. */
async function serve(file: string): Promise<RunningServer> {
  await workspace.write(
    `serve-${file}`,
    `import { serve } from "@hono/node-server";
     import { app } from "./${file}";
     serve({ fetch: app.fetch, port: Number(process.env.PORT) });`,
  );
  return startServer(workspace, `serve-${file}`);
}

const FORGED = { "sec-fetch-site": "cross-site" };

describe("the ten lines", () => {
  test("keep a cart, and take it along at the login", async () => {
    const browser = new Browser(main.url);
    await browser.post("/cart", { item: "tea" });
    await browser.post("/cart", { item: "milk" });
    expect((await browser.post("/sign-in", { user: "ada", password: "wrong" })).status).toBe(422);
    await browser.post("/sign-in", { user: "ada", password: "engine" });
    expect(await (await browser.get("/cart")).json()).toEqual(["tea", "milk"]);
    expect(await (await browser.get("/")).json()).toMatchObject({
      user: "ada",
      messages: [{ kind: "notice", message: "Welcome back" }],
    });
  });

  test("list devices, end one of them, and send visitors to sign in", async () => {
    const [laptop, phone] = [new Browser(main.url), new Browser(main.url)];
    for (const browser of [laptop, phone])
      await browser.post("/sign-in", { user: "ada", password: "engine" });
    const devices = (await (await phone.get("/devices")).json()) as { id: string; current: boolean }[];
    const [own] = devices.filter(({ current }) => current);
    expect((await laptop.post(`/devices/${own?.id}`)).headers.get("location")).toBe("/devices");
    expect((await laptop.post("/devices/unknown")).status).toBe(404);
    expect((await phone.get("/devices")).headers.get("location")).toBe("/sign-in?next=%2Fdevices");
    await laptop.post("/sign-out");
    expect(await (await laptop.get("/")).json()).toMatchObject({ user: null });
  });

  test("take a form by its token where the browser says nothing", async () => {
    const browser = new Browser(main.url);
    await browser.post("/cart", { item: "tea" });
    const { token } = (await (await browser.get("/")).json()) as { token: string };
    const send = (fields: Record<string, string>) =>
      browser.send("/cart", { method: "POST", body: new URLSearchParams(fields) });
    expect((await send({ item: "milk" })).status).toBe(403);
    expect((await send({ item: "milk", _csrf: token })).status).toBe(303);
  });
});

test("a webhook is exempt, and nothing else is", async () => {
  await using app = await serve("webhook.ts");
  const browser = new Browser(app.url);
  expect((await browser.post("/webhook")).status).toBe(204);
  expect((await browser.post("/webhook", {}, FORGED)).status).toBe(204);
  expect((await browser.post("/cart", {}, FORGED)).status).toBe(403);
});

test("onError has the last word on what it knows, and no other on ours", async () => {
  await using app = await serve("errors.ts");
  const browser = new Browser(app.url);
  expect((await browser.get("/private")).headers.get("location")).toBe("/welcome");
  await browser.post("/sign-in");
  expect(await (await browser.get("/private")).text()).toBe("ada");
  const weak = await browser.get("/pay", { accept: "application/json" });
  expect([weak.status, await weak.json()]).toMatchObject([401, { error: { code: "LEVEL_TOO_LOW" } }]);
  const broken = await browser.get("/broken");
  expect([broken.status, await broken.text()]).toEqual([500, "Something went wrong"]);
  await app.printed("a bug");
});

test("lazy and skip spare what nobody asks for", async () => {
  await using app = await serve("spared.ts");
  const browser = new Browser(app.url);
  const seen = await Promise.all(
    ["/health", "/page", "/me"].map(async (path) => (await browser.get(path)).text()),
  );
  expect(seen).toEqual(["well", "the same for everybody", "null"]);
});

test("two managers stand side by side", async () => {
  await using app = await serve("two.ts");
  expect((await new Browser(app.url).get("/staff/who")).headers.get("location")).toBe(
    "/staff/sign-in?next=%2Fstaff%2Fwho",
  );
});

test("the test passes", async () => {
  const { code, output } = await workspace.node("--test", "app.test.ts");
  expect({ code, output }).toMatchObject({ code: 0 });
});
