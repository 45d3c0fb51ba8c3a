// The CSRF page: each row of its table of verdicts, its form and its webhook.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withSessions } from "../../src/adapters/fetch.ts";
import { createSessions } from "../../src/create-sessions.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { signedIn } from "../../src/testing/index.ts";
import { Browser } from "./support/client.ts";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { type RunningServer, startServer } from "./support/servers.ts";
import { tableBelow } from "./support/tables.ts";
import { createWorkspace } from "./support/workspace.ts";

const page = readDocument("docs/csrf.md");
const OWN = "https://shop.example";
const FRIEND = "https://friend.example";

/** For each row of the table: the headers that came, and the answers without and with a token. */
const ROWS: readonly (readonly [headers: Record<string, string>, without: string, withToken: string])[] = [
  [{ "sec-fetch-site": "same-origin" }, "passes", "passes"],
  [{ "sec-fetch-site": "none" }, "token_missing", "passes"],
  [{ "sec-fetch-site": "cross-site", origin: FRIEND }, "token_missing", "passes"],
  [{ "sec-fetch-site": "same-site", origin: OWN }, "cross_origin", "cross_origin"],
  [{ origin: OWN }, "token_missing", "passes"],
  [{ origin: "null" }, "null_origin", "null_origin"],
  [{ origin: "https://evil.example" }, "wrong_origin", "wrong_origin"],
  [{ referer: `${OWN}/form` }, "token_missing", "passes"],
  [{ referer: "https://evil.example/" }, "wrong_origin", "wrong_origin"],
  [{}, "no_origin", "passes"],
];

describe("the table of verdicts", () => {
  const sessions = createSessions({ store: memoryStore(), origin: OWN, csrf: { trustedOrigins: [FRIEND] } });
  const handler = withSessions(sessions, (_request, session) => new Response(session.csrfToken()));

  async function verdict(headers: Record<string, string>, token?: string): Promise<string> {
    const sent = {
      accept: "application/json",
      ...headers,
      ...(token !== undefined && { "x-csrf-token": token }),
    };
    const answer = await handler(new Request(OWN, { method: "POST", headers: sent }));
    if (answer.status === 200) return "passes";
    const { error } = (await answer.json()) as { error: { reason: string } };
    return error.reason;
  }

  test("has a row here for each of its own", () => {
    // One more there: requests that carry nothing at all, below.
    expect(tableBelow(page, "What is refused")).toHaveLength(ROWS.length + 1);
  });

  test.each(ROWS)("%j: %s, and with a token %s", async (headers, without, withToken) => {
    const { cookie = "" } = await signedIn(sessions, "ada");
    const token = await (await handler(new Request(OWN, { headers: { cookie } }))).text();
    expect(await verdict({ ...headers, cookie })).toBe(without);
    expect(await verdict({ ...headers, cookie }, token)).toBe(withToken);
    expect(await verdict({ "sec-fetch-site": "same-origin", cookie }, "wrong")).toBe("token_invalid");
  });

  test("a request that carries nothing passes", async () => {
    expect(await verdict({})).toBe("passes");
  });
});

describe("the examples", () => {
  const workspace = createWorkspace(filesOf(page), ["express"]);
  let forms: RunningServer;
  let webhook: RunningServer;
  beforeAll(async () => {
    for (const name of ["forms", "webhook"]) {
      const main = `import { app } from "./${name}.ts";\napp.listen(process.env.PORT);\n`;
      await workspace.write(`serve-${name}.ts`, main);
    }
    forms = await startServer(workspace, "serve-forms.ts");
    webhook = await startServer(workspace, "serve-webhook.ts");
  });
  afterAll(async () => {
    await forms?.[Symbol.asyncDispose]();
    await webhook?.[Symbol.asyncDispose]();
    await workspace[Symbol.asyncDispose]();
  });

  test("the form lets an old browser through, also a visitor's, and stays good after the first write", async () => {
    const browser = new Browser(forms.url);
    const [, token = ""] = /value="([\w-]+)"/.exec(await (await browser.get("/name")).text()) ?? [];
    const old = { "sec-fetch-site": "none" };
    expect((await browser.post("/name", { name: "Ada" }, old)).status).toBe(403);
    expect((await browser.post("/name", { name: "Ada", _csrf: token }, old)).status).toBe(302);
    expect((await browser.post("/name", { name: "Bo", _csrf: token }, old)).status).toBe(302);
  });

  test("the webhook is exempt, the order is not", async () => {
    const evil = { "sec-fetch-site": "cross-site", cookie: `sid-${new URL(webhook.url).port}=x` };
    expect((await new Browser(webhook.url).post("/hooks/payment", {}, evil)).status).toBe(204);
    expect((await new Browser(webhook.url).post("/order", {}, evil)).status).toBe(403);
    expect((await new Browser(webhook.url).post("/order")).status).toBe(204);
  });
});
