import { createAdaptorServer } from "@hono/node-server";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { compress } from "hono/compress";
import { cors } from "hono/cors";
import { csrf } from "hono/csrf";
import { etag } from "hono/etag";
import { HTTPException } from "hono/http-exception";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { stream, streamSSE, streamText } from "hono/streaming";
import { timeout } from "hono/timeout";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Sessions } from "../core/manager-types.ts";
import { createSessions } from "../create-sessions.ts";
import { memoryStore } from "../stores/memory.ts";
import { gate } from "../testing/browser.ts";
import { signedIn } from "../testing/signed-in.ts";
import { honoSessions, type SessionEnv } from "./hono.ts";

type Data = Partial<{ item: string }>;
type Env = SessionEnv<Sessions<Data>>;

// From then on Response is that of Node's server, as in an application: it makes headers and body when they are asked for.
const native = Response;
beforeAll(() => {
  createAdaptorServer({ fetch: () => new Response() });
});

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

function prepared(
  options: Parameters<typeof honoSessions>[1] = {},
  before: readonly MiddlewareHandler[] = [],
) {
  const sessions = createSessions<{ item: string }>({ store: memoryStore(), origin: "https://app.example" });
  cleanUps.push(() => sessions.close());
  const app = new Hono<Env>();
  for (const one of before) app.use(one);
  app.use(honoSessions(sessions, options as object));
  return { sessions, app };
}

const at = (path: string): string => `https://app.example${path}`;
const POST = { method: "POST", headers: { "sec-fetch-site": "same-origin" } };
const nameOf = (line = ""): string => line.slice(0, line.indexOf("="));

type Handler = (c: Context<Env>) => Response | Promise<Response>;

const ANSWERS: readonly (readonly [string, Handler, number, string])[] = [
  ["text", (c) => c.text("hello"), 200, "hello"],
  ["text with a status of its own", (c) => c.text("hello", 201), 201, "hello"],
  ["JSON", (c) => c.json({ a: 1 }), 200, '{"a":1}'],
  ["HTML", (c) => c.html("<p>hello"), 200, "<p>hello"],
  ["HTML that is waited for", (c) => c.html(Promise.resolve("<p>hello")), 200, "<p>hello"],
  ["bytes", (c) => c.body(new Uint8Array([104, 105])), 200, "hi"],
  ["a buffer", (c) => c.body(new TextEncoder().encode("hi").buffer), 200, "hi"],
  ["nothing", (c) => c.body(null, 204), 204, ""],
  ["a redirect", (c) => c.redirect("/x", 303), 303, ""],
  ["not found", (c) => c.notFound(), 404, "404 Not Found"],
  ["a Response", () => new Response("hello"), 200, "hello"],
  ["JSON of the platform", () => Response.json("hello"), 200, '"hello"'],
  ["a redirect of the platform, which is immutable", () => native.redirect(at("/x")), 302, ""],
  ["what fetch answered", () => fetch("data:text/plain,hello"), 200, "hello"],
  ["a stream", (c) => stream(c, async (out) => void (await out.write("hello"))), 200, "hello"],
  ["a stream of text", (c) => streamText(c, async (out) => void (await out.write("hello"))), 200, "hello"],
  ["events", (c) => streamSSE(c, (out) => out.writeSSE({ data: "hello" })), 200, "data: hello\n\n"],
  [
    "a thrown exception",
    () => {
      throw new HTTPException(418, { message: "hello" });
    },
    418,
    "hello",
  ],
  [
    "an exception with a Response",
    () => {
      throw new HTTPException(418, { res: new Response("hello") });
    },
    418,
    "hello",
  ],
  [
    "a thrown Response",
    () => {
      throw new Response("hello", { status: 418 }); // oxlint-disable-line typescript/only-throw-error -- as loaders do
    },
    418,
    "hello",
  ],
];

describe.each(ANSWERS)("an answer that is %s", (_name, answer, status, body) => {
  test("brings the cookie of what was written, which is stored by then, beside the application's own", async () => {
    const { app } = prepared();
    app.post("/", (c) => {
      c.var.session.set("item", "tea");
      return answer(c);
    });
    app.get("/item", (c) => c.text(String(c.var.session.get("item"))));
    const response = await app.request(at("/"), POST);
    const lines = response.headers.getSetCookie();
    expect([response.status, lines.map(nameOf)]).toEqual([status, ["__Host-Http-anon"]]);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const headers = { cookie: lines[0]?.split(";")[0] ?? "" };
    expect(await (await app.request(at("/item"), { headers })).text()).toBe("tea");
    expect(await response.text()).toBe(body);
  });

  test("tells caches that it depends on the session it read", async () => {
    const { sessions, app } = prepared();
    app.get("/", (c) => {
      c.var.session.requireUser();
      return answer(c);
    });
    const { cookie = "" } = await signedIn(sessions, "ada");
    const response = await app.request(at("/"), { headers: { cookie } });
    const told = ["cache-control", "vary", "set-cookie"].map((name) => response.headers.get(name));
    expect([response.status, ...told]).toEqual([
      status,
      expect.stringMatching(/^private|no-cache/),
      "Cookie",
      null,
    ]);
    expect(await response.text()).toBe(body);
  });
});

