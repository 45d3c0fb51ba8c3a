import { describe, expect, test } from "vitest";
import {
  CsrfDeniedError,
  HandlerError,
  InsecureTransportError,
  LevelTooLowError,
  NotSignedInError,
  SessionEndedError,
  type SojournError,
  StaleLoginError,
  StoreUnavailableError,
} from "../errors.ts";
import { type DefaultAnswer, defaultAnswer } from "./failure.ts";
import type { Mount } from "./options.ts";

interface Given {
  readonly error: SojournError;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signInPath?: string;
  readonly mode?: "production" | "development";
}

const BROWSER = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

function answerTo({
  error,
  method = "GET",
  path = "/cart?x=1",
  headers = {},
  signInPath,
  mode,
}: Given): DefaultAnswer {
  const view = {
    method,
    header: (name: string) => headers[name],
    encrypted: true,
    peer: undefined,
    host: undefined,
    upgrade: false,
  };
  const mount = { exchanges: { mode: mode ?? "production" }, signInPath } as unknown as Mount<never, never>;
  return defaultAnswer(error, { view, path }, mount);
}

describe("the default answer to a failure", () => {
  test("is JSON for API clients and a page for browsers", () => {
    const error = new StoreUnavailableError("load", "timeout", "redis");
    expect(answerTo({ error })).toEqual({
      status: 503,
      headers: { "content-type": "application/json; charset=utf-8", "x-content-type-options": "nosniff" },
      body: '{"error":{"code":"STORE_UNAVAILABLE","message":"The service is unavailable for a moment. Try again soon."}}',
    });
    const page = answerTo({ error, headers: BROWSER });
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(page.body).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page.body).toContain("<title>Back in a moment</title>");
    expect(page.body).toContain("<main>\n<h1>Back in a moment</h1>");
  });

  test("tells nothing of what is inside in production, and all of it in development", () => {
    for (const error of [
      new StoreUnavailableError("load", "timeout", "redis-7.internal"),
      new HandlerError(new Error("secret-detail")),
      new InsecureTransportError("plain http from 10.1.2.3"),
      new CsrfDeniedError("cross_origin", "three lines for developers"),
    ]) {
      const told = answerTo({ error }).body + answerTo({ error, headers: BROWSER }).body;
      expect(told).not.toMatch(/redis|secret-detail|10\.1\.2\.3|INSECURE|developers/);
      expect(JSON.parse(answerTo({ error, mode: "development" }).body).error).toMatchObject({
        code: error.code,
        message: error.message,
      });
    }
  });

  test("names the rule that refused a cross-site request", () => {
    const error = new CsrfDeniedError("cross_origin", "one\ntwo\nthree");
    expect(JSON.parse(answerTo({ error }).body).error).toEqual({
      code: "CSRF_DENIED",
      message: "This request was refused.",
      reason: "cross_origin",
    });
  });

  test("is the same 401 whatever became of the session, in either mode", () => {
    for (const mode of ["production", "development"] as const) {
      const answers = [
        new NotSignedInError(),
        ...(["idle", "absolute", "revoked", "logged-out", "unknown", "limit", "theft", "risk"] as const).map(
          (reason) => new SessionEndedError(reason),
        ),
      ].map((error) =>
        JSON.stringify([answerTo({ error, mode }), answerTo({ error, mode, headers: BROWSER })]),
      );
      expect(new Set(answers).size).toBe(1);
    }
    expect(JSON.parse(answerTo({ error: new StaleLoginError(1) }).body).error.code).toBe("STALE_LOGIN");
  });

  test("says how strong a login has to be, and nothing of the one there is, in either mode", () => {
    for (const mode of ["production", "development"] as const) {
      const answers = [0, 1].map((actual) => answerTo({ error: new LevelTooLowError(2, actual), mode }));
      expect(answers[0]).toEqual(answers[1]);
      expect([answers[0]?.status, JSON.parse(answers[0]?.body ?? "").error]).toEqual([
        401,
        { code: "LEVEL_TOO_LOW", message: "Sign in to continue.", level: 2 },
      ]);
    }
  });

  test("escapes what it shows", () => {
    const error = new CsrfDeniedError("wrong_origin", `<script>"'&`);
    const page = answerTo({ error, mode: "development", headers: BROWSER }).body;
    expect(page).toContain("&lt;script&gt;&quot;&#39;&amp;");
  });
});

describe("signInPath", () => {
  const error = new NotSignedInError();

  test("takes a page view to the sign-in page, with the way back", () => {
    expect(answerTo({ error, headers: BROWSER, signInPath: "/login" })).toEqual({
      status: 303,
      headers: { location: "/login?next=%2Fcart%3Fx%3D1" },
      body: "",
    });
    const toHead = answerTo({ error, headers: BROWSER, signInPath: "/login?a=1", method: "HEAD" });
    expect(toHead.headers).toEqual({ location: "/login?a=1&next=%2Fcart%3Fx%3D1" });
  });

  test("is told the level where a stronger login is asked for", () => {
    const stronger = { error: new LevelTooLowError(2, 1), headers: BROWSER };
    expect(answerTo({ ...stronger, signInPath: "/login" }).headers).toEqual({
      location: "/login?next=%2Fcart%3Fx%3D1&level=2",
    });
    expect(answerTo({ ...stronger, signInPath: "/login?a=1", path: "*" }).headers).toEqual({
      location: "/login?a=1&level=2",
    });
  });

  test.each([
    ["another host", "//evil.example/x"],
    ["another host, by backslash", "/\\evil.example"],
    ["another host, by a tab that browsers drop", "/\t/evil.example"],
    ["an absolute URL", "https://evil.example/"],
    ["raw bytes", "/caf\u00e9"],
    ["no path", "*"],
    ["a path too long", `/${"x".repeat(2001)}`],
  ])("leaves out a way back to %s", (_name, path) => {
    const answer = answerTo({ error, headers: BROWSER, signInPath: "/login", path });
    expect(answer.headers).toEqual({ location: "/login" });
  });

  test("links to the sign-in page where a redirect would lose the request", () => {
    const { status, body } = answerTo({ error, headers: BROWSER, signInPath: "/login", method: "POST" });
    expect([status, body.includes('<a href="/login">')]).toEqual([401, true]);
  });

  test("does not redirect API clients, scripts' requests, or other failures", () => {
    const given = { headers: BROWSER, signInPath: "/login" };
    expect(answerTo({ error, signInPath: "/login" }).status).toBe(401);
    expect(answerTo({ error, ...given, headers: { ...BROWSER, "sec-fetch-mode": "cors" } }).status).toBe(401);
    expect(answerTo({ ...given, error: new CsrfDeniedError("cross_origin", "") }).status).toBe(403);
    expect(answerTo({ ...given, error: new SessionEndedError("replaced") }).status).toBe(409);
  });

  test("never redirects the sign-in page to itself", () => {
    const { status, body } = answerTo({
      error,
      headers: BROWSER,
      signInPath: "/login",
      path: "/login?next=%2F",
    });
    expect([status, body.includes("<a ")]).toEqual([401, false]);
  });
});
