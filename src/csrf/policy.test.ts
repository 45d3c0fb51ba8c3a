import { describe, expect, it } from "vitest";
import { requestView, type ViewParts } from "../../test/support/request-view.ts";
import type { Connection, RequestView } from "../core/request.ts";
import { InvalidOptionError } from "../errors.ts";
import type { CsrfReason, OriginVerdict } from "./contract.ts";
import { type CsrfOptions, csrfHint, csrfPolicy } from "./policy.ts";

const OWN = "https://shop.example";
const FRIEND = "https://admin.shop.example";
const secure: Connection = { door: "secure", origins: [OWN], port: "443", seen: "https at this socket" };
const dev: Connection = {
  door: "development",
  origins: ["http://localhost:3000"],
  port: "3000",
  seen: "plain http",
};

const SITE = "sec-fetch-site";
const post = (headers: Record<string, string> = {}, parts: ViewParts = {}): RequestView =>
  requestView({ method: "POST", host: "shop.example", encrypted: true, headers, ...parts });
const judge = (view: RequestView, connection = secure, options: CsrfOptions = {}): OriginVerdict =>
  csrfPolicy(options, "production").judge(view, connection);
const denied = (reason: CsrfReason): OriginVerdict => ({ kind: "denied", reason });
const [SAFE, STRONG, WEAK, UNKNOWN] = (["safe", "strong", "weak", "unknown"] as const).map((kind) => ({
  kind,
}));

describe("methods (C1 step 1)", () => {
  const foreign = { [SITE]: "cross-site", origin: "https://evil.example" };

  it.each(["GET", "HEAD", "OPTIONS"])("%s is safe, wherever it came from", (method) => {
    expect(judge(post(foreign, { method }))).toEqual(SAFE);
    expect(judge(post({ origin: "null, null" }, { method }))).toEqual(SAFE);
  });

  it.each(["POST", "PUT", "PATCH", "DELETE", "get", "Get", "QUERY", "PROPFIND", "CONNECT", "GET ", "", "X"])(
    "%j is not",
    (method) => expect(judge(post(foreign, { method }))).toEqual(denied("cross_origin")),
  );

  it.each(["TRACE", "trace", "TRACK"])("%s is refused, even from our own pages", (method) => {
    expect(judge(post({ [SITE]: "same-origin" }, { method }))).toEqual(denied("method"));
  });

  it.each(["x-http-method-override", "x-http-method", "x-method-override"])(
    "%s counts where it makes the request more dangerous",
    (name) => {
      expect(judge(post({ ...foreign, [name]: "DELETE" }, { method: "GET" }))).toEqual(
        denied("cross_origin"),
      );
      expect(judge(post({ ...foreign, [name]: "delete" }, { method: "GET" }))).toEqual(
        denied("cross_origin"),
      );
      expect(judge(post({ ...foreign, [name]: "GET, GET" }, { method: "GET" }))).toEqual(
        denied("cross_origin"),
      );
      expect(judge(post({ ...foreign, [name]: "" }, { method: "GET" }))).toEqual(denied("cross_origin"));
      expect(judge(post({ ...foreign, [name]: "GET" }, { method: "POST" }))).toEqual(denied("cross_origin"));
      expect(judge(post({ ...foreign, [name]: "HEAD" }, { method: "GET" }))).toEqual(SAFE);
      expect(judge(post({ [SITE]: "same-origin", [name]: "TRACE" }, { method: "POST" }))).toEqual(
        denied("method"),
      );
    },
  );
});

