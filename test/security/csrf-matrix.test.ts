/**
 * SECURITY part C through real sockets: what Chromium was seen to send (C5), behind every way TLS can end (D5). Two
 * well-known libraries had an origin check that never ran on a real server; this one is seen to run.
 */
import { describe, expect, it, vi } from "vitest";
import type { CsrfReason } from "../../src/csrf/contract.ts";
import type { Line, RawClient } from "./support/raw-http.ts";
import { openShop, type ShopOptions, signIn } from "./support/shop.ts";

const HOST = "shop.example";
const OWN = `https://${HOST}`;
const host: Line = ["host", HOST];
const site = (value: string): Line => ["sec-fetch-site", value];
const origin = (value: string): Line => ["origin", value];

interface Deployment {
  readonly shop: ShopOptions;
  /** What every request carries when it arrives. */
  readonly headers: readonly Line[];
}
const production = { mode: "production" } as const;
const deployments: Readonly<Record<string, Deployment>> = {
  "TLS in front, origin configured": { shop: { sessions: { ...production, origin: OWN } }, headers: [host] },
  "TLS at the socket": { shop: { sessions: production, tls: true }, headers: [host] },
  "a declared proxy": {
    shop: { sessions: { ...production, trustProxy: ["127.0.0.1"] } },
    headers: [
      ["host", "10.0.0.5:8080"],
      ["x-forwarded-proto", "https"],
      ["x-forwarded-host", HOST],
    ],
  },
  "one declared hop": {
    shop: { sessions: { ...production, trustProxy: 1 } },
    headers: [host, ["forwarded", `for=203.0.113.9;proto=https;host=${HOST}`]],
  },
};

/** What the browser sends, and the answer: passed, or a token was asked for, or refused with this reason. */
const matrix: readonly (readonly [string, readonly Line[], "pass" | "token" | CsrfReason])[] = [
  ["own form, fetch, beacon, srcdoc frame, reload of a POST", [site("same-origin"), origin(OWN)], "pass"],
  ["own form under no-referrer", [site("same-origin"), origin("null")], "pass"],
  ["typed address or bookmark", [site("none")], "token"],
  ["sibling host", [site("same-site"), origin("https://blog.shop.example")], "cross_origin"],
  ["another site", [site("cross-site"), origin("https://evil.example")], "cross_origin"],
  ["plain http page of the same host", [site("cross-site"), origin(`http://${HOST}`)], "cross_origin"],
  ["sandboxed page, data: URL", [site("cross-site"), origin("null")], "cross_origin"],
  [
    "own form, redirected over another site",
    [site("cross-site"), origin("null"), ["referer", `${OWN}/`]],
    "cross_origin",
  ],
  ["an old browser, own page", [origin(OWN)], "token"],
  ["an old browser, own page that sends Referer only", [["referer", `${OWN}/cart`]], "token"],
  ["an old browser, another site", [origin("https://evil.example")], "wrong_origin"],
  ["an old browser, plain http page of the same host", [origin(`http://${HOST}`)], "wrong_origin"],
  ["an old browser, another port", [origin(`${OWN}:8443`)], "wrong_origin"],
  ["an old browser, a name in the user part", [origin(`https://${HOST}@evil.example`)], "wrong_origin"],
  ["an old browser, no origin to tell", [origin("null")], "null_origin"],
  ["an old browser, Referer of another site", [["referer", `https://evil.example/${OWN}`]], "wrong_origin"],
  ["nothing said at all", [], "no_origin"],
  ["Origin twice", [origin(OWN), origin("https://evil.example")], "malformed"],
  ["Origin twice, foreign first", [origin("https://evil.example"), origin(OWN)], "malformed"],
  ["Sec-Fetch-Site twice", [site("same-origin"), site("same-origin"), origin(OWN)], "malformed"],
  ["wss handshake, own page", [origin(OWN), ["upgrade", "websocket"], ["connection", "upgrade"]], "pass"],
  [
    "wss handshake, another site",
    [origin("https://evil.example"), ["upgrade", "websocket"], ["connection", "upgrade"]],
    "wrong_origin",
  ],
];

const reasonIn = (body: string): unknown =>
  (JSON.parse(body) as { error?: { reason?: unknown } }).error?.reason;

