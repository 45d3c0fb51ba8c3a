// The example on Hono, as a process of its own: what a person does in two browsers.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../support/consumer.ts";
import { Browser } from "./support/client.ts";
import { type RunningServer, startServer } from "./support/servers.ts";

const FIREFOX = { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0" };

let example: RunningServer;
beforeAll(async () => {
  example = await startServer({ folder: join(root, "examples/hono") }, "server.ts");
});
afterAll(() => example?.[Symbol.asyncDispose]());

const show = async (browser: Browser, path = "/"): Promise<string> => (await browser.get(path)).text();

test("says where it is", () => example.printed(`Teas to try: ${example.url}`));

test("a visitor's list comes along at the login, and a phone is signed out from the list of devices", async () => {
  const [laptop, phone] = [new Browser(example.url), new Browser(example.url)];
  await laptop.post("/teas", { tea: "Sencha <b>" });
  expect(await show(laptop)).toContain("<li>Sencha &lt;b&gt;</li>");

  expect((await laptop.post("/sign-in", { user: "ada", password: "wrong" })).headers.get("location")).toBe(
    "/",
  );
  expect(await show(laptop)).toContain("That is not the password.");
  for (const browser of [laptop, phone]) {
    await browser.post("/sign-in", { user: "ada", password: "engine" }, FIREFOX);
    expect(await show(browser)).toContain("Welcome, ada.");
  }
  expect(await show(laptop)).toContain("Sencha");

  const devices = await show(laptop, "/devices");
  expect(devices.match(/Firefox on Linux/g)).toHaveLength(2);
  const [, id = ""] = /action="\/devices\/([\w-]+)"/.exec(devices) ?? [];
  await laptop.post(`/devices/${id}`);
  expect((await phone.get("/devices")).headers.get("location")).toBe("/?next=%2Fdevices");
  expect(await show(laptop, "/devices")).toContain("this browser");

  await laptop.post("/sign-out");
  expect(await show(laptop)).toContain("Signed out.");
  expect((await laptop.get("/devices")).status).toBe(303);
});

test("a form needs its token where the browser does not say who sent it, and none of another site gets in", async () => {
  const browser = new Browser(example.url);
  await browser.post("/sign-in", { user: "ada", password: "engine" });
  const [, token = ""] = /name="_csrf" value="([^"]+)"/.exec(await show(browser)) ?? [];
  const send = (fields: Record<string, string>) =>
    browser.send("/teas", { method: "POST", body: new URLSearchParams(fields) });
  expect((await send({ tea: "Oolong" })).status).toBe(403);
  expect((await send({ tea: "Oolong", _csrf: token })).status).toBe(303);
  expect((await browser.post("/teas", { tea: "Forged" }, { "sec-fetch-site": "cross-site" })).status).toBe(
    403,
  );
  const page = await show(browser);
  expect([page.includes("Oolong"), page.includes("Forged")]).toEqual([true, false]);
});
