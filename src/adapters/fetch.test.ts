import { afterEach, describe, expect, test, vi } from "vitest";
import { registerExchanges } from "../core/exchange.ts";
import type { Answer, Exchange, Exchanges, HeaderChanges } from "../core/exchange-contract.ts";
import type { Sessions } from "../core/manager-types.ts";
import { CsrfDeniedError, HandlerError, NotSignedInError, StoreUnavailableError } from "../errors.ts";
import { type AdapterOptions, withSessions } from "./fetch.ts";

const CHANGES: HeaderChanges = {
  cookies: ["sid=1", "anon=; Max-Age=0"],
  cacheControl: "no-store",
  vary: ["Cookie"],
  set: [],
};
const NOTHING: HeaderChanges = { cookies: [], cacheControl: undefined, vary: [], set: [] };
const OWED: HeaderChanges = { ...CHANGES, cookies: ["sid=owed"] };

interface World {
  changes: HeaderChanges;
  owesCookie: boolean;
  beginError: Error | null;
  commitError: Error | null;
  readonly answers: Answer[];
  readonly skipped: Set<object>;
}

type Handler = Parameters<typeof withSessions<object>>[1];

function prepared(handler: Handler, options?: AdapterOptions<Request, Response>, given: Partial<World> = {}) {
  const world: World = {
    changes: CHANGES,
    owesCookie: false,
    beginError: null,
    commitError: null,
    answers: [],
    skipped: new Set(),
    ...given,
  };
  const open = new WeakMap<object, Exchange>();
  const exchanges: Exchanges = {
    mode: "production",
    find: (request) => open.get(request),
    all: () => [],
    skip: (request) => void world.skipped.add(request),
    alias() {},
    open(request) {
      const exchange: Exchange = {
        session: { of: request },
        rules: { csrfExempt: null, lazy: false },
        concerns: () => false,
        asksForHsts: false,
        get owesCookie() {
          return world.owesCookie;
        },
        async begin() {
          if (world.beginError) throw world.beginError;
        },
        unexempt() {},
        judgeBody() {},
        finish(answer) {
          world.answers.push(answer);
          if (world.commitError) throw world.commitError;
          return world.changes;
        },
        refuse: () => (world.owesCookie ? OWED : { ...OWED, cookies: [] }),
      };
      open.set(request, exchange);
      return exchange;
    },
  };
  const sessions = {} as Sessions<object>;
  registerExchanges(sessions, exchanges);
  return { world, handle: withSessions(sessions, handler, options), sessions };
}

