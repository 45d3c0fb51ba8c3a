// Pages of somebody else that send forms to the shop: refused, and nothing changed.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { add, isSignedInAs, packetsIn, signIn, signUp, somebody } from "./support/people.ts";
import { describeInChromium, useWorld } from "./support/world.ts";

describeInChromium("a hostile page", (chromium) => {
  const world = useWorld(chromium);
  let server: Server;
  let markup = "";

  beforeAll(async () => {
    server = createServer((_request, response) => {
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.end(
        `<!doctype html><html lang="en"><title>Win a prize</title><link rel="icon" href="data:,">${markup}`,
      );
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  // Another site: the browser withholds SameSite cookies. A sibling: the browser sends them along.
  const hosts = [
    ["another site", "127.0.0.1"],
    ["a sibling on another port", "localhost"],
  ] as const;

  async function send(
    page: Page,
    host: string,
    path: string,
    fields: Record<string, string>,
  ): Promise<number | undefined> {
    const inputs = Object.entries(fields).map(
      ([name, value]) => `<input type="hidden" name="${name}" value="${value}">`,
    );
    markup = `<form method="post" action="${world.demo.url}${path}">${inputs.join("")}<button>Win</button></form>`;
    await page.goto(`http://${host}:${(server.address() as AddressInfo).port}/`);
    const answer = page.waitForResponse(`${world.demo.url}${path}`);
    await page.getByRole("button", { name: "Win" }).click();
    return (await answer).status();
  }

  test.each(hosts)("on %s cannot put anything into the cart", async (_title, host) => {
    world.expectComplaints(403);
    const page = await world.visitor();
    await signUp(page, somebody());
    await add(page, "Dill");
    expect(await send(page, host, "/cart/add", { seed: "poppy" })).toBe(403);
    await page.getByRole("heading", { name: "Refused" }).waitFor();
    expect(await packetsIn(page)).toBe(1);
  });

  test.each(hosts)("on %s cannot sign anybody in under another name", async (_title, host) => {
    world.expectComplaints(403);
    const attacker = somebody("Mallory");
    await signUp(await world.visitor(), attacker);
    const page = await world.visitor();
    const { email, password } = attacker;
    expect(await send(page, host, "/sign-in", { email, password })).toBe(403);
    await page.goto("/");
    await page.getByText("You are a visitor.").waitFor();
  });

  test("on a sibling cannot sign anybody out, or out of their other devices", async () => {
    world.expectComplaints(403);
    const page = await world.visitor();
    const person = somebody();
    await signUp(page, person);
    const other = await world.visitor();
    await signIn(other, person);
    expect(await send(page, "localhost", "/sign-out", {})).toBe(403);
    expect(await send(page, "localhost", "/devices/sign-out-others", {})).toBe(403);
    for (const device of [page, other]) {
      await device.goto("/");
      expect(await isSignedInAs(device, person)).toBe(true);
    }
  });

  test("on another site cannot sign anybody out either, since their cookie stays at home", async () => {
    world.expectComplaints(403);
    const page = await world.visitor();
    const person = somebody();
    await signUp(page, person);
    expect(await send(page, "127.0.0.1", "/sign-out", {})).toBe(403);
    await page.goto("/");
    expect(await isSignedInAs(page, person)).toBe(true);
  });

  test("cannot show the shop in a frame", async () => {
    world.expectComplaints("frame-ancestors 'none'");
    const page = await world.visitor();
    markup = `<iframe src="${world.demo.url}/" title="Shop"></iframe>`;
    const refused = page.waitForEvent("console", (message) => message.text().includes("frame-ancestors"));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await refused;
  });
});