describe.each(Object.entries(deployments))("behind %s", (_, { shop, headers }) => {
  async function signedIn(): Promise<{ client: RawClient; cookie: Line }> {
    const client = await openShop(shop);
    return { client, cookie: ["cookie", await signIn(client, headers)] };
  }

  it.each(matrix)("%s", async (_case, lines, verdict) => {
    const { client, cookie } = await signedIn();
    const isUpgrade = lines.some(([name]) => name === "upgrade");
    const send = (...more: readonly Line[]) =>
      client.send(isUpgrade ? "GET" : "POST", "/act", [
        ...headers,
        cookie,
        ["accept", "application/json"],
        ...lines,
        ...more,
      ]);
    const answer = await send();
    if (verdict === "pass") {
      expect([answer.status, answer.body]).toEqual([200, "acted as ada"]);
      return;
    }
    expect([answer.status, reasonIn(answer.body)]).toEqual([
      403,
      verdict === "token" ? "token_missing" : verdict,
    ]);
    expect(answer.setCookies).toEqual([]);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "cache-control": "no-store",
      vary: expect.stringMatching(/Sec-Fetch-Site, Origin/),
    });
    if (verdict !== "token") return;
    const { body: token } = await client.send("GET", "/token", [...headers, cookie]);
    expect((await send(["x-csrf-token", token])).body).toBe("acted as ada");
    expect(
      (await send(["x-csrf-token", `${token.startsWith("A") ? "B" : "A"}${token.slice(1)}`])).status,
    ).toBe(403);
  });

  it("R6: nobody is signed in from another site, with or without cookies", async () => {
    const { client, cookie } = await signedIn();
    for (const cookies of [[], [cookie]]) {
      const { status, setCookies } = await client.send("POST", "/login", [
        ...headers,
        ...cookies,
        site("cross-site"),
        origin("https://evil.example"),
      ]);
      expect([status, setCookies]).toEqual([403, []]);
    }
  });
});

describe("behind a proxy nobody declared", () => {
  const shop: ShopOptions = { sessions: production };
  const forwarded: readonly Line[] = [host, ["x-forwarded-proto", "https"], ["x-forwarded-host", HOST]];

  it("X2: its word opens no door: nobody can be signed in, and no cookie is set", async () => {
    const report = vi.spyOn(console, "error").mockReturnValue();
    const client = await openShop(shop);
    const { status, setCookies } = await client.send("POST", "/login", [...forwarded, site("same-origin")]);
    expect([status, setCookies]).toEqual([500, []]);
    expect(String(report.mock.calls[0])).toContain("X-Forwarded-Proto: https, but trustProxy is not set");
    report.mockRestore();
    expect((await client.send("GET", "/", forwarded)).body).toBe("nobody");
  });

  it("X2: a forged Host makes no other origin ours", async () => {
    const declared = await openShop({ sessions: { ...production, trustProxy: ["127.0.0.1"] } });
    const headers: readonly Line[] = [host, ["x-forwarded-proto", "https"]];
    const cookie: Line = ["cookie", await signIn(declared, headers)];
    const spoofed = await declared.send("POST", "/act", [
      ...headers,
      cookie,
      origin("https://evil.example"),
      ["x-original-host", "evil.example"],
      ["x-host", "evil.example"],
    ]);
    expect(spoofed.status).toBe(403);
  });
});

describe("D21: a double submit without the session", () => {
  it("a planted secret and its token do not pass for the session's own", async () => {
    const client = await openShop({ sessions: { ...production, origin: OWN } });
    const attacker = await client.send("GET", "/token", [host]);
    const planted = (attacker.setCookies[0] ?? "").split(";")[0] ?? "";
    expect(planted).toMatch(/^__Host-Http-csrf=/);
    const session = await signIn(client, [host]);
    for (const cookie of [`${session}; ${planted}`, `${planted}; ${session}`]) {
      const answer = await client.send("POST", "/act", [
        host,
        ["cookie", cookie],
        origin(OWN),
        ["x-csrf-token", attacker.body],
        ["accept", "application/json"],
      ]);
      expect([answer.status, reasonIn(answer.body)]).toEqual([403, "token_invalid"]);
    }
  });
});
