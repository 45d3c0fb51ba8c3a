// The page on several sessions at once: its applications, run as they stand.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Browser } from "./support/client.ts";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { type RunningServer, startServer } from "./support/servers.ts";
import { createWorkspace } from "./support/workspace.ts";

const workspace = createWorkspace(filesOf(readDocument("docs/accounts.md")), ["express"]);
afterAll(() => workspace[Symbol.asyncDispose]());

async function serve(file: string): Promise<RunningServer> {
  const main = `serve-${file}`;
  await workspace.write(main, `import { app } from "./${file}";\napp.listen(process.env.PORT);\n`);
  return startServer(workspace, main);
}

describe("several managers", () => {
  let app: RunningServer;
  beforeAll(async () => {
    app = await serve("app.ts");
  });
  afterAll(() => app?.[Symbol.asyncDispose]());

  async function both(): Promise<Browser> {
    const browser = new Browser(app.url);
    await browser.post("/sign-in", { name: "ada" });
    await browser.post("/staff/sign-in", { name: "bo" });
    return browser;
  }

  test("each knows its own people, and signs them in and out alone", async () => {
    const browser = await both();
    expect(await (await browser.get("/staff")).json()).toEqual({ staff: "bo", customer: "ada" });
    await browser.post("/sign-out");
    expect(await (await browser.get("/staff")).json()).toEqual({ staff: "bo", customer: null });
    expect((await browser.get("/account")).headers.get("location")).toBe("/sign-in?next=%2Faccount");
  });

  test("who is not signed in is sent to the sign-in page of where it is missing", async () => {
    const browser = new Browser(app.url);
    await browser.post("/sign-in", { name: "ada" });
    expect((await browser.get("/staff")).headers.get("location")).toBe("/staff/sign-in?next=%2Fstaff");
    expect((await browser.get("/account")).status).toBe(200);
  });

  test("one field of a form serves both, and the shop's token alone does not serve the staff", async () => {
    const browser = await both();
    const old = { "sec-fetch-site": "none" }; // a request whose origin is not enough
    const form = await (await browser.get("/staff/form")).text();
    const [, token = ""] = /value="([\w.-]+)"/.exec(form) ?? [];
    expect(token.split(".")).toHaveLength(2);
    const close = (_csrf: string) => browser.post("/staff/close", { _csrf }, old);
    expect(await (await close(token)).json()).toEqual({ closed: 1 });
    const shops = token.split(".").find((part) => part.length === 86) ?? "";
    expect([(await close(shops)).status, (await close("")).status]).toEqual([403, 403]);
  });
});

describe("several accounts in one browser", () => {
  let app: RunningServer;
  beforeAll(async () => {
    app = await serve("mail.ts");
  });
  afterAll(() => app?.[Symbol.asyncDispose]());

  interface Page {
    readonly accounts: readonly { id: string; userId: string; current: boolean }[];
    readonly draft: string | undefined;
    readonly token: string;
  }

  const pageOf = async (browser: Browser): Promise<Page> => (await browser.get("/")).json() as Promise<Page>;

  async function signIn(browser: Browser, name: string): Promise<void> {
    const form = await (await browser.get("/sign-in")).text();
    const [, _csrf = ""] = /value="([\w-]+)"/.exec(form) ?? [];
    expect((await browser.post("/sign-in", { name, _csrf })).headers.get("location")).toBe("/");
  }

  async function withTwo(): Promise<Browser> {
    const browser = new Browser(app.url);
    for (const name of ["ada", "work"]) await signIn(browser, name);
    return browser;
  }

  test("both are listed, each with its own draft, and switched between", async () => {
    const browser = await withTwo();
    const page = await pageOf(browser);
    expect(page.accounts.map(({ userId, current }) => [userId, current])).toEqual([
      ["ada", false],
      ["work", true],
    ]);
    await browser.post("/draft", { text: "to the office", _csrf: page.token });
    const [ada, work] = page.accounts;
    await browser.post("/switch", { id: ada?.id ?? "", _csrf: page.token });
    const adas = await pageOf(browser);
    expect(adas.draft).toBeUndefined();
    await browser.post("/switch", { id: work?.id ?? "", _csrf: adas.token });
    expect((await pageOf(browser)).draft).toBe("to the office");
    const unknown = await browser.post("/switch", { id: "x", _csrf: (await pageOf(browser)).token });
    expect(unknown.headers.get("location")).toBe("/sign-in");
  });

  test("a page of one account cannot act on the other", async () => {
    const browser = await withTwo();
    const { token, accounts } = await pageOf(browser);
    await browser.post("/switch", { id: accounts[0]?.id ?? "", _csrf: token });
    for (const fields of [{ text: "lost", _csrf: token }, { text: "lost" }] as const) {
      const refused = await browser.post("/draft", fields);
      expect([refused.status, refused.headers.get("x-csrf-token")]).toEqual([403, null]);
    }
    expect((await pageOf(browser)).draft).toBeUndefined();
  });

  test("signing out of one goes on with the next, and of all leaves nobody", async () => {
    const browser = await withTwo();
    await browser.post("/sign-out", { _csrf: (await pageOf(browser)).token });
    expect((await pageOf(browser)).accounts.map(({ userId }) => userId)).toEqual(["ada"]);
    await signIn(browser, "work");
    const { accounts, token } = await pageOf(browser);
    await browser.post("/sign-out", { id: accounts[0]?.id ?? "", _csrf: token });
    expect((await pageOf(browser)).accounts.map(({ userId }) => userId)).toEqual(["work"]);
    await browser.post("/sign-out/all", { _csrf: (await pageOf(browser)).token });
    expect((await browser.get("/")).headers.get("location")).toBe("/sign-in?next=%2F");
    expect([...browser.cookies.keys()].filter((name) => name.startsWith("sid"))).toEqual([]);
  });
});
