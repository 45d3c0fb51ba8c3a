// The README's start, as a reader does it: its files in an empty folder, the packed package and Express beside them.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Consumer, createConsumer } from "../support/consumer.ts";
import { Browser } from "./support/client.ts";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { freePort, type RunningServer, startServer } from "./support/servers.ts";

const readme = readDocument("README.md");

let consumer: Consumer;
beforeAll(async () => {
  consumer = await createConsumer(["express"]);
  for (const [name, text] of filesOf(readme)) await consumer.write(name, text);
});
afterAll(() => consumer?.[Symbol.asyncDispose]());

test("installs what the folder of this test has, and nothing else", () => {
  const commands = readme.blocks.filter(({ language }) => language === "sh").map(({ text }) => text);
  expect(commands.join("")).toContain("npm pkg set type=module\nnpm install sojourn express\n");
  expect(commands).toContain("node server.ts\n");
});

describe("the server of the five-minute start", () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer(consumer, "server.ts");
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  const signIn = (browser: Browser, agent: string) =>
    browser.post("/login", { user: "ada", password: "engine" }, { "user-agent": agent });

  test("signs in, shows both devices, and signs the other one out", async () => {
    const laptop = new Browser(server.url);
    const phone = new Browser(server.url);
    await laptop.post("/cart");
    expect((await signIn(laptop, "Laptop")).status).toBe(302);
    expect((await signIn(phone, "Phone <b>")).status).toBe(302);
    expect(await (await laptop.get("/")).text()).toContain("1 in the cart");

    const devices = await (await laptop.get("/devices")).text();
    expect(devices).toContain("Laptop (this one)");
    expect(devices).toContain("Phone &#60;b&#62;");
    const [, path = ""] = /action="(\/devices\/[\w-]{22})"/.exec(devices) ?? [];
    expect((await laptop.post(path)).status).toBe(302);

    expect(await (await laptop.get("/devices")).text()).not.toContain("Phone");
    const sentAway = await phone.get("/devices");
    expect([sentAway.status, sentAway.headers.get("location")]).toEqual([303, "/?next=%2Fdevices"]);
  });

  test("counts every one of twenty requests sent at once", async () => {
    const browser = new Browser(server.url);
    await browser.post("/cart");
    await Promise.all(Array.from({ length: 20 }, () => browser.post("/cart")));
    expect(await (await browser.get("/")).text()).toContain("21 in the cart");
  });

  test("signs nobody in without the password, and tells so once", async () => {
    const browser = new Browser(server.url);
    for (const wrong of [{ user: "ada", password: "motor" }, { user: "eve" }, { user: "ada" }, {}]) {
      await browser.post("/login", wrong as Record<string, string>);
      expect((await browser.get("/devices")).status).toBe(303);
      expect(await (await browser.get("/")).text()).toContain("That is not the password.");
    }
    expect(await (await browser.get("/")).text()).not.toContain("That is not the password.");
  });

  test("refuses a form of another site, and takes one with its token from a browser that says nothing", async () => {
    const browser = new Browser(server.url);
    await signIn(browser, "Laptop");
    expect((await browser.post("/cart", {}, { "sec-fetch-site": "cross-site" })).status).toBe(403);
    const [, token = ""] = /name="_csrf" value="([\w-]+)"/.exec(await (await browser.get("/")).text()) ?? [];
    const old = { "sec-fetch-site": "none", origin: server.url };
    expect((await browser.post("/cart", {}, old)).status).toBe(403);
    expect((await browser.post("/cart", { _csrf: token }, old)).status).toBe(302);
  });

  test("signs out for good: a copy of the cookie opens nothing", async () => {
    const browser = new Browser(server.url);
    await signIn(browser, "Laptop");
    const thief = new Browser(server.url);
    for (const [name, value] of browser.cookies) thief.cookies.set(name, value);
    await browser.post("/logout");
    expect((await browser.get("/devices")).status).toBe(303);
    expect((await thief.get("/devices")).status).toBe(303);
  });
});

test("keeps people signed in over a restart", async () => {
  const port = String(await freePort());
  const browser = new Browser(`http://localhost:${port}`);
  for (const round of ["first", "second"]) {
    await using server = await startServer(consumer, "server.ts", { PORT: port });
    expect(server.url, round).toBe(`http://localhost:${port}`);
    if (round === "first") await browser.post("/login", { user: "ada", password: "engine" });
    expect((await browser.get("/devices")).status, round).toBe(200);
  }
});

test("works the same with a fetch handler", async () => {
  await consumer.write(
    "use-fetch.ts",
    `import { handler } from "./fetch.ts";
     const post = new Request("http://localhost/", { method: "POST", headers: { host: "localhost" } });
     const answer = await handler(post);
     const cookie = answer.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
     const again = new Request("http://localhost/", { headers: { cookie } });
     console.log(await answer.text(), await (await handler(again)).text());`,
  );
  expect(await consumer.node("use-fetch.ts")).toMatchObject({ code: 0, stdout: '["apple"] ["apple"]\n' });
});

test("works the same with node:http", async () => {
  await using server = await startServer(consumer, "node.ts");
  const browser = new Browser(server.url);
  expect(await (await browser.post("/")).text()).toBe('["apple"]');
  expect(await (await browser.get("/")).text()).toBe('["apple"]');
});
