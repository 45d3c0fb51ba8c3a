/** SECURITY A2 and A3 through real sockets: what is set, what is taken for ours, and what it costs to find out. */
import { describe, expect, it, vi } from "vitest";
import type { SessionOptions } from "../../src/index.ts";
import type { Line } from "./support/raw-http.ts";
import { openShop, pairOf, type ShopOptions, signIn } from "./support/shop.ts";

const ORIGIN = "https://shop.example";
const host: Line = ["host", "shop.example"];
const ours: Line = ["sec-fetch-site", "same-origin"];
const behindTls: ShopOptions = { sessions: { mode: "production", origin: ORIGIN } };
const cookies = (cookie: SessionOptions<Record<string, unknown>>["cookie"]): ShopOptions => ({
  sessions: { ...behindTls.sessions, ...(cookie && { cookie }) },
});

/** The ways a deployment may differ in the attributes of its cookies. */
const profiles: readonly (readonly [string, ShopOptions, Line, RegExp])[] = [
  ["by default", behindTls, host, /^__Host-Http-sid=[\w-]{64}; Path=\/; Secure; HttpOnly; SameSite=Lax$/],
  [
    "with a name",
    cookies({ name: "staff" }),
    host,
    /^__Host-Http-staff=[\w-]{64}; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
  ],
  [
    "strict",
    cookies({ sameSite: "strict" }),
    host,
    /^__Host-Http-sid=[\w-]{64}; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
  ],
  [
    "none",
    cookies({ sameSite: "none" }),
    host,
    /^__Host-Http-sid=[\w-]{64}; Path=\/; Secure; HttpOnly; SameSite=None$/,
  ],
  [
    "shared",
    cookies({ domain: "shop.example" }),
    host,
    /^__Http-sid=[\w-]{64}; Path=\/; Domain=shop.example; Secure; HttpOnly; SameSite=Lax$/,
  ],
  [
    "in development",
    { sessions: { mode: "development" } },
    ["host", "localhost:3000"],
    /^sid-3000=[\w-]{64}; Path=\/; HttpOnly; SameSite=Lax$/,
  ],
];

