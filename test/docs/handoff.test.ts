// The page on hand-offs: its application, and a provider that posts its answer back.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Browser } from "./support/client.ts";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { type RunningServer, startServer } from "./support/servers.ts";
import { createWorkspace } from "./support/workspace.ts";

const files = filesOf(readDocument("docs/handoff.md"));
const workspace = createWorkspace(files, ["express", "zod"]);
let app: RunningServer;
beforeAll(async () => {
  await workspace.write("serve.ts", 'import { app } from "./app.ts";\napp.listen(process.env.PORT);\n');
  app = await startServer(workspace, "serve.ts");
});
afterAll(async () => {
  await app?.[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

/** What a browser sends when a page of the provider posts a form: of our cookies only the hand-off's. */
function postedBack(browser: Browser, state: string): Promise<Response> {
  const away = new Browser(app.url);
  for (const [name, value] of browser.cookies) {
    if (name.includes("handoff")) away.cookies.set(name, value);
  }
  return away
    .post(
      "/login/callback",
      { state, code: "c1" },
      { "sec-fetch-site": "cross-site", origin: "https://provider.example" },
    )
    .then((answer) => {
      for (const line of answer.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (/Max-Age=0/.test(line)) browser.cookies.delete(name);
        else browser.cookies.set(name, value);
      }
      return answer;
    });
}

async function begin(browser: Browser): Promise<string> {
  const sent = await browser.post("/login/provider");
  return new URL(sent.headers.get("location") ?? "").searchParams.get("state") ?? "";
}

describe("the provider's answer", () => {
  test("signs in, goes on to where one was going, and finds the visitor's cart", async () => {
    const browser = new Browser(app.url);
    await browser.post("/cart");
    const state = await begin(browser);
    expect(state).toMatch(/^[A-Za-z0-9_-]{22}$/);
    const back = await postedBack(browser, state);
    expect([back.status, back.headers.get("location")]).toEqual([303, "/account"]);
    expect(await (await browser.get("/account")).json()).toEqual({ user: "user-of-c1-43", cart: ["tea"] });
    expect([...browser.cookies.keys()].filter((name) => name.includes("handoff"))).toEqual([]);
  });

  test("is refused a second time, and in another browser", async () => {
    const browser = new Browser(app.url);
    const state = await begin(browser);
    const copy = new Browser(app.url);
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
    expect((await postedBack(new Browser(app.url), state)).status).toBe(403);
    expect((await postedBack(browser, state)).status).toBe(303);
    expect((await postedBack(copy, state)).status).toBe(403);
  });
});
