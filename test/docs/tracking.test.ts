// The page about tracking: its server and its client talk to each other, and its API says what it says.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Browser } from "./support/client.ts";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { type RunningServer, startServer } from "./support/servers.ts";
import { createWorkspace } from "./support/workspace.ts";

const workspace = createWorkspace(filesOf(readDocument("docs/tracking.md")), ["express"]);
let app: RunningServer;
let api: RunningServer;
beforeAll(async () => {
  await workspace.write(
    "serve-app.ts",
    'import { cors } from "./cors.ts";\nimport { app } from "./server.ts";\nimport express from "express";\n' +
      "express().use(cors, app).listen(process.env.PORT);\n",
  );
  await workspace.write(
    "serve-api.ts",
    'import { server } from "./api.ts";\nserver.listen(process.env.PORT);\n',
  );
  app = await startServer(workspace, "serve-app.ts");
  api = await startServer(workspace, "serve-api.ts");
});
afterAll(async () => {
  await app?.[Symbol.asyncDispose]();
  await api?.[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

/** The page's own client, in this process. */
interface Client {
  token: string | undefined;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  post(path: string, body?: object): Promise<Response>;
}

async function client(): Promise<Client> {
  const module = (await import(`${workspace.folder}/client.ts`)) as { Client: new (base: string) => Client };
  return new module.Client(app.url);
}

test("the client of the page writes as a visitor, signs in, keeps its notes and signs out", async () => {
  const phone = await client();
  await phone.post("/notes", { note: "tea" });
  expect(await (await phone.fetch("/notes")).json()).toEqual({ user: null, notes: ["tea"] });
  expect((await phone.post("/login", { user: "ada", password: "wrong" })).status).toBe(401);
  expect((await phone.post("/login", { user: "ada", password: "engine" })).status).toBe(204);
  expect(phone.token).toMatch(/^[\w-]{64}$/);
  expect(await (await phone.fetch("/notes")).json()).toEqual({ user: "ada", notes: ["tea"] });
  await phone.post("/logout");
  expect(phone.token).toBeUndefined();
  expect(await (await phone.fetch("/notes")).json()).toEqual({ user: null, notes: [] });
});

test("a browser of the same server is served by cookie, and what it has is no token", async () => {
  const browser = new Browser(app.url);
  const login = await browser.send("/login", {
    method: "POST",
    body: JSON.stringify({ user: "ada", password: "engine" }),
    headers: { "content-type": "application/json", "sec-fetch-site": "same-origin" },
  });
  expect([login.status, browser.cookies.size, login.headers.has("session-token")]).toEqual([204, 1, false]);
  const [value] = browser.cookies.values();
  const stolen = await fetch(`${app.url}/notes`, { headers: { authorization: `Bearer ${value}` } });
  expect(await stolen.json()).toMatchObject({ user: null });
});

describe("the API", () => {
  test("hands tokens to those who say that they keep them, and to nobody else", async () => {
    const refused = await fetch(`${api.url}/login`, { method: "POST" });
    expect([refused.status, ((await refused.json()) as { error: { code: string } }).error.code]).toEqual([
      400,
      "UNDELIVERABLE_TOKEN",
    ]);
    const login = await fetch(`${api.url}/login`, {
      method: "POST",
      headers: { "session-client": "header" },
    });
    const headers = { authorization: `Bearer ${login.headers.get("session-token")}` };
    await fetch(`${api.url}/job`, { method: "POST", headers });
    const second = await fetch(`${api.url}/job`, { method: "POST", headers });
    expect(await second.json()).toEqual({ user: "build-server", jobs: 2 });
  });
});

test("a page of another origin is let in by CORS without cookies, and may read what it is handed", async () => {
  const origin = "https://app.elsewhere.example";
  const preflight = await fetch(`${app.url}/login`, { method: "OPTIONS", headers: { origin } });
  expect(preflight.headers.get("access-control-allow-headers")).toMatch(/session-client/i);
  expect(preflight.headers.get("access-control-allow-credentials")).toBeNull();
  const login = await new Browser(app.url).send("/login", {
    method: "POST",
    body: JSON.stringify({ user: "ada", password: "engine" }),
    headers: {
      origin,
      "content-type": "application/json",
      "sec-fetch-site": "cross-site",
      "session-client": "header",
    },
  });
  expect(login.status).toBe(204);
  expect(login.headers.get("session-token")).toMatch(/^[\w-]{64}$/);
  expect(login.headers.get("access-control-expose-headers")).toMatch(/session-token/i);
});

describe("an address", () => {
  let shop: RunningServer;
  let pay: RunningServer;
  beforeAll(async () => {
    for (const name of ["shop", "pay"])
      await workspace.write(
        `serve-${name}.ts`,
        `import { app } from "./${name}.ts";\napp.listen(process.env.PORT);\n`,
      );
    pay = await startServer(workspace, "serve-pay.ts");
    shop = await startServer(workspace, "serve-shop.ts", { PAY: pay.url });
  });
  afterAll(async () => {
    await shop?.[Symbol.asyncDispose]();
    await pay?.[Symbol.asyncDispose]();
  });

  async function checkout(): Promise<string> {
    const browser = new Browser(shop.url);
    await browser.post("/login", { user: "ada" });
    await browser.post("/cart", { item: "tea" });
    return (await browser.post("/checkout")).headers.get("location") ?? "";
  }

  test("leads from one process to the other, with the cart and who is signed in, once", async () => {
    const address = await checkout();
    expect(address).toMatch(new RegExp(`^${pay.url}/welcome\\?lang=en&session=[\\w-]{64}$`));
    const path = address.slice(pay.url.length);
    const there = new Browser(pay.url);
    const arrived = await there.get(path);
    expect([arrived.status, arrived.headers.get("location")]).toEqual([303, "/welcome?lang=en"]);
    expect(await (await there.get("/welcome?lang=en")).json()).toEqual({ user: "ada", cart: ["tea"] });
    const again = await new Browser(pay.url).get(path);
    expect([again.status, again.headers.getSetCookie()]).toEqual([303, []]);
    await pay.printed("an address was refused: used");
  });

  test("changes nothing for who has a session there", async () => {
    const there = new Browser(pay.url);
    await there.get((await checkout()).slice(pay.url.length));
    await there.get((await checkout()).slice(pay.url.length));
    await pay.printed("other-session");
    expect(pay.output()).not.toMatch(/[\w-]{64}/);
  });
});

test("the tests of the page pass", async () => {
  const { code, output } = await workspace.node("--test", "phone.test.ts", "api.test.ts");
  expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
});