test("a Response that everybody is given never carries anybody's cookie", async () => {
  const shared = new Response(null, { status: 204 });
  const { app } = prepared();
  app.post("/", (c) => {
    c.var.session.set("item", "tea");
    return shared;
  });
  const first = await app.request(at("/"), POST);
  const second = await app.request(at("/"), POST);
  const all = [first, second].map(({ headers }) => headers.getSetCookie());
  expect(all.map(({ length }) => length)).toEqual([1, 1]);
  expect(all[0]).not.toEqual(all[1]);
  expect(shared.headers.getSetCookie()).toEqual([]);
});

test("an answer is not copied for what it tells caches, and is left as it is where it tells nothing", async () => {
  const own = [new Response("hello"), new Response("hello")] as const;
  const { app } = prepared();
  app.get("/plain", () => own[0]);
  app.get("/read", (c) => (c.var.session.isNew ? own[1] : c.text("never")));
  expect(await app.request(at("/plain"))).toBe(own[0]);
  expect(await app.request(at("/read"))).toBe(own[1]);
  const told = own.map(({ headers }) => [headers.get("cache-control"), headers.get("vary")]);
  expect(told).toEqual([
    [null, null],
    ["private, no-cache", "Cookie"],
  ]);
});

test("a write behind the headers fails loudly, in a stream as behind the answer", async () => {
  const { app } = prepared();
  const [left, failed] = [gate(), gate()];
  let late: unknown;
  app.get("/", (c) => {
    const { session } = c.var;
    const writing = async () => {
      await left.passed;
      session.set("item", "late");
    };
    return stream(c, writing, async (error) => {
      late = error;
      failed.open();
    });
  });
  const response = await app.request(at("/"));
  left.open();
  await Promise.all([response.text(), failed.passed]);
  expect(late).toMatchObject({ code: "HEADERS_SENT" });
});

describe("other middleware", () => {
  const login: Handler = async (c) => {
    await c.var.session.login("ada");
    return c.json({ text: "x".repeat(2000) });
  };
  const replacing: MiddlewareHandler = async (c, next) => {
    await next();
    c.res = new Response("other", { status: 201 });
  };
  const touching: MiddlewareHandler = async (c, next) => {
    c.res.headers.set("x-early", "1");
    c.header("set-cookie", "own=1", { append: true });
    await next();
  };

  test.each<[string, MiddlewareHandler]>([
    ["cors", cors({ origin: "https://app.example", credentials: true })],
    ["secureHeaders", secureHeaders()],
    ["csrf", csrf({ origin: "https://app.example" })],
    ["compress", compress()],
    ["etag", etag()],
    ["timeout", timeout(60_000)],
    ["one that replaces the answer", replacing],
    ["one that touched it before", touching],
  ])("keeps the cookie of a login, around and within: %s", async (_name, other) => {
    const around = prepared({}, [other]).app;
    const within = prepared().app;
    within.use(other);
    for (const app of [around, within]) {
      app.post("/", login);
      const headers = { ...POST.headers, origin: "https://app.example", "accept-encoding": "gzip" };
      const answer = await app.request(at("/"), { ...POST, headers });
      const names = answer.headers.getSetCookie().map(nameOf);
      expect(names).toContain("__Host-Http-sid");
      expect([answer.status < 300, names.includes("own")]).toEqual([true, other === touching]);
    }
  });

  test("around it speaks for the server as a whole in our failure answers too", async () => {
    const { app } = prepared({}, [
      cors({ origin: "https://app.example", credentials: true }),
      secureHeaders(),
      requestId(),
      touching,
    ]);
    app.get("/", (c) => c.text(c.var.session.requireUser()));
    const headers = { origin: "https://app.example", cookie: `__Host-Http-sid=${"A".repeat(64)}` };
    const refused = await app.request(at("/"), {
      method: "POST",
      headers: { ...headers, "sec-fetch-site": "cross-site", origin: "https://evil.example" },
    });
    const unsigned = await app.request(at("/"), { headers });
    expect([refused.status, unsigned.status]).toEqual([403, 401]);
    for (const answer of [refused, unsigned]) {
      expect(answer.headers.get("x-frame-options")).toBe("SAMEORIGIN");
      expect(answer.headers.get("x-request-id")).toMatch(/^[\w-]{36}$/);
      expect(answer.headers.getSetCookie()).toEqual([]);
      expect(answer.headers.get("x-early")).toBeNull();
      expect(answer.headers.get("vary")).toMatch(/Origin/);
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(await answer.json()).toHaveProperty("error.code");
    }
    expect(unsigned.headers.get("access-control-allow-origin")).toBe("https://app.example");
  });
});
