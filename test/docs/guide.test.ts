// The guide's application, run as it stands: each section does what it says.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Browser } from "./support/client.ts";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { type RunningServer, startServer } from "./support/servers.ts";
import { createWorkspace } from "./support/workspace.ts";

const files = filesOf(readDocument("docs/guide.md"));
const workspace = createWorkspace(files, ["express", "zod", "valibot", "arktype"]);
let app: RunningServer;
beforeAll(async () => {
  app = await serve("app.ts");
});
afterAll(async () => {
  await app?.[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

async function serve(file: string): Promise<RunningServer> {
  const main = `serve-${file}`;
  await workspace.write(main, `import { app } from "./${file}";\napp.listen(process.env.PORT);\n`);
  return startServer(workspace, main);
}

async function signedIn(name: string): Promise<Browser> {
  const browser = new Browser(app.url);
  const answer = await browser.post("/login", { name, password: "engine" });
  expect(answer.headers.get("location")).toBe("/cart");
  return browser;
}

const json = async (answer: Response): Promise<unknown> => answer.json();

describe("data", () => {
  test("is typed and checked by every library, and by none", async () => {
    for (const name of ["with-valibot", "with-arktype", "with-initial", "with-a-type"]) {
      const { code, output } = await workspace.node(`${name}.ts`);
      expect({ code, output }, name).toEqual({ code: 0, output: "" });
    }
  });

  test("is read, set, updated and deleted", async () => {
    const browser = new Browser(app.url);
    expect(await json(await browser.get("/cart"))).toMatchObject({ cart: [], theme: "light", isNew: true });
    expect(browser.cookies.size).toBe(0);
    await browser.post("/theme", { theme: "dark" });
    await Promise.all(["tea", "milk"].map((item) => browser.post("/cart", { item })));
    const { cart, theme } = (await json(await browser.get("/cart"))) as { cart: string[]; theme: string };
    expect([cart.sort(), theme]).toEqual([["milk", "tea"], "dark"]);
    await browser.post("/cart/empty");
    expect(await json(await browser.get("/cart"))).toMatchObject({ cart: [], theme: "light", isNew: false });
  });

  test("is found as req.session where that is asked for", async () => {
    expect(await workspace.node("merge/app.ts")).toMatchObject({ code: 0, output: "" });
  });
});

test("messages are shown once", async () => {
  const browser = new Browser(app.url);
  await browser.post("/profile");
  expect(await json(await browser.get("/profile"))).toEqual([{ kind: "notice", message: "Saved." }]);
  expect(await json(await browser.get("/profile"))).toEqual([]);
});

describe("signing in", () => {
  test("keeps the cart, makes a new session and clears the visitor's cookie", async () => {
    const browser = new Browser(app.url);
    await browser.post("/cart", { item: "tea" });
    await browser.post("/theme", { theme: "dark" });
    const before = [...browser.cookies.keys()];
    await browser.post("/login", { name: "ada", password: "engine" });
    expect(before.concat([...browser.cookies.keys()])).toEqual([
      expect.stringMatching(/^anon-/),
      expect.stringMatching(/^sid-/),
    ]);
    expect(await json(await browser.get("/cart"))).toMatchObject({ cart: ["tea"], theme: "light" });
    await app.printed("left behind");
    expect(app.output()).toMatch(/left behind.*theme/);
  });

  test("is asked for where it is needed, and once more where it is long ago", async () => {
    const stranger = await new Browser(app.url).get("/account");
    expect([stranger.status, stranger.headers.get("location")]).toEqual([303, "/login?next=%2Faccount"]);
    const browser = await signedIn("ada");
    expect(await json(await browser.get("/account"))).toMatchObject({ user: "ada" });
    expect((await browser.post("/account/email")).status).toBe(302);
  });

  test("ends with logout, and a farewell arrives", async () => {
    const browser = await signedIn("ada");
    await browser.post("/logout");
    expect((await browser.get("/account")).status).toBe(303);
    expect(await json(await browser.get("/profile"))).toEqual([{ kind: "notice", message: "See you soon." }]);
  });

  test("survives a renewal, for this browser alone", async () => {
    const browser = await signedIn("ada");
    const copy = new Browser(app.url);
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
    await browser.post("/account/rights");
    expect((await browser.get("/account")).status).toBe(200);
    expect((await copy.get("/account")).status).toBe(303);
  });
});

test("devices are listed, ended one by one, and all but this one", async () => {
  const [first, second, third] = [await signedIn("bo"), await signedIn("bo"), await signedIn("bo")];
  const list = async () => (await json(await first.get("/devices"))) as { id: string; current: boolean }[];
  const [newest] = await list();
  expect((await list()).map(({ current }) => current)).toEqual([false, false, true]);
  expect((await first.post(`/devices/${newest?.id}/end`)).status).toBe(204);
  expect((await (await signedIn("eve")).post(`/devices/${(await list())[0]?.id}/end`)).status).toBe(404);
  expect((await third.get("/account")).status).toBe(303);
  expect(await json(await first.post("/devices/end-others"))).toEqual({ count: 1 });
  expect((await second.get("/account")).status).toBe(303);
  expect((await first.get("/account")).status).toBe(200);
});

test("streams are stored before their first byte, and peeking tells the time left", async () => {
  const browser = await signedIn("ada");
  expect(await (await browser.get("/export")).text()).toBe("id,name\n1,apple\n");
  expect(((await json(await browser.get("/cart"))) as { keys: string[] }).keys).toContain("seenAt");
  const { seconds } = (await json(await browser.get("/session/time-left"))) as { seconds: number };
  expect(seconds).toBeGreaterThan(29 * 60);
  expect(seconds).toBeLessThanOrEqual(30 * 60);
});

test("explain says why there is no session", async () => {
  const browser = await signedIn("ada");
  expect(await json(await browser.get("/debug/session"))).toMatchObject({ code: "ok" });
  const copy = new Browser(app.url);
  for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
  await browser.post("/logout");
  expect(await json(await copy.get("/debug/session"))).toMatchObject({ code: "logged-out" });
  const stranger = new Browser(app.url);
  expect(await json(await stranger.get("/debug/session"))).toMatchObject({ code: "no-cookie" });
});

test("the password reset keeps who did it and ends everybody else", async () => {
  const thief = await signedIn("cy");
  const owner = new Browser(app.url);
  await owner.post("/reset", { link: "for-cy", password: "difference" });
  expect((await owner.get("/account")).status).toBe(200);
  expect((await thief.get("/account")).status).toBe(303);
  await owner.post("/login", { name: "cy", password: "difference" });
});

test("an OAuth state is good once, and for the browser that asked", async () => {
  const browser = new Browser(app.url);
  const to = new URL((await browser.post("/oauth")).headers.get("location") ?? "");
  const callback = `/oauth/callback?code=7&state=${to.searchParams.get("state")}`;
  expect((await new Browser(app.url).get(callback)).status).toBe(400);
  const twice = await Promise.all([browser.get(callback), browser.get(callback)]);
  expect(twice.filter(({ status }) => status === 302)).toHaveLength(1);
  expect(await json(await browser.get("/account"))).toMatchObject({ user: "user-of-7" });
});

test("lazy routes and own failure pages do what they say", async () => {
  await using lazy = await serve("lazy.ts");
  expect(await (await new Browser(lazy.url).get("/greeting")).text()).toBe("Hello stranger");
  expect(await (await new Browser(lazy.url).get("/health")).text()).toBe("ok");
  await using own = await serve("own-pages.ts");
  expect((await new Browser(own.url).get("/account")).headers.get("location")).toBe("/login?next=%2Faccount");
});