describe("what cannot be read (C1 step 4; D14)", () => {
  it.each([
    "same-origin, cross-site",
    "same-origin, same-origin",
    "same-origin same-site",
    "same-origin,",
    " ",
    "",
    "\t",
  ])("Sec-Fetch-Site %j is malformed", (site) =>
    expect(judge(post({ [SITE]: site, origin: OWN }))).toEqual(denied("malformed")),
  );
  it.each([
    `${OWN}, https://evil.example`,
    `${OWN}, ${OWN}`,
    `${OWN} https://evil.example`,
    `${OWN},`,
    "null, null",
    "",
    " ",
    `${OWN}\t`,
  ])("Origin %j is malformed", (origin) => {
    expect(judge(post({ origin }))).toEqual(denied("malformed"));
    expect(judge(post({ [SITE]: "same-origin", origin }))).toEqual(denied("malformed"));
  });
});

describe("Sec-Fetch-Site (C1 step 5)", () => {
  it.each([
    ["same-origin", undefined, STRONG],
    ["same-origin", OWN, STRONG],
    ["same-origin", "null", STRONG],
    ["none", undefined, WEAK],
    ["none", "null", WEAK],
    ["same-site", FRIEND, denied("cross_origin")],
    ["same-site", OWN, denied("cross_origin")],
    ["same-site", undefined, denied("cross_origin")],
    ["cross-site", "https://evil.example", denied("cross_origin")],
    ["cross-site", OWN, denied("cross_origin")],
    ["cross-site", "null", denied("cross_origin")],
    ["cross-site", undefined, denied("cross_origin")],
    ["Same-Origin", OWN, denied("cross_origin")],
    ["same-origin;x", OWN, denied("cross_origin")],
    ["brand-new", OWN, denied("cross_origin")],
  ])("%s with Origin %s", (site, origin, verdict) => {
    expect(judge(post({ [SITE]: site, ...(origin !== undefined && { origin }) }))).toEqual(verdict);
  });

  it.each([
    [FRIEND, WEAK],
    ["https://admin.shop.example:8443", denied("cross_origin")],
    ["https://admin.shop.example.", denied("cross_origin")],
    ["https://ADMIN.shop.example", denied("cross_origin")],
    ["http://admin.shop.example", denied("cross_origin")],
    ["https://admin.shop.example/", denied("cross_origin")],
    ["https://user@admin.shop.example", denied("cross_origin")],
    ["https://x.admin.shop.example", denied("cross_origin")],
    ["null", denied("cross_origin")],
  ])("of a trusted origin passes weakly, byte by byte: %s", (origin, verdict) => {
    for (const site of ["same-site", "cross-site"]) {
      expect(judge(post({ [SITE]: site, origin }), secure, { trustedOrigins: [FRIEND] })).toEqual(verdict);
    }
  });

  it("never falls through to Referer", () => {
    expect(judge(post({ [SITE]: "cross-site", referer: `${OWN}/page` }))).toEqual(denied("cross_origin"));
  });
});