describe("what is set", () => {
  it.each(profiles)(
    "C1, C2, C3, C5: every attribute that protects it, %s",
    async (_, shop, address, expected) => {
      const client = await openShop(shop);
      const { setCookies } = await client.send("POST", "/login", [address, ours]);
      expect(setCookies).toEqual([expect.stringMatching(expected)]);
    },
  );

  it.each(profiles)(
    "C13: logout takes it away with the same attributes, %s",
    async (_, shop, address, expected) => {
      const client = await openShop(shop);
      const { setCookies } = await client.send("POST", "/login", [address, ours]);
      const out = await client.send("POST", "/logout", [address, ours, ["cookie", pairOf(setCookies[0])]]);
      const cleared =
        out.setCookies.find((line) => line.startsWith(`${pairOf(setCookies[0]).split("=")[0]}=;`)) ?? "";
      expect(cleared).toContain("; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
      const unexpired = cleared
        .replace(/; Max-Age=0; Expires=[^;]*/, "")
        .replace("=;", `=${"x".repeat(64)};`);
      expect(unexpired).toMatch(expected);
    },
  );

  it("C2, I6: the token stands in Set-Cookie and nowhere else, and nothing names the product", async () => {
    const client = await openShop(behindTls);
    const cookie = await signIn(client, [host]);
    for (const path of ["/", "/cart", "/token"]) {
      const { headers, body } = await client.send("GET", path, [host, ["cookie", cookie]]);
      const text = `${JSON.stringify(headers)}${body}`;
      expect(text).not.toContain(cookie.split("=")[1]);
      expect(text).not.toMatch(/sojourn/i);
    }
  });

  it("C9: the application's own cookies keep their lines beside ours", async () => {
    const ownCookies = [
      "a=1; Expires=Thu, 01 Jan 2099 00:00:00 GMT",
      "b=2",
      "__Host-Http-other=3; Secure; HttpOnly; Path=/",
    ];
    const client = await openShop({ ...behindTls, ownCookies });
    const { setCookies } = await client.send("POST", "/login", [host, ours]);
    expect(setCookies).toHaveLength(4);
    expect(setCookies).toEqual(
      expect.arrayContaining([...ownCookies, expect.stringMatching(/^__Host-Http-sid=/)]),
    );
  });

  it("C8: a visitor's cookie lasts as long as the session can, and not longer", async () => {
    const client = await openShop({
      sessions: { ...behindTls.sessions, anonymous: { idleTimeout: "1h", absoluteTimeout: "2h" } },
    });
    const { setCookies } = await client.send("POST", "/cart", [host, ours]);
    const [, age] = /^__Host-Http-anon=[\w-]{64}; Path=\/; Max-Age=(\d+);/.exec(setCookies[0] ?? "") ?? [];
    expect(Number(age)).toBeGreaterThan(7190);
    expect(Number(age)).toBeLessThanOrEqual(7200);
  });
});

describe("what is taken for ours", () => {
  // Header text is written as latin1, so \u00a0 arrives as the byte that String.trim would eat.
  it.each([
    ["a no-break space before the name", (pair: string) => `\u00a0${pair}`],
    ["a no-break space behind the name", (pair: string) => pair.replace("=", "\u00a0=")],
    ["a next-line character before the name", (pair: string) => `\u0085${pair}`],
    ["U+2000 in UTF-8 before the name", (pair: string) => `\u00e2\u0080\u0080${pair}`],
    ["a nameless cookie with our name as its value", (pair: string) => `=${pair}`],
    ["other letters", (pair: string) => pair.replace("__Host-Http-sid", "__host-http-SID")],
    ["a dot, as PHP would fold it", (pair: string) => pair.replace("__Host", "..Host")],
    ["a bracket, as PHP would fold it", (pair: string) => pair.replace("__Host", "_[Host")],
    ["a percent sign", (pair: string) => pair.replace("__Host", "%5F_Host")],
    ["quotes around the value", (pair: string) => `${pair.replace("=", '="')}"`],
    ["quotes around it all", (pair: string) => `x="; ${pair.replace("=", " =x")}`],
    ["$Version before it", (pair: string) => `$Version=1, ${pair}`],
    ["a comma before it", (pair: string) => `x=y, ${pair}`],
    ["no prefix", (pair: string) => pair.replace("__Host-Http-", "")],
    ["the weaker prefix", (pair: string) => pair.replace("__Host-Http-", "__Host-")],
    ["the prefix of a shared session", (pair: string) => pair.replace("__Host-Http-", "__Http-")],
    ["the development name", (pair: string) => pair.replace("__Host-Http-sid", "sid-443")],
    ["the visitor's name", (pair: string) => pair.replace("sid", "anon")],
  ])("C11, D13: not one with %s", async (_, disguise) => {
    const client = await openShop(behindTls);
    const cookie = await signIn(client, [host]);
    expect((await client.send("GET", "/", [host, ["cookie", cookie]])).body).toBe("ada");
    expect((await client.send("GET", "/", [host, ["cookie", disguise(cookie)]])).body).toBe("nobody");
  });

  it.each([
    ["among others", (pair: string) => `a=1; ${pair}; b=2`],
    ["without blanks", (pair: string) => `a=1;${pair};b=2`],
    ["with spaces and tabs", (pair: string) => `a=1 ;\t ${pair} \t; b=2`],
    ["after nonsense", (pair: string) => `;;=;x;"; \u00ff=\u00ff; ${pair}`],
  ])("one %s", async (_, surround) => {
    const client = await openShop(behindTls);
    const cookie = await signIn(client, [host]);
    expect((await client.send("GET", "/", [host, ["cookie", surround(cookie)]])).body).toBe("ada");
  });

  it("T1: a token anywhere but in its cookie signs nobody in", async () => {
    const client = await openShop(behindTls);
    const token = (await signIn(client, [host])).split("=")[1] ?? "";
    for (const [path, headers] of [
      [`/?sid=${token}`, []],
      [`/?__Host-Http-sid=${token}`, []],
      ["/", [["x-session-id", token]]],
      ["/", [["authorization", `Bearer ${token}`]]],
      ["/", [["__host-http-sid", token]]],
    ] satisfies [string, Line[]][]) {
      expect((await client.send("GET", path, [host, ...headers])).body).toBe("nobody");
    }
  });
});

describe("N2: cookie bombs", () => {
  it.each([
    ["semicolons", ";".repeat(64 * 1024)],
    ["equals signs", "=".repeat(64 * 1024)],
    ["pairs", "a=1;".repeat(16 * 1024)],
    ["blanks", " ".repeat(60 * 1024)],
    ["our own name", "__Host-Http-sid;".repeat(4 * 1024)],
    ["our own cookie", "__Host-Http-sid=x;".repeat(3640)],
    ["one byte too many", `a=${"b".repeat(64 * 1024)}`],
  ])("64 KiB of %s are answered as a visitor's", async (_, header) => {
    const client = await openShop(behindTls);
    const { status, body, setCookies } = await client.send("GET", "/", [host, ["cookie", header]]);
    expect([status, body, setCookies]).toEqual([200, "nobody", []]);
  });
});

describe("plain http", () => {
  const production: ShopOptions = { sessions: { mode: "production" } };

  it("X1: reads no session and sets none, whatever cookies come", async () => {
    const client = await openShop(production);
    for (const name of ["__Host-Http-sid", "sid-80", "sid"]) {
      const { body, setCookies } = await client.send("GET", "/", [
        host,
        ["cookie", `${name}=${"a".repeat(64)}`],
      ]);
      expect([body, setCookies]).toEqual(["nobody", []]);
    }
  });

  it("X1: a valid cookie of the https side is nobody's on the http side", async () => {
    const options: ShopOptions = { sessions: { mode: "production", trustProxy: 1 } };
    const client = await openShop(options);
    const cookie: Line = ["cookie", await signIn(client, [host, ["x-forwarded-proto", "https"]])];
    expect((await client.send("GET", "/", [host, cookie, ["x-forwarded-proto", "https"]])).body).toBe("ada");
    const plain = await client.send("GET", "/", [host, cookie, ["x-forwarded-proto", "http"]]);
    expect([plain.body, plain.setCookies]).toEqual(["nobody", []]);
  });

  it("X2: a header that no declared proxy wrote changes nothing", async () => {
    const report = vi.spyOn(console, "error").mockReturnValue();
    for (const sessions of [
      { mode: "production" },
      { mode: "production", trustProxy: ["192.0.2.0/24"] },
    ] as const) {
      const client = await openShop({ sessions });
      for (const spoof of [
        ["x-forwarded-proto", "https"],
        ["forwarded", "proto=https"],
        ["x-forwarded-ssl", "on"],
        ["front-end-https", "on"],
      ] as const) {
        const { status, setCookies } = await client.send("POST", "/login", [host, ours, spoof]);
        expect([status, setCookies]).toEqual([500, []]);
      }
    }
    report.mockRestore();
  });

  it("is the development door only without a proxy, for this machine's names", async () => {
    const report = vi.spyOn(console, "error").mockReturnValue();
    const client = await openShop({ sessions: { mode: "development" } });
    const login = async (...headers: readonly Line[]): Promise<number> =>
      (await client.send("POST", "/login", [ours, ...headers])).setCookies.length;
    expect(await login(["host", "localhost:3000"])).toBe(1);
    expect(await login(["host", "app.localhost:3000"])).toBe(1);
    expect(await login(["host", "shop.example"])).toBe(0);
    expect(await login(["host", "localhost.evil.example:3000"])).toBe(0);
    expect(await login(["host", "localhost:3000"], ["x-forwarded-for", "203.0.113.9"])).toBe(0);
    report.mockRestore();
  });
});
