// Ways to present a token that nobody asked for (SECURITY A4): each is anonymous with the default options.
import { text } from "node:stream/consumers";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { withSessions } from "../../src/adapters/fetch.ts";
import type { Sessions } from "../../src/core/manager-types.ts";
import { createSessions } from "../../src/create-sessions.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { countCalls, NativeClient, signedIn, TEST_ORIGIN, TestBrowser } from "../../src/testing/index.ts";
import { header } from "../../src/transports/header.ts";

const COOKIE = /^__Host-Http-sid=(.*)$/;

async function world() {
  const { store, counts } = countCalls(memoryStore());
  const sessions: Sessions<Record<string, unknown>> = createSessions({ store, origin: TEST_ORIGIN });
  const { cookie = "" } = await signedIn(sessions, "ada");
  const [, token = ""] = COOKIE.exec(cookie) ?? [];
  const handle = withSessions(sessions, async (request, session) => {
    await request.text();
    return new Response(`${session.userId}, ${(await sessions.explain(request)).code}`);
  });
  counts.reset();
  const ask = async (path: string, init: RequestInit = {}): Promise<string> => {
    const answer = await handle(new Request(new URL(path, TEST_ORIGIN), init));
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect([...answer.headers].flat().join()).not.toContain(token);
    return text(answer.body as ReadableStream<Uint8Array>);
  };
  return { ask, token, cookie, counts };
}

const form = (fields: Record<string, string>): RequestInit => ({
  method: "POST",
  body: new URLSearchParams(fields),
  headers: { "sec-fetch-site": "same-origin" },
});

describe("T1: a valid token is anonymous, and costs no store call, where it comes", () => {
  const ways: Readonly<Record<string, (token: string) => readonly [path: string, init?: RequestInit]>> = {
    "in the query": (token) => [`/?sid=${token}`],
    "in the query under the cookie's name": (token) => [`/?__Host-Http-sid=${token}`],
    "in the query as our own parameter": (token) => [`/?session=${token}`],
    "as a path parameter": (token) => [`/page;jsessionid=${token}`],
    "as a path segment": (token) => [`/(S(${token}))/page`],
    "in the user part of Referer": (token) => [
      "/",
      { headers: { referer: `https://${token}@app.example/` } },
    ],
    "in a form field": (token) => ["/", form({ sid: token, session: token, PHPSESSID: token })],
    "in a JSON body": (token) => [
      "/",
      { ...form({}), body: JSON.stringify({ sid: token, sessionId: token, __proto__: { sid: token } }) },
    ],
    "in X-Session-Id": (token) => ["/", { headers: { "x-session-id": token } }],
    "in Session-Token": (token) => ["/", { headers: { "session-token": token, "session-client": "header" } }],
    "as Authorization: Bearer": (token) => ["/", { headers: { authorization: `Bearer ${token}` } }],
    "as the bare Authorization": (token) => ["/", { headers: { authorization: token } }],
    "as the password of Basic": (token) => [
      "/",
      { headers: { authorization: `Basic ${btoa(`ada:${token}`)}` } },
    ],
    "in a cookie of another name": (token) => [
      "/",
      { headers: { cookie: `sid=${token}; session=${token}` } },
    ],
    "in Set-Cookie": (token) => ["/", { headers: { "set-cookie": `__Host-Http-sid=${token}` } }],
  };

  test.each(Object.entries(ways))("%s", async (_, way) => {
    const { ask, token, cookie, counts } = await world();
    expect(await ask(...way(token))).toBe("null, no-cookie");
    expect(counts.calls).toEqual({});
    expect(await ask("/", { headers: { cookie } })).toBe("ada, ok");
  });
});

describe("T5: tokens in headers, where they are asked for", () => {
  test("no token is in a log, an error, an event, an explanation or an inspected object", async () => {
    const sessions = createSessions({
      store: memoryStore(),
      origin: TEST_ORIGIN,
      transports: ["cookie", header()],
    });
    const phone = new NativeClient(sessions, { rotate: true });
    const printed: string[] = [];
    const tokens: string[] = [];
    const print = (...things: readonly unknown[]): void => {
      for (const thing of things)
        printed.push(inspect(thing, { depth: 9, showHidden: true, maxStringLength: null }));
    };
    for (const event of ["created", "ended"] as const) sessions.on(event, print);
    for (const act of ["login", "renew", "logout", "renew"] as const) {
      const { error } = await phone.visit(
        async (session, request) => {
          await (act === "login" ? session.login("ada") : session[act]());
          print(session, request, await sessions.explain(request), JSON.stringify(session));
          session.requireFresh("1ms");
        },
        { method: "POST" },
      );
      print(error);
      tokens.push(...phone.tokens.values());
    }
    expect(new Set(tokens).size).toBe(2);
    for (const token of tokens) expect(printed.join()).not.toContain(token.slice(22));
  });

  test("a script in a page with a cookie is handed nothing it can read, whatever it sends", async () => {
    const sessions = createSessions({
      store: memoryStore(),
      origin: TEST_ORIGIN,
      transports: [header(), "cookie"],
    });
    const ada = new TestBrowser(sessions);
    await ada.visit((session) => session.login("ada"), { method: "POST" });
    for (const authorization of [undefined, "Bearer x", `Bearer ${[...ada.jar.values()][0]}`]) {
      const headers = { "session-client": "header, rotate", ...(authorization && { authorization }) };
      const visited = await ada.visit((session) => session.renew(), { method: "POST", headers });
      expect(visited.headers.set).toEqual([]);
    }
  });
});
