// Two accounts in one real browser: two tabs, switching, forms left open, and what its cookie jar says.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { withSessions } from "../../src/adapters/fetch.ts";
import { createSessions } from "../../src/create-sessions.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { bridge } from "../conformance/support/fetch-bridge.ts";
import { CHROMIUM_ARGS, describeInChromium } from "./support/world.ts";

const sessions = createSessions<{ notes: string[] }>({
  store: memoryStore(),
  initial: () => ({ notes: [] }),
  accounts: { max: 3 },
});

const application = withSessions(sessions, async (request, session) => {
  const { pathname } = new URL(request.url);
  const fields = new URLSearchParams(await request.text());
  const field = (name: string): string => fields.get(name) ?? "";
  if (request.method === "GET") return page();
  if (pathname === "/add")
    await session.login(field("user"), { add: true, remember: field("remember") === "on" });
  if (pathname === "/switch") await session.switchTo(field("id"));
  if (pathname === "/note") session.update("notes", (notes) => [...notes, field("note")]);
  if (pathname === "/sign-out") await session.logout();
  if (pathname === "/sign-out-all") await session.logoutAll();
  return new Response(null, { status: 303, headers: { location: "/" } });

  async function page(): Promise<Response> {
    const hidden = `<input type="hidden" name="_csrf" value="${session.csrfToken()}">`;
    const switches = (await session.accounts())
      .filter(({ current }) => !current)
      .map(
        ({ id, userId }) => `<form method="post" action="/switch">${hidden}
          <input type="hidden" name="id" value="${id}"><button>Go to ${userId}</button></form>`,
      );
    const body = `<!doctype html><html lang="en"><title>Mail</title>
      <h1>${session.userId ?? "Nobody"}</h1><p id="notes">${session.get("notes").join(", ")}</p>${switches.join("")}
      <form method="post" action="/add">${hidden}<label>Name <input name="user"></label>
        <label><input type="checkbox" name="remember"> Remember me</label><button>Add</button></form>
      <form method="post" action="/note">${hidden}<label>Note <input name="note"></label><button>Keep</button></form>
      <form method="post" action="/sign-out">${hidden}<button>Sign out</button></form>
      <form method="post" action="/sign-out-all">${hidden}<button>Sign out of all</button></form>`;
    return new Response(body, { headers: { "content-type": "text/html" } });
  }
});

describeInChromium("several accounts in one browser", (executablePath) => {
  let server: Server;
  let browser: Awaited<ReturnType<typeof chromium.launch>>;
  let context: BrowserContext;

  beforeAll(async () => {
    server = createServer(bridge(application)).listen(0, "localhost");
    browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS });
  });
  afterEach(() => context.close());
  afterAll(async () => {
    await browser?.close();
    server.close();
    server.closeAllConnections();
    await sessions.close();
  });

  async function tab(): Promise<Page> {
    const page = await context.newPage();
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
    return page;
  }

  async function press(page: Page, name: string): Promise<number> {
    const answer = page.waitForResponse((response) => response.request().method() === "POST");
    const loaded = page.waitForEvent("load");
    await page.getByRole("button", { name, exact: true }).click();
    await loaded;
    return (await answer).status();
  }

  async function add(page: Page, user: string, remember = false): Promise<void> {
    await page.getByLabel("Name").fill(user);
    await page.getByLabel("Remember me").setChecked(remember);
    expect(await press(page, "Add")).toBe(303);
  }

  async function withTwo(): Promise<Page> {
    context = await browser.newContext();
    const page = await tab();
    await add(page, "ada");
    await add(page, "bob");
    return page;
  }

  const whoIs = (page: Page) => page.getByRole("heading").textContent();
  const cookies = async () =>
    (await context.cookies()).map(
      ({ name, expires }) => `${name.replace(/-\d+$/, "")}${expires > 0 ? " stays" : ""}`,
    );

  test("they are switched between, each with its own notes", async () => {
    const page = await withTwo();
    await page.getByLabel("Note").fill("of bob");
    await press(page, "Keep");
    await press(page, "Go to ada");
    expect([await whoIs(page), await page.locator("#notes").textContent()]).toEqual(["ada", ""]);
    await press(page, "Go to bob");
    expect([await whoIs(page), await page.locator("#notes").textContent()]).toEqual(["bob", "of bob"]);
  });

  test("a form left open in one tab does nothing for the account that another tab switched to", async () => {
    const open = await withTwo();
    await open.getByLabel("Note").fill("for bob");
    const other = await tab();
    await press(other, "Go to ada");
    expect(await press(open, "Keep")).toBe(403);
    await other.reload();
    expect([await whoIs(other), await other.locator("#notes").textContent()]).toEqual(["ada", ""]);
    await press(other, "Go to bob");
    expect(await other.locator("#notes").textContent()).toBe("");
  });

  test("scripts see none of their cookies, and only those of remembered accounts outlive the browser", async () => {
    const page = await withTwo();
    expect((await cookies()).sort()).toEqual(["sid", "sid-accounts"]);
    expect(await page.evaluate("document.cookie")).toBe("");
    await add(page, "cy", true);
    expect((await cookies()).sort()).toEqual(["sid stays", "sid-accounts", "sid-accounts-kept stays"]);
  });

  test("signing out of one leaves the other, and of all leaves no cookie", async () => {
    const page = await withTwo();
    await press(page, "Sign out");
    expect([await whoIs(page), await page.getByRole("button", { name: "Go to ada" }).count()]).toEqual([
      "Nobody",
      1,
    ]);
    await press(page, "Go to ada");
    await add(page, "bob");
    await press(page, "Sign out of all");
    expect([await whoIs(page), await cookies()]).toEqual(["Nobody", ["csrf"]]);
  });
});
