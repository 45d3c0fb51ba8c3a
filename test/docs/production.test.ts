// The production page: its server and its proxy lines, all run in production mode.
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Browser } from "./support/client.ts";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { startServer } from "./support/servers.ts";
import { createWorkspace } from "./support/workspace.ts";

const page = readDocument("docs/production.md");
const PRODUCTION = { NODE_ENV: "production" };

const workspace = createWorkspace(filesOf(page), ["express"]);
beforeAll(async () => {
  await workspace.write(
    "proxied.ts",
    `import { createServer } from "node:http";
     import { withSessions } from "sojourn/node";
     import { sessions } from "./behind-one-proxy.ts";
     createServer(withSessions(sessions, async (req, res, session) => {
       if (req.method === "POST") await session.login("ada");
       res.end(JSON.stringify(await sessions.explain(req)));
     })).listen(process.env.PORT);`,
  );
});
afterAll(() => workspace[Symbol.asyncDispose]());

describe("the server", () => {
  test("signs in over the proxy's plain http with cookies for https alone", async () => {
    await using server = await startServer(workspace, "server.ts", PRODUCTION);
    const browser = new Browser(server.url);
    const answer = await browser.post("/login", { user: "ada" });
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-Http-sid=[\w-]{64}; Path=\/; Secure; HttpOnly; SameSite=Lax$/),
    ]);
    expect(await (await browser.get("/")).json()).toEqual({ user: "ada" });
    expect(await (await browser.get("/health")).json()).toEqual({ ok: true });
  });

  test("closes in good order when it is told to", async () => {
    await using server = await startServer(workspace, "server.ts", PRODUCTION);
    await new Browser(server.url).post("/login", { user: "ada" });
    const closed = once(server.process, "close"); // after its last words
    server.process.kill("SIGTERM");
    expect(await closed).toEqual([0, null]);
    expect(server.output()).toContain("closed");
  });

  test("says nothing at start: nothing is weak in it", async () => {
    await using server = await startServer(workspace, "server.ts", PRODUCTION);
    expect(server.output()).toBe("");
  });
});

describe("behind nginx as shown", () => {
  /** What nginx would send on for a request: the lines of the block, with its variables filled in. */
  function forwarded(scheme: "http" | "https", sent: Readonly<Record<string, string>> = {}) {
    const [nginx] = page.blocks.filter(({ language }) => language === "nginx");
    const headers: Record<string, string> = { ...sent };
    const variables = { $host: "shop.example", $scheme: scheme, $remote_addr: "203.0.113.9" };
    for (const [, name = "", value = ""] of nginx?.text.matchAll(/proxy_set_header (\S+) (\S+);/g) ?? []) {
      const filled = Object.hasOwn(variables, value) ? variables[value as keyof typeof variables] : value;
      if (filled === '""') delete headers[name.toLowerCase()];
      else headers[name.toLowerCase()] = filled;
    }
    return headers;
  }

  test("https outside is https inside, and the session holds", async () => {
    await using server = await startServer(workspace, "proxied.ts", PRODUCTION);
    const browser = new Browser(server.url);
    await browser.post("/", {}, { ...forwarded("https"), origin: "https://shop.example" });
    expect([...browser.cookies.keys()]).toEqual(["__Host-Http-sid"]);
    expect(await (await browser.get("/", forwarded("https"))).json()).toMatchObject({ code: "ok" });
  });

  test("plain http outside tracks nobody, whatever the client claims", async () => {
    await using server = await startServer(workspace, "proxied.ts", PRODUCTION);
    const claims = { forwarded: "proto=https;host=evil.example", "x-forwarded-proto": "https" };
    const browser = new Browser(server.url);
    const refused = await browser.post("/", {}, forwarded("http", claims));
    expect([refused.status, browser.cookies.size]).toEqual([500, 0]);
    const explained = await browser.get("/", forwarded("http", claims));
    expect(await explained.json()).toMatchObject({ code: "insecure-transport" });
  });

  test("the network that is kept is the client's, whatever the client claims", async () => {
    await workspace.write(
      "networks.ts",
      `import { createServer } from "node:http";
       import { createSessions } from "sojourn";
       import { withSessions } from "sojourn/node";
       import { sqliteStore } from "sojourn/stores/sqlite";
       const sessions = createSessions({ store: sqliteStore("data/networks.db"), trustProxy: 1, addresses: true });
       createServer(withSessions(sessions, async (req, res, session) => {
         await session.login("ada");
         res.end((await sessions.list("ada"))[0]?.address);
       })).listen(process.env.PORT);`,
    );
    await using server = await startServer(workspace, "networks.ts", PRODUCTION);
    const claims = { forwarded: "for=198.51.100.1", "x-forwarded-for": "198.51.100.1, 198.51.100.2" };
    const headers = { ...forwarded("https", claims), origin: "https://shop.example" };
    const answer = await new Browser(server.url).post("/", {}, headers);
    expect(await answer.text()).toBe("203.0.113.0/24");
  });

  test("an old browser's own origin is the host that nginx names", async () => {
    await using server = await startServer(workspace, "proxied.ts", PRODUCTION);
    const headers = forwarded("https", { forwarded: "host=evil.example" });
    const post = (origin: string) =>
      new Browser(server.url).send("/", { method: "POST", headers: { ...headers, origin } });
    expect((await post("https://evil.example")).status).toBe(403);
    expect((await (await post("https://shop.example")).json()) as object).toMatchObject({
      error: { reason: "token_missing" },
    });
  });
});

test("watching counts what happens", async () => {
  await workspace.write(
    "watched.ts",
    `import { signedIn } from "sojourn/testing";
     import { sessions } from "./sessions.ts";
     import { counts } from "./watch.ts";
     await signedIn(sessions, "joan");
     await sessions.revokeAll("joan");
     console.log(counts.get("logins"), counts.get("ended.revoked"));
     await sessions.close();`,
  );
  expect(await workspace.node("watched.ts")).toMatchObject({ code: 0, stdout: "1 1\n" });
});