describe("Origin, without Sec-Fetch-Site (C1 step 6; D5, D14)", () => {
  it.each([
    [OWN, WEAK],
    ["null", denied("null_origin")],
    ["http://shop.example", denied("wrong_origin")],
    ["https://shop.example:443", denied("wrong_origin")],
    ["https://shop.example:8443", denied("wrong_origin")],
    ["https://SHOP.example", denied("wrong_origin")],
    ["HTTPS://shop.example", denied("wrong_origin")],
    ["https://shop.example/", denied("wrong_origin")],
    ["https://shop.example/path", denied("wrong_origin")],
    ["https://user@shop.example", denied("wrong_origin")],
    ["https://evil.example#shop.example", denied("wrong_origin")],
    ["https://shop.example.evil.example", denied("wrong_origin")],
    ["https://evilshop.example", denied("wrong_origin")],
    ["https://shop.example.", denied("wrong_origin")],
    ["shop.example", denied("wrong_origin")],
    ["//shop.example", denied("wrong_origin")],
    ["Null", denied("wrong_origin")],
    ["undefined", denied("wrong_origin")],
    [FRIEND, denied("wrong_origin")],
  ])("%s", (origin, verdict) => expect(judge(post({ origin }))).toEqual(verdict));

  it("of a trusted origin passes weakly", () => {
    expect(judge(post({ origin: FRIEND }), secure, { trustedOrigins: [FRIEND] })).toEqual(WEAK);
  });

  it("D5: behind https, plain http is never one of ours, even if it is listed", () => {
    const listed = { ...secure, origins: [OWN, "http://shop.example", "http://localhost:3000"] };
    const options = { trustedOrigins: ["http://localhost:8080"] };
    for (const origin of ["http://shop.example", "http://localhost:3000", "http://localhost:8080"]) {
      expect(judge(post({ origin }), listed, options)).toEqual(denied("wrong_origin"));
      expect(judge(post({ [SITE]: "cross-site", origin }), listed, options)).toEqual(denied("cross_origin"));
    }
    expect(judge(post({ referer: "http://shop.example/page" }), listed)).toEqual(denied("wrong_origin"));
  });

  it("in development plain http from this machine is ours", () => {
    expect(judge(post({ origin: "http://localhost:3000" }), dev)).toEqual(WEAK);
    expect(judge(post({ origin: "http://localhost:3001" }), dev)).toEqual(denied("wrong_origin"));
    expect(judge(post({ origin: "https://localhost:3000" }), dev)).toEqual(denied("wrong_origin"));
  });

  it("counts before Referer", () => {
    expect(judge(post({ origin: "null", referer: `${OWN}/` }))).toEqual(denied("null_origin"));
    expect(judge(post({ origin: "https://evil.example", referer: `${OWN}/` }))).toEqual(
      denied("wrong_origin"),
    );
  });

  it("nothing is ours where no own origin is known", () => {
    expect(judge(post({ origin: OWN }), { ...secure, origins: [] })).toEqual(denied("wrong_origin"));
  });
});

describe("Referer, without Origin and Sec-Fetch-Site", () => {
  it.each([
    [`${OWN}/page?x=1`, WEAK],
    [OWN, WEAK],
    ["https://evil.example/", denied("wrong_origin")],
    ["https://shop.example.evil.example/", denied("wrong_origin")],
    ["https://shop.example@evil.example/", denied("wrong_origin")],
    ["https://user@shop.example/", denied("wrong_origin")],
    ["http://shop.example/", denied("wrong_origin")],
    ["https://shop.example:8443/", denied("wrong_origin")],
    ["about:blank", denied("wrong_origin")],
    ["data:text/html,x", denied("wrong_origin")],
    ["/page", denied("wrong_origin")],
    ["", denied("wrong_origin")],
  ])("%s", (referer, verdict) => expect(judge(post({ referer }))).toEqual(verdict));

  it("of a trusted origin is not enough", () => {
    expect(judge(post({ referer: `${FRIEND}/` }), secure, { trustedOrigins: [FRIEND] })).toEqual(
      denied("wrong_origin"),
    );
  });
});

describe("a request that says nothing", () => {
  it("is unknown", () => expect(judge(post())).toEqual(UNKNOWN));
  it("passes with missingOrigin: allow, which changes nothing else", () => {
    const options = { missingOrigin: "allow" } as const;
    expect(judge(post(), secure, options)).toEqual(STRONG);
    expect(judge(post({ origin: "null" }), secure, options)).toEqual(denied("null_origin"));
    expect(judge(post({ referer: "https://evil.example/" }), secure, options)).toEqual(
      denied("wrong_origin"),
    );
    expect(judge(post({ [SITE]: "cross-site" }), secure, options)).toEqual(denied("cross_origin"));
  });
});

