// Sessions in cookies, in a real browser: every piece is kept, sent back, replaced and taken away.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withSessions } from "../../src/adapters/node.ts";
import { createSessions } from "../../src/create-sessions.ts";
import { cookieStore, newKey } from "../../src/stores/cookie.ts";
import { CHROMIUM_ARGS, describeInChromium } from "./support/world.ts";

const sessions = createSessions<{ note: string }>({
  store: cookieStore({ keys: newKey(), maxBytes: 8192 }),
  accept: ["cas", "noRevival", "revokeUser"],
  mode: "development",
});

describeInChromium("a session that the browser carries", (executablePath) => {
  let server: Server;
  let browser: Browser;
  let origin = "";

  beforeAll(async () => {
    const application = withSessions(sessions, async (req, res, session) => {
      const { pathname, searchParams } = new URL(req.url ?? "", "http://localhost");
      const size = searchParams.get("size");
      if (pathname === "/login") await session.login("ada", { remember: true });
      if (pathname === "/logout") await session.logout();
      if (size !== null) session.set("note", "x".repeat(Number(size)));
      res.setHeader("content-type", "text/html");
      const seen = `${session.userId ?? "nobody"}, ${session.get("note")?.length ?? "no"} characters`;
      res.end(`<!doctype html><title>A page</title><link rel="icon" href="data:,"><p>${seen}</p>`);
    });
    server = createServer(application);
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    origin = `http://localhost:${(server.address() as AddressInfo).port}`;
    browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS });
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
    server?.closeAllConnections();
  });

  test("grows to four pieces, shrinks to one, and leaves nothing behind", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const seen = async (path: string): Promise<string | null> => {
      await page.goto(origin + path);
      return page.locator("p").textContent();
    };
    const kept = async (): Promise<readonly string[]> =>
      (await context.cookies()).map(({ name }) => name.replace(/-\d+$/, "")).toSorted();
    await seen("/login");
    await seen("/?size=8000");
    expect(await kept()).toEqual(["sid", "sid.1", "sid.2", "sid.3", "sid.4"]);
    expect(await seen("/")).toBe("ada, 8000 characters");
    const held = await context.cookies();
    expect(held.every(({ httpOnly, expires }) => httpOnly && expires > 0)).toBe(true);
    await seen("/?size=5");
    expect(await kept()).toEqual(["sid", "sid.1"]);
    expect(await seen("/")).toBe("ada, 5 characters");
    await seen("/logout");
    expect(await kept()).toEqual([]);
    expect(await seen("/")).toBe("nobody, no characters");
    await context.close();
  });
});
