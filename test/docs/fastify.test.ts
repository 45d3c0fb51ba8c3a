// The page about Fastify, run as it stands.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Browser } from "./support/client.ts";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { type RunningServer, startServer } from "./support/servers.ts";
import { createWorkspace } from "./support/workspace.ts";

const files = filesOf(readDocument("docs/frameworks/fastify.md"));
const workspace = createWorkspace(files, ["fastify", "@fastify/formbody"]);
let app: RunningServer;
beforeAll(async () => {
  app = await startServer(workspace, "server.ts");
});
afterAll(async () => {
  await app?.[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

async function serve(file: string): Promise<RunningServer> {
  const main = `serve-${file}`;
  await workspace.write(
    main,
    `import { app } from "./${file}";\nawait app.listen({ port: Number(process.env.PORT) });\n`,
  );
  return startServer(workspace, main);
}

async function signedIn(name: string): Promise<Browser> {
  const browser = new Browser(app.url);
  const answer = await browser.post("/login", { name, password: "engine" });
  expect([answer.status, answer.headers.get("location")]).toEqual([303, "/cart"]);
  return browser;
}

const text = async (answer: Promise<Response>): Promise<string> => (await answer).text();

describe("the application", () => {
  test("keeps the cart over a login, and loses nothing to two tabs", async () => {
    const browser = new Browser(app.url);
    await browser.post("/cart", { item: "tea" });
    await browser.post("/login", { name: "ada", password: "engine" });
    await Promise.all(["milk", "honey"].map((item) => browser.post("/cart", { item })));
    const cart: unknown = JSON.parse(await text(browser.get("/cart")));
    expect(cart).toEqual(expect.arrayContaining(["tea", "milk", "honey"]));
  });

  test("lists devices, ends one, and sends it to sign in with the way back", async () => {
    const [laptop, phone] = [await signedIn("eve"), await signedIn("eve")];
    const devices = JSON.parse(await text(laptop.get("/devices"))) as { id: string; current: boolean }[];
    expect(devices.map(({ current }) => current)).toEqual(expect.arrayContaining([false, true]));
    const { id = "" } = devices.find(({ current }) => !current) ?? {};
    expect((await laptop.post(`/devices/${id}/revoke`)).status).toBe(303);
    const sentAway = await phone.get("/devices");
    expect([sentAway.status, sentAway.headers.get("location")]).toEqual([303, "/login?next=%2Fdevices"]);
    await laptop.post("/logout");
    expect((await laptop.get("/devices")).status).toBe(303);
  });

  test("keeps what is for members behind a hook", async () => {
    expect((await new Browser(app.url).get("/orders")).status).toBe(303);
    expect(await text((await signedIn("ada")).get("/orders"))).toBe("orders of ada");
  });

  test("takes the form's token from a browser that says nothing, and the webhook's request from anywhere", async () => {
    const browser = new Browser(app.url);
    const old = { "sec-fetch-site": "none", origin: app.url };
    const [, token = ""] = /name="_csrf" value="([\w-]+)"/.exec(await text(browser.get("/login"))) ?? [];
    const fields = { name: "ada", password: "engine" };
    expect((await browser.post("/login", { ...fields, _csrf: token }, old)).status).toBe(303);
    expect((await browser.post("/logout", {}, old)).status).toBe(403);
    const elsewhere = { "sec-fetch-site": "cross-site" };
    expect(await text(browser.post("/webhook", {}, elsewhere))).toBe('{"taken":true,"by":"ada"}');
    expect((await browser.post("/cart", { item: "tea" }, elsewhere)).status).toBe(403);
  });

  test("stores before an event stream begins", async () => {
    const browser = new Browser(app.url);
    expect(await text(browser.get("/events"))).toBe("data: stored\n\n");
    expect(await text(browser.get("/cart"))).toBe('["tea"]');
  });

  test("passes its own test, and closes in good order", async () => {
    const { code, output } = await workspace.node("--test", "app.test.ts");
    expect(code, output).toBe(0);
    await using server = await startServer(workspace, "server.ts");
    const gone = new Promise((exited) => server.process.once("exit", exited));
    server.process.kill("SIGTERM");
    expect(await gone).toBe(0);
  });
});

test("a part has sessions, and the rest has none", async () => {
  await using server = await serve("parts.ts");
  const browser = new Browser(server.url);
  expect(await text(browser.get("/health"))).toBe("ok");
  expect(await text(browser.get("/shop"))).toBe("null");
});

test("options do what they say", async () => {
  await using server = await serve("options.ts");
  const browser = new Browser(server.url);
  for (const path of ["/assets/logo.svg", "/about"]) expect((await browser.get(path)).status, path).toBe(200);
  const failed = await browser.get("/api/me");
  expect([failed.status, await failed.text()]).toEqual([401, '{"failed":"NOT_SIGNED_IN"}']);
});

test("errors are answered where they should be, and a login survives them", async () => {
  await using server = await serve("errors.ts");
  const browser = new Browser(server.url);
  const away = await browser.get("/private");
  expect([away.status, away.headers.get("location")]).toEqual([303, "/login?next=%2Fprivate"]);
  const broken = await browser.get("/broken");
  expect([broken.status, await broken.text()]).toEqual([500, "Something broke here. We have been told."]);
  await server.printed("after the login");
  expect(await text(browser.get("/private"))).toBe("ada");
});