describe("upgrades (C1 step 7; G4)", () => {
  const upgrade = (
    headers: Record<string, string>,
    options: CsrfOptions = {},
    method = "GET",
  ): OriginVerdict => judge(post(headers, { upgrade: true, method }), secure, options);

  it.each([
    [{ origin: OWN }, STRONG],
    [{ origin: OWN, [SITE]: "same-origin" }, STRONG],
    [{ origin: OWN, [SITE]: "same-site" }, denied("cross_origin")],
    [{ origin: OWN, [SITE]: "cross-site" }, denied("cross_origin")],
    [{ origin: OWN, [SITE]: "none" }, denied("cross_origin")],
    [{ origin: "https://evil.example" }, denied("wrong_origin")],
    [{ origin: "https://evil.example", [SITE]: "same-origin" }, denied("wrong_origin")],
    [{ origin: "null" }, denied("null_origin")],
    [{ origin: "http://shop.example" }, denied("wrong_origin")],
    [{ origin: `${OWN}, ${OWN}` }, denied("malformed")],
    [{ referer: `${OWN}/` }, UNKNOWN],
    [{}, UNKNOWN],
  ])("%j", (headers: Record<string, string>, verdict) => {
    expect(upgrade(headers)).toEqual(verdict);
    expect(upgrade(headers, {}, "CONNECT")).toEqual(verdict);
  });

  it("of a trusted origin do not pass, since no token can come with them", () => {
    expect(upgrade({ origin: FRIEND }, { trustedOrigins: [FRIEND] })).toEqual(denied("wrong_origin"));
  });
});

describe("what Chromium 156 was seen to send (C5)", () => {
  const own = "http://shop.example:8080";
  const plain: Connection = { door: "development", origins: [own], port: "8080", seen: "plain http" };
  it.each([
    [
      "own form, fetch, beacon, srcdoc frame, reload of a POST",
      secure,
      { [SITE]: "same-origin", origin: OWN },
      STRONG,
    ],
    ["own form under no-referrer", secure, { [SITE]: "same-origin", origin: "null" }, STRONG],
    [
      "form of a sibling host",
      secure,
      { [SITE]: "same-site", origin: "https://evil.shop.example" },
      denied("cross_origin"),
    ],
    [
      "form of another site",
      secure,
      { [SITE]: "cross-site", origin: "https://evil.example" },
      denied("cross_origin"),
    ],
    [
      "plain http page of the same host",
      secure,
      { [SITE]: "cross-site", origin: "http://shop.example" },
      denied("cross_origin"),
    ],
    ["sandboxed page, data: URL", secure, { [SITE]: "cross-site", origin: "null" }, denied("cross_origin")],
    [
      "own form, redirected by another site back to us",
      secure,
      { [SITE]: "cross-site", origin: "null" },
      denied("cross_origin"),
    ],
    ["plain http host, same host", plain, { origin: own }, WEAK],
    ["plain http host, no-referrer", plain, { origin: "null" }, denied("null_origin")],
    ["http://localhost form", dev, { [SITE]: "same-origin", origin: "http://localhost:3000" }, STRONG],
  ])("%s", (_, connection, headers: Record<string, string>, verdict) => {
    expect(judge(post(headers), connection)).toEqual(verdict);
  });
});

describe("content types (G8; D20)", () => {
  it.each([
    undefined,
    "text/plain",
    "application/json",
    "Application/JSON;x",
    "multipart/form-data",
    "application/x-www-form-urlencoded",
    "x",
  ])("%s changes no verdict", (type) => {
    const headers = {
      ...(type !== undefined && { "content-type": type }),
      "x-requested-with": "XMLHttpRequest",
    };
    expect(judge(post(headers))).toEqual(UNKNOWN);
    expect(judge(post({ ...headers, origin: "https://evil.example" }))).toEqual(denied("wrong_origin"));
    expect(judge(post({ ...headers, [SITE]: "same-origin" }))).toEqual(STRONG);
  });
});

