// A provider's page on another site posts its answer to us, in a real browser: which cookies come along is up to it.
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withSessions } from "../../src/adapters/node.ts";
import { createSessions } from "../../src/create-sessions.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { CHROMIUM_ARGS, describeInChromium } from "./support/world.ts";

const sessions = createSessions<{ cart: string }>({ store: memoryStore(), keepOnLogin: ["cart"] });

describeInChromium("a provider that posts back", (executablePath) => {
  let ours: Server;
  let theirs: Server;
  let browser: Awaited<ReturnType<typeof chromium.launch>>;
  const at = (server: Server, host: string): string =>
    `http://${host}:${(server.address() as AddressInfo).port}`;

  const application = withSessions(sessions, async (request, response, session) => {
    if (request.url === "/begin") {
      session.set("cart", "tea");
      const state = await session.handoff("oauth", { verifier: "v1" });
      response.writeHead(303, { location: `${at(theirs, "127.0.0.1")}/?state=${state}` }).end();
    } else if (request.url === "/callback") {
      const state = new URLSearchParams(await text(request)).get("state");
      const left = await session.receive("oauth", state);
      await session.login(`ada-${String(left.verifier)}`);
      response.writeHead(303, { location: "/account" }).end();
    } else {
      response.setHeader("content-type", "text/plain").end(`${session.userId} ${session.get("cart")}`);
    }
  });

  /** Sends itself off, as such pages do. */
  const provider: RequestListener = (request, response) => {
    const state = new URL(request.url ?? "/", "http://provider").searchParams.get("state");
    response.setHeader("content-type", "text/html").end(
      `<!doctype html><title>Provider</title><form method="post" action="${at(ours, "localhost")}/callback">
        <input name="state" value="${state ?? ""}"><button>Go back</button></form>`,
    );
  };

  beforeAll(async () => {
    ours = createServer(application).listen(0, "localhost");
    theirs = createServer(provider).listen(0, "127.0.0.1");
    browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS });
  });
  afterAll(async () => {
    await browser?.close();
    for (const server of [ours, theirs]) {
      server.close();
      server.closeAllConnections();
    }
    await sessions.close();
  });

  async function begun(): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${at(ours, "localhost")}/begin`);
    return page;
  }

  test("signs in where it began, with the visitor's cart, and once", async () => {
    const page = await begun();
    await page.getByRole("button", { name: "Go back" }).click();
    await page.waitForURL("**/account");
    expect(await page.textContent("body")).toBe("ada-v1 tea");
    const names = (await page.context().cookies()).map(({ name }) => name.replace(/-\d+$/, ""));
    expect(names).toEqual(["sid"]);
    await page.goBack();
    const answer = page.waitForResponse("**/callback");
    await page.getByRole("button", { name: "Go back" }).click();
    expect((await answer).status()).toBe(403);
  });

  test("cannot finish in one browser what began in another", async () => {
    const [attacker, victim] = [await begun(), await begun()];
    await victim.goto(attacker.url());
    const answer = victim.waitForResponse("**/callback");
    await victim.getByRole("button", { name: "Go back" }).click();
    expect((await answer).status()).toBe(403);
    await victim.goto(`${at(ours, "localhost")}/account`);
    expect(await victim.textContent("body")).toBe("null tea");
  });
});
