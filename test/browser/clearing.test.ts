// Clear-Site-Data at logout (row V8): what pages kept is gone, the farewell arrives, and no sibling loses a cookie unless asked.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withSessions } from "../../src/adapters/node.ts";
import { createSessions } from "../../src/create-sessions.ts";
import { clearSiteData, type Header } from "../../src/headers/index.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { CHROMIUM_ARGS, describeInChromium } from "./support/world.ts";

const sessions = createSessions<Record<string, unknown>>({ store: memoryStore(), mode: "development" });
const REMEMBER = "localStorage.setItem('draft', 'text')";
const RECALL = "localStorage.getItem('draft')";

describeInChromium("the answer to a logout", (executablePath) => {
  let server: Server;
  let browser: Browser;
  let port = 0;
  /** What the next answer clears. */
  let clearing: Header | null = null;

  beforeAll(async () => {
    const application = withSessions(sessions, async (req, res, session) => {
      if (req.url === "/login") await session.login("ada");
      if (req.url === "/logout") {
        await session.logout();
        session.flash("notice", "See you soon.");
      }
      if (clearing) res.setHeader(...clearing);
      clearing = null;
      res.setHeader("content-type", "text/html");
      const seen = [session.userId ?? "nobody", ...session.flashes().map(({ message }) => message)];
      res.end(`<!doctype html><title>A page</title><link rel="icon" href="data:,"><p>${seen.join(", ")}</p>`);
    });
    server = createServer((req, res) => {
      // Another application on another host of the same domain.
      if (req.headers.host?.startsWith("localhost")) return application(req, res);
      if (clearing) res.setHeader(...clearing);
      clearing = null;
      res.setHeader("content-type", "text/html");
      res.end('<!doctype html><title>A page</title><link rel="icon" href="data:,">');
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    port = (server.address() as AddressInfo).port;
    const own = ["app", "blog"].map((host) => `http://${host}.shop.test:${port}`).join(",");
    browser = await chromium.launch({
      executablePath,
      args: [
        ...CHROMIUM_ARGS,
        "--host-resolver-rules=MAP *.shop.test 127.0.0.1",
        // Browsers heed the header over https alone; this stands in for a certificate.
        `--unsafely-treat-insecure-origin-as-secure=${own}`,
      ],
    });
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
    server?.closeAllConnections();
  });

  const open = async (): Promise<Page> => (await browser.newContext()).newPage();
  const post = (page: Page, path: string): Promise<unknown> =>
    Promise.all([
      page.waitForURL(`**${path}`),
      page.evaluate(
        `(() => { const form = document.createElement("form"); form.method = "post"; form.action = "${path}";
          document.body.append(form); form.submit(); })()`,
      ),
    ]);

  test("has the browser forget what the page kept, and still brings the farewell", async () => {
    const page = await open();
    await page.goto(`http://localhost:${port}/`);
    await post(page, "/login");
    expect(await page.textContent("p")).toBe("ada");
    await page.evaluate(REMEMBER);
    await page.reload();
    expect(await page.evaluate(RECALL)).toBe("text");
    clearing = clearSiteData("cache", "storage");
    await post(page, "/logout");
    expect(await page.textContent("p")).toBe("nobody, See you soon.");
    expect(await page.evaluate(RECALL)).toBeNull();
    const names = (await page.context().cookies()).map(({ name }) => name);
    expect(names.filter((name) => name.startsWith("sid"))).toEqual([]);
    await page.context().close();
  });

  test("takes cookies only if they are named, and then those of every host of the domain", async () => {
    const page = await open();
    const [app, blog] = [`http://app.shop.test:${port}/`, `http://blog.shop.test:${port}/`];
    const cookies = async (): Promise<readonly string[]> =>
      (await page.context().cookies([app, blog])).map(({ name }) => name).sort((a, b) => a.localeCompare(b));
    for (const [url, name] of [
      [app, "ours"],
      [blog, "theirs"],
    ] as const) {
      await page.goto(url);
      await page.evaluate(`document.cookie = "${name}=1"`);
    }
    await page.goto(app);
    await page.evaluate(REMEMBER);
    clearing = clearSiteData("cache", "storage");
    await page.goto(app);
    expect([await page.evaluate(RECALL), await cookies()]).toEqual([null, ["ours", "theirs"]]);
    clearing = clearSiteData("cookies");
    await page.goto(app);
    expect(await cookies()).toEqual([]);
    await page.context().close();
  });
});