describe("the options", () => {
  const make = (options: object) => () => csrfPolicy(options, "production");

  it("by default enforce, ask for a token only in doubt, and trust nobody else", () => {
    expect(csrfPolicy({}, "production")).toMatchObject({ reportOnly: false, tokenAlways: false });
    expect(csrfPolicy({ reportOnly: true, token: "always" }, "production")).toMatchObject({
      reportOnly: true,
      tokenAlways: true,
    });
  });

  it.each([
    ["trustedOrigins", ["shop.example"]],
    ["trustedOrigins", ["https://shop.example/"]],
    ["trustedOrigins", ["https://*.shop.example"]],
    ["trustedOrigins", ["http://shop.example"]],
    ["trustedOrigins", ["null"]],
    ["trustedOrigins", [/shop/]],
    ["trustedOrigins", 5],
    ["missingOrigin", "ignore"],
    ["missingOrigin", true],
    ["token", "never"],
    ["token", false],
    ["reportOnly", "yes"],
    ["reportOnly", 1],
    ["exempt", "/webhook"],
    ["enabled", false],
  ])("%s: %j is refused", (name, value) => {
    expect(make({ [name]: value })).toThrow(InvalidOptionError);
    expect(make({ [name]: value })).toThrow(`Option csrf.${name}: `);
  });

  it("trustedOrigins may be empty, and plain http on this machine", () => {
    expect(make({ trustedOrigins: [] })).not.toThrow();
    expect(make({ trustedOrigins: [FRIEND, "http://localhost:3000"] })).not.toThrow();
  });
});

describe("the hint", () => {
  const reasons: readonly CsrfReason[] = [
    "malformed",
    "cross_origin",
    "wrong_origin",
    "null_origin",
    "no_origin",
    "token_missing",
    "token_invalid",
    "method",
  ];
  const view = post({
    [SITE]: "same-site",
    origin: FRIEND,
    cookie: "__Host-Http-sid=secret",
    "x-csrf-token": "secret",
  });

  it.each(reasons)("says in three lines of development what was seen, why, and what to do (%s)", (reason) => {
    const lines = csrfHint(reason, view, secure, "development").split("\n");
    expect(lines).toHaveLength(3);
    expect(lines[0]).toBe(
      `CSRF check (${reason}): saw POST with Sec-Fetch-Site: same-site and with Origin: ${FRIEND}; own origin ${OWN} (https at this socket).`,
    );
    expect(lines[1]).toMatch(/^Refused: [a-zA-Z].*\.$/);
    expect(lines[2]).toMatch(/^To do: [a-z].*\.$/);
  });

  it.each([
    ["token_missing", "_csrf"],
    ["token_missing", "session.csrfToken()"],
    ["token_missing", "X-CSRF-Token"],
    ["token_invalid", "render the form again"],
    ["cross_origin", "csrf.trustedOrigins"],
    ["cross_origin", "exempt"],
    ["wrong_origin", "origin"],
    ["no_origin", "Sec-Fetch-Site: same-origin"],
  ] satisfies [CsrfReason, string][])("for %s names %s", (reason, remedy) => {
    expect(csrfHint(reason, view, secure, "development")).toContain(remedy);
  });

  it("says what is missing", () => {
    const [seen] = csrfHint("no_origin", post(), { ...secure, origins: [] }, "development").split("\n");
    expect(seen).toBe(
      "CSRF check (no_origin): saw POST without Sec-Fetch-Site and without Origin; own origin not known (https at this socket).",
    );
  });

  it("says one plain sentence in production, the same for every reason", () => {
    const texts = new Set(reasons.map((reason) => csrfHint(reason, view, secure, "production")));
    expect(texts.size).toBe(1);
    expect([...texts][0]).not.toMatch(/shop\.example|Origin|_csrf|\n/);
  });

  it("A2, A3: shows no credential and no control character", () => {
    const hostile = post(
      { origin: "https://a.example\u001b[31m\n", [SITE]: "x".repeat(500) },
      { method: "PO\nST" },
    );
    for (const reason of [...reasons, "unheard_of", "constructor"]) {
      expect(csrfHint(reason, hostile, secure, "development")).toMatch(
        /^[\x20-\x7e]+\n[\x20-\x7e]+\n[\x20-\x7e]+$/,
      );
      expect(csrfHint(reason, view, secure, "development")).not.toContain("secret");
    }
  });
});
