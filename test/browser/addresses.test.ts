// A token in an address, in a real browser: what the address bar, the history, the back button and Referer keep of it.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { withSessions } from "../../src/adapters/node.ts";
import type { Sessions } from "../../src/core/manager-types.ts";
import type { Session } from "../../src/core/types.ts";
import { createSessions } from "../../src/create-sessions.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { CHROMIUM_ARGS, describeInChromium } from "./support/world.ts";

interface Shop {
  cart: string[];
}
interface Seen {
  readonly url: string;
  readonly referer: string | undefined;
}
type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  session: Session<Shop>,
) => Promise<string | null>;

const TOKEN = /session=[\w-]{64}/;

describeInChromium("an address with a token", (executablePath) => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const servers: Server[] = [];
  const at: Record<"shop" | "pay" | "elsewhere", string> = { shop: "", pay: "", elsewhere: "" };
  const seen: Record<keyof typeof at, Seen[]> = { shop: [], pay: [], elsewhere: [] };
  let made = "";

  async function listen(name: keyof typeof at, host: string): Promise<Server> {
    const server = createServer();
    servers.push(server);
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    at[name] = `http://${host}:${(server.address() as AddressInfo).port}`;
    server.on("request", ({ url = "", headers }: IncomingMessage) => {
      seen[name].push({ url, referer: headers.referer });
    });
    return server;
  }

  function serve(server: Server, sessions: Sessions<Shop>, handle: Handler): void {
    const listener = withSessions(sessions, async (request, response, session) => {
      const body = await handle(request, response, session);
      if (body === null) return;
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.end(
        `<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,">${body}`,
      );
    });
    server.on("request", listener);
  }

  function redirect(response: ServerResponse, location: string): null {
    response.writeHead(303, { location }).end();
    return null;
  }

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath,
      args: CHROMIUM_ARGS,
      ignoreDefaultArgs: ["--disable-back-forward-cache"],
    });
    const [shop, pay, elsewhere] = [
      await listen("shop", "shop.localhost"),
      await listen("pay", "pay.localhost"),
      await listen("elsewhere", "127.0.0.1"),
    ];
    const store = memoryStore();
    const options = { store, keepOnLogin: ["cart"], initial: (): Shop => ({ cart: [] }) } as const;
    const leaving = createSessions({ ...options, url: { to: [at.pay] } });
    const arriving = createSessions({ ...options, url: {} });
    serve(shop, leaving, async (request, response, session) => {
      if (request.url === "/add") session.update("cart", (cart) => [...cart, "tea"]);
      const toPay = (): Promise<string> => leaving.url(request, `${at.pay}/welcome?step=1`);
      if (request.url === "/pay") return redirect(response, await toPay());
      if (request.url !== "/linked") return '<h1>Shop</h1><a href="/pay">Pay</a>';
      made = await toPay();
      return `<h1>Linked</h1><a href="${made}">Pay</a> <a href="${at.elsewhere}/">Elsewhere</a><link rel="prefetch" href="${made}">`;
    });
    serve(pay, arriving, async (request, response, session) => {
      const { location, refused } = await arriving.arrive(request, request.url ?? "");
      if (location !== null) return redirect(response, `${location}&arrival=${refused ?? "good"}`);
      return `<h1>Pay for ${session.get("cart").join() || "nothing"}</h1><a href="${at.elsewhere}/">Elsewhere</a>`;
    });
    elsewhere.on("request", (_, response) => {
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.end('<!doctype html><link rel="icon" href="data:,"><h1>Elsewhere</h1>');
    });
  });
  afterAll(async () => {
    await browser?.close();
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  });
  beforeEach(async () => {
    for (const list of Object.values(seen)) list.length = 0;
    context = await browser.newContext();
    page = await context.newPage();
    await page.goto(`${at.shop}/add`);
  });
  afterEach(async () => {
    await context.close();
  });

  const heading = (): Promise<string> => page.getByRole("heading").innerText();

  test("is gone from the address bar and the history once it was used, and the back button never asks for it", async () => {
    await page.getByRole("link", { name: "Pay" }).click();
    await page.waitForURL(`${at.pay}/welcome?step=1&arrival=good`);
    expect(await heading()).toBe("Pay for tea");
    expect(await page.evaluate("[location.href, document.referrer].join()")).not.toMatch(/session=/);
    await page.goBack({ waitUntil: "commit" });
    expect(page.url()).toBe(`${at.shop}/add`);
    await page.goForward({ waitUntil: "commit" });
    expect([page.url(), await heading()]).toEqual([`${at.pay}/welcome?step=1&arrival=good`, "Pay for tea"]);
    await page.reload();
    expect(await heading()).toBe("Pay for tea");
    const cdp = await context.newCDPSession(page);
    const { entries } = await cdp.send("Page.getNavigationHistory");
    expect(entries.map(({ url }) => url).filter((url) => url.includes("session="))).toEqual([]);
    expect(seen.pay.filter(({ url }) => TOKEN.test(url))).toHaveLength(1);
  });

  test("reaches nobody by Referer: not from the page that shows it, not from the page it led to", async () => {
    await page.goto(`${at.shop}/linked`);
    await page.getByRole("link", { name: "Elsewhere" }).click();
    await page.getByRole("heading", { name: "Elsewhere" }).waitFor();
    expect(seen.elsewhere.map(({ referer }) => referer)).toEqual([undefined]);
    await page.goBack({ waitUntil: "commit" });
    await page.getByRole("link", { name: "Pay" }).click();
    await page.waitForURL(/arrival=/);
    await page.getByRole("link", { name: "Elsewhere" }).click();
    await page.getByRole("heading", { name: "Elsewhere" }).waitFor();
    const referers = [...seen.elsewhere, ...seen.pay, ...seen.shop].map(({ referer }) => referer ?? "");
    expect(referers.filter((referer) => referer.includes("session="))).toEqual([]);
    expect(seen.pay.map(({ referer }) => referer).filter(Boolean)).toEqual([]);
  });

  test("is not spent by the browser's own looking ahead", async () => {
    const ahead = page.waitForResponse((response) => TOKEN.test(response.url()));
    await page.goto(`${at.shop}/linked`);
    expect((await ahead).status()).toBe(425);
    await page.getByRole("link", { name: "Pay" }).click();
    await page.waitForURL(/arrival=good/);
    expect(await heading()).toBe("Pay for tea");
  });

  test("is good for nobody who finds it later, and changes nothing for who has a session there", async () => {
    await page.goto(`${at.shop}/linked`);
    const address = made;
    await page.getByRole("link", { name: "Pay" }).click();
    await page.waitForURL(/arrival=good/);
    const stranger = await (await browser.newContext()).newPage();
    await stranger.goto(address);
    expect(stranger.url()).toBe(`${at.pay}/welcome?step=1&arrival=used`);
    expect(await stranger.getByRole("heading").innerText()).toBe("Pay for nothing");
    await stranger.context().close();
    await page.goto(`${at.shop}/pay`);
    await page.waitForURL(/arrival=other-session/);
    expect(await heading()).toBe("Pay for tea");
  });
});
