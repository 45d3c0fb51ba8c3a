// The example on Fastify, started as its first line says, and walked through as two browsers would.
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../support/consumer.ts";
import { Browser } from "./support/client.ts";
import { type RunningServer, startServer } from "./support/servers.ts";

const FIREFOX = { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0" };

let server: RunningServer;
beforeAll(async () => {
  server = await startServer({ folder: root }, "examples/fastify/server.ts");
});
afterAll(() => server?.[Symbol.asyncDispose]());

const show = async (browser: Browser, path = "/"): Promise<string> => (await browser.get(path)).text();

test("says where it is", () => server.printed(`What is for dinner? ${server.url}`));

test("wishes come along at the login, dates as dates, and a device is signed out from the list", async () => {
  const [laptop, phone] = [new Browser(server.url), new Browser(server.url)];
  await laptop.post("/wishes", { dish: "Soup <b>" });
  expect(await show(laptop)).toMatch(
    /<li>Soup &#60;b&#62; <small>\d{4}-\d\d-\d\d \d\d:\d\d UTC<\/small><\/li>/,
  );
  expect((await laptop.post("/wishes", { dish: "" })).status).toBe(400);

  await laptop.post("/sign-in", { name: "ada", password: "motor" });
  expect(await show(laptop)).toContain("That is not the password.");
  for (const browser of [laptop, phone]) {
    expect((await browser.post("/sign-in", { name: "ada", password: "engine" }, FIREFOX)).status).toBe(303);
    expect(await show(browser)).toContain("Welcome, ada.");
  }
  expect(await show(laptop)).toContain("Soup");

  const devices = await show(laptop, "/devices");
  expect(devices.match(/Firefox on Linux/g)).toHaveLength(2);
  const [, id = ""] = /name="id" value="([\w-]+)"/.exec(devices) ?? [];
  await laptop.post("/devices/sign-out", { id });
  const sentAway = await phone.get("/devices");
  expect([sentAway.status, sentAway.headers.get("location")]).toEqual([303, "/?next=%2Fdevices"]);
  expect(sentAway.headers.get("content-security-policy")).toContain("default-src 'none'");

  await laptop.post("/sign-out");
  expect(await show(laptop)).toContain("You are signed out.");
});

test("a form needs its token where the browser does not say who sent it, and none of another site gets in", async () => {
  const browser = new Browser(server.url);
  await browser.post("/sign-in", { name: "ada", password: "engine" });
  const [, _csrf = ""] = /name="_csrf" value="([\w-]+)"/.exec(await show(browser)) ?? [];
  const old = { "sec-fetch-site": "none", origin: server.url };
  expect((await browser.post("/wishes", { dish: "Stew" }, old)).status).toBe(403);
  expect((await browser.post("/wishes", { dish: "Stew", _csrf }, old)).status).toBe(303);
  const elsewhere = { "sec-fetch-site": "cross-site" };
  expect((await browser.post("/wishes", { dish: "Forged" }, elsewhere)).status).toBe(403);
  const page = await show(browser);
  expect([page.includes("Stew"), page.includes("Forged")]).toEqual([true, false]);
});
