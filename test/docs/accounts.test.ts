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
