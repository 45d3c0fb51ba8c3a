// The example for Koa, walked through as two browsers would.
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../support/consumer.ts";
import { Browser } from "./support/client.ts";
import { type RunningServer, startServer } from "./support/servers.ts";

const FIREFOX = {
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
};

let server: RunningServer;
beforeAll(async () => {
  server = await startServer({ folder: root }, "examples/koa/server.ts");
});
afterAll(() => server?.[Symbol.asyncDispose]());

async function read(browser: Browser, path: string): Promise<string> {
  const answer = await browser.get(path);
  expect(answer.status).toBe(200);
  return answer.text();
}

test("says where it is", async () => {
  await server.printed(`The reading list is open: ${server.url}`);
});

test("keeps a list over a login, names the devices, and signs one of them out", async () => {
  const [desk, phone] = [new Browser(server.url), new Browser(server.url)];
  await desk.post("/books", { title: "<Emma>" });
  const credentials = { name: "ada", password: "engine" };
  expect((await desk.post("/sign-in", { ...credentials, remember: "on" }, FIREFOX)).status).toBe(302);
  await phone.post("/sign-in", credentials);
  const front = await read(desk, "/");
  expect([front.includes("<li>&#60;Emma&#62;</li>"), front.includes("Welcome, ada.")]).toEqual([true, true]);

  const devices = await read(desk, "/devices");
  expect([devices.includes("Firefox on Linux"), devices.includes("this browser")]).toEqual([true, true]);
  const [, id = ""] = /name="id" value="([\w-]{22})"/.exec(devices) ?? [];
  await desk.post("/devices/sign-out", { id });
  expect((await phone.get("/devices")).headers.get("location")).toBe("/?next=%2Fdevices");

  await desk.post("/sign-out");
  expect(await read(desk, "/")).toContain("You are signed out.");
  expect((await desk.get("/devices")).status).toBe(303);
});

test("signs nobody in without the password, and takes no form of another site", async () => {
  const browser = new Browser(server.url);
  for (const wrong of [{ name: "ada", password: "motor" }, { name: "eve" }, {}]) {
    await browser.post("/sign-in", wrong as Record<string, string>);
    expect(await read(browser, "/")).toContain("That is not the password.");
    expect((await browser.get("/devices")).status).toBe(303);
  }
  expect((await browser.post("/books", { title: "x" }, { "sec-fetch-site": "cross-site" })).status).toBe(403);
});

test("takes a form with its token from a browser that does not say where it comes from", async () => {
  const browser = new Browser(server.url);
  await browser.post("/books", { title: "Emma" });
  const [, token = ""] = /name="_csrf" value="([\w-]+)"/.exec(await read(browser, "/")) ?? [];
  const old = { "sec-fetch-site": "none", origin: server.url };
  expect((await browser.post("/books", { title: "Persuasion" }, old)).status).toBe(403);
  expect((await browser.post("/books", { title: "Persuasion", _csrf: token }, old)).status).toBe(302);
  expect(await read(browser, "/")).toContain("Persuasion");
});