const get = (): Request => new Request("https://app.example/cart");

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a response", () => {
  test.each([
    ["a plain one", () => new Response("hello"), 200, "hello"],
    ["JSON", () => Response.json({ a: 1 }), 200, '{"a":1}'],
    ["a redirect, whose headers are immutable", () => Response.redirect("https://app.example/x"), 302, ""],
    ["no content", () => new Response(null, { status: 204 }), 204, ""],
    ["not modified", () => new Response(null, { status: 304, headers: { etag: '"1"' } }), 304, ""],
    ["one made by fetch", () => fetch("data:text/plain,hello"), 200, "hello"],
  ])("gets our headers: %s", async (_name, make, status, body) => {
    const { handle } = prepared(async () => {
      const response = await make();
      return response;
    });
    const response = await handle(get());
    expect(response.status).toBe(status);
    expect(response.headers.getSetCookie()).toEqual(CHANGES.cookies);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("vary")).toBe("Cookie");
    expect(await response.text()).toBe(body);
  });

  test("keeps the application's cookies, status text and headers", async () => {
    const headers = new Headers([
      ["x-own", "1"],
      ["vary", "Accept"],
    ]);
    for (const cookie of ["a=1", "b=2; Expires=Wed, 21 Oct 2030 07:28:00 GMT"])
      headers.append("set-cookie", cookie);
    const { handle } = prepared(() => new Response("x", { status: 201, statusText: "Made", headers }));
    const response = await handle(get());
    expect([response.status, response.statusText, response.headers.get("x-own")]).toEqual([201, "Made", "1"]);
    expect(response.headers.get("vary")).toBe("Accept, Cookie");
    expect(response.headers.getSetCookie()).toEqual([
      "a=1",
      "b=2; Expires=Wed, 21 Oct 2030 07:28:00 GMT",
      ...CHANGES.cookies,
    ]);
  });

  test("is passed on as it is when there is nothing to say", async () => {
    const own = new Response("x");
    const { handle } = prepared(() => own, {}, { changes: NOTHING });
    expect(await handle(get())).toBe(own);
  });

  test("that an application returns to everybody never carries one visitor's cookie to the next", async () => {
    const shared = new Response(null, { status: 204 });
    const { handle, world } = prepared(() => shared);
    expect((await handle(get())).headers.getSetCookie()).toHaveLength(2);
    world.changes = NOTHING;
    expect((await handle(get())).headers.getSetCookie()).toEqual([]);
  });

  test("that streams is returned before its body is read", async () => {
    const pulled = vi.fn();
    const body = new ReadableStream(
      {
        pull(controller) {
          pulled();
          controller.enqueue(new TextEncoder().encode("x"));
          controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    const { handle, world } = prepared(() => new Response(body));
    const response = await handle(get());
    expect(world.answers).toHaveLength(1);
    expect(pulled).not.toHaveBeenCalled();
    expect(await response.text()).toBe("x");
  });

  test("that is thrown counts as returned", async () => {
    const { handle, world } = prepared(() => {
      const redirect: unknown = Response.redirect("https://app.example/there", 303);
      throw redirect;
    });
    const response = await handle(get());
    expect([response.status, response.headers.get("location")]).toEqual([303, "https://app.example/there"]);
    expect(response.headers.getSetCookie()).toEqual(CHANGES.cookies);
    expect(world.answers).toEqual([{ status: 303, cacheControl: undefined }]);
  });

  test("that is Response.error() stores nothing, and becomes a 500 where a cookie must go out", async () => {
    const { handle, world } = prepared(() => Response.error(), {}, { changes: NOTHING });
    expect((await handle(get())).type).toBe("error");
    expect(world.answers).toEqual([{ status: 500, cacheControl: undefined }]);
    world.changes = CHANGES;
    const response = await handle(get());
    expect([response.status, response.headers.getSetCookie()]).toEqual([500, CHANGES.cookies]);
  });
});

describe("a failure", () => {
  test("before the handler is answered without running it", async () => {
    const handler = vi.fn(() => new Response("x"));
    const { handle } = prepared(handler, {}, { beginError: new CsrfDeniedError("cross_origin", "hint") });
    const response = await handle(get());
    expect([response.status, handler.mock.calls.length]).toEqual([403, 0]);
    expect(response.headers.get("vary")).toBe("Sec-Fetch-Site, Origin, Cookie, Accept");
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("of the commit replaces the response and frees its body", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const cancel = vi.fn();
    const { handle } = prepared(
      () => new Response(new ReadableStream({ cancel }), { headers: { "set-cookie": "own=1" } }),
      {},
      { commitError: new StoreUnavailableError("save", "timeout", "test") },
    );
    const response = await handle(get());
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  test("of ours that the handler throws is answered by its status, which commits as any answer of it", async () => {
    const { handle, world } = prepared(() => {
      throw new NotSignedInError();
    });
    const response = await handle(get());
    expect(response.status).toBe(401);
    expect(world.answers).toEqual([{ status: 401, cacheControl: "no-store" }]);
  });

  test("of another kind goes on to the caller, with nothing committed", async () => {
    const { handle, world } = prepared(() => {
      throw new Error("boom");
    });
    await expect(handle(get())).rejects.toThrow("boom");
    expect(world.answers).toEqual([]);
  });

  test("of another kind is answered where a cookie is owed, and reported", async () => {
    const report = vi.spyOn(console, "error").mockImplementation(() => {});
    const thrown = new Error("boom");
    const handler = (): never => {
      throw thrown;
    };
    const { handle } = prepared(handler, {}, { owesCookie: true });
    const response = await handle(get());
    expect([response.status, response.headers.getSetCookie()]).toEqual([500, ["sid=owed"]]);
    expect(report.mock.calls).toEqual([[thrown]]);
    const onFailure = vi.fn(
      () => new Response("ours", { status: 500, headers: { "cache-control": "public" } }),
    );
    const own = await prepared(handler, { onFailure }, { owesCookie: true }).handle(get());
    expect([await own.text(), own.headers.get("cache-control"), own.headers.getSetCookie()]).toEqual([
      "ours",
      "no-store",
      ["sid=owed"],
    ]);
    expect(onFailure).toHaveBeenCalledWith(expect.any(HandlerError), expect.any(Request));
  });
});

test("further arguments of the runtime are passed on", async () => {
  const { sessions } = prepared(() => new Response());
  const handle = withSessions(sessions, (_request, _session, env: { name: string }, count: number) =>
    Response.json([env.name, count]),
  );
  expect(await (await handle(get(), { name: "worker" }, 2)).json()).toEqual(["worker", 2]);
});

test("a skipped request is handed a session that refuses every use", async () => {
  const { handle, world } = prepared(
    (_request, session) => {
      expect(() => session.id).toThrow(expect.objectContaining({ code: "SESSION_SKIPPED" }));
      return new Response("ok");
    },
    { skip: (request) => request.url.endsWith("/cart") },
  );
  const request = get();
  const response = await handle(request);
  expect([await response.text(), response.headers.getSetCookie(), world.answers]).toEqual(["ok", [], []]);
  expect(world.skipped.has(request)).toBe(true);
});

test("a second wrapper of the same sessions steps aside", async () => {
  const { sessions, world } = prepared(() => new Response());
  const inner = withSessions(sessions, (_request, session) => Response.json(session));
  const outer = withSessions(sessions, (request) => inner(request));
  await outer(get());
  expect(world.answers).toHaveLength(1);
});
