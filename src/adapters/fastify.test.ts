import { createServer, type IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable, Writable } from "node:stream";
import fastifyCookie from "@fastify/cookie";
import formbody from "@fastify/formbody";
import fastifySession from "@fastify/session";
import Fastify, { type FastifyInstance, type FastifyServerOptions } from "fastify";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Sessions } from "../core/manager-types.ts";
import { createSessions } from "../create-sessions.ts";
import { memoryStore } from "../stores/memory.ts";
import { type Client, headerLines, headerOf } from "../testing/adapter-contract/client.ts";
import { http1Client } from "../testing/adapter-contract/http1-client.ts";
import { withFaults } from "../testing/faulty-store.ts";
import { signedIn } from "../testing/signed-in.ts";
import { expressSessions } from "./express.ts";
import { fastifySessions } from "./fastify.ts";
import { withSessions } from "./node.ts";

type Data = { item: string };
type Lines = readonly (readonly [string, string])[];

const ORIGIN = "https://app.example";
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  vi.restoreAllMocks();
});

function manager(name = "sid"): Sessions<Partial<Data>> {
  const sessions = createSessions<Data>({ store: memoryStore(), origin: ORIGIN, cookie: { name } });
  cleanUps.push(() => sessions.close());
  return sessions;
}

function prepared(options: FastifyServerOptions = {}): {
  sessions: Sessions<Partial<Data>>;
  app: FastifyInstance;
} {
  const app = Fastify(options);
  cleanUps.push(() => app.close());
  return { sessions: manager(), app };
}

async function serve(app: FastifyInstance): Promise<Client> {
  await app.listen({ port: 0, host: "127.0.0.1" });
  return http1Client({ port: (app.server.address() as AddressInfo).port });
}

async function headersOf(sessions: Sessions<Partial<Data>>, ...more: Lines): Promise<Lines> {
  const { cookie = "" } = await signedIn(sessions, "ada");
  return [["cookie", cookie], ...more];
}

const propertyOf = (request: object): unknown => Reflect.get(request, "session");

const OWN_PAGE = ["sec-fetch-site", "same-origin"] as const;
const ELSEWHERE = ["sec-fetch-site", "cross-site"] as const;
/** From our own page in a browser without Fetch Metadata: a token has to decide. */
const OLD_BROWSER = ["origin", ORIGIN] as const;
const FORM = ["content-type", "application/x-www-form-urlencoded"] as const;

describe("where it serves", () => {
  test("on the instance it is registered on, under a name of its own, and in nothing beside", async () => {
    const { sessions, app } = prepared();
    const codeOf = async (request: object) => ({ code: (await sessions.explain(request)).code });
    await app.register(async (inner) => {
      await inner.register(fastifySessions(sessions));
      expect([inner.hasPlugin("sojourn"), inner.pluginName]).toEqual([
        true,
        expect.stringContaining("sojourn"),
      ]);
      inner.get("/inside", codeOf);
      await inner.register(async (below) => void below.get("/below", codeOf));
    });
    app.get("/beside", codeOf);
    for (const [url, code] of [
      ["/inside", "no-cookie"],
      ["/below", "no-cookie"],
      ["/beside", "no-adapter"],
    ] as const)
      expect((await app.inject(url)).json(), url).toEqual({ code });
  });

  test("the session is there from the next hook on, by each name of the request", async () => {
    const { sessions, app } = prepared();
    const seen: unknown[] = [];
    await app.register(fastifySessions(sessions));
    for (const hook of ["onRequest", "preValidation", "preHandler", "onResponse"] as const)
      app.addHook(hook, async (request) => {
        const session = sessions.of(request);
        seen.push([
          hook,
          session.userId,
          session === sessions.of(request.raw),
          session === propertyOf(request),
        ]);
      });
    app.get("/", async () => "hello");
    const headers = Object.fromEntries(await headersOf(sessions));
    expect((await app.inject({ url: "/", headers })).body).toBe("hello");
    expect(seen).toEqual(
      ["onRequest", "preValidation", "preHandler", "onResponse"].map((hook) => [hook, "ada", true, true]),
    );
  });

  test("a handler that is not found and one that gives way have the session too, HEAD as well", async () => {
    const { sessions, app } = prepared();
    await app.register(fastifySessions(sessions));
    app.setNotFoundHandler(async (request, reply) => {
      sessions.of(request).set("item", "lost");
      return reply.code(404).send("nothing here");
    });
    app.get("/away", (_request, reply) => {
      reply.callNotFound();
    });
    app.get("/page", async (request) => {
      sessions.of(request).set("item", "tea");
      return "page";
    });
    const client = await serve(app);
    for (const path of ["/nowhere", "/away"]) {
      const answer = await client.send({ path });
      expect([answer.status, answer.body, headerLines(answer, "set-cookie").length], path).toEqual([
        404,
        "nothing here",
        1,
      ]);
    }
    const head = await client.send({ path: "/page", method: "HEAD" });
    expect([head.status, head.body, headerLines(head, "set-cookie").length]).toEqual([200, "", 1]);
  });

  test("of two managers request.session is the first one's, also where that one skips the request", async () => {
    const { sessions, app } = prepared();
    const staff = manager("staff");
    await app.register(fastifySessions(sessions, { skip: ({ url }) => url === "/skipped" }));
    await app.register(fastifySessions(staff));
    app.get("/", async (request) => (propertyOf(request) === sessions.of(request) ? "first" : "second"));
    app.get("/skipped", async (request) => String(propertyOf(request)));
    vi.spyOn(console, "error").mockImplementation(() => {});
    expect((await app.inject("/")).body).toBe("first");
    expect((await app.inject("/skipped")).json()).toMatchObject({ error: { code: "SESSION_SKIPPED" } });
  });
});

describe("within another adapter", () => {
  const ways: Record<string, (outer: Sessions<Partial<Data>>) => FastifyInstance> = {
    "in front of the server": (outer) =>
      Fastify({ serverFactory: (handler) => createServer(withSessions(outer, handler)) }),
    "in a hook": (outer) => {
      const app = Fastify();
      const middleware = expressSessions<IncomingMessage>(outer);
      app.addHook("onRequest", ({ raw }, reply, done) => middleware(raw, reply.raw, done as () => void));
      return app;
    },
  };

  test.each(Object.keys(ways))("%s, each manager finds, stores and tells its own", async (where) => {
    for (const isSame of [true, false]) {
      const sessions = manager();
      const outer = isSame ? sessions : manager("outer");
      const app = ways[where]?.(outer) ?? Fastify();
      cleanUps.push(() => app.close());
      await app.register(fastifySessions(sessions, { signInPath: "/login" }));
      app.get("/private", async (request) => sessions.of(request).requireUser());
      app.get("/write", async (request) => {
        sessions.of(request).set("item", "tea");
        outer.of(request.raw).set("item", "tea");
        return "stored";
      });
      const client = await serve(app);
      const stored = await client.send({ path: "/write" });
      expect([stored.body, headerLines(stored, "set-cookie").length]).toEqual(["stored", isSame ? 1 : 2]);
      const refused = await client.send({ path: "/private", headers: [["accept", "text/html"]] });
      expect(refused.status).toBe(isSame ? 401 : 303); // of one manager the outer mount counts
    }
  });
});

describe("at the start it refuses", () => {
  test("options that it does not know", () => {
    expect(() => fastifySessions(manager(), { lasy: true } as object)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION" }),
    );
  });

  test("a route whose exemption says no reason", async () => {
    const { sessions, app } = prepared();
    await app.register(fastifySessions(sessions));
    expect(() => app.post("/hook", { config: { csrf: { exempt: " " } } }, async () => "taken")).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringContaining("csrf") }),
    );
  });

  test("to stand beside @fastify/session, in either order, and stands in a plugin beside it", async () => {
    const theirs = { secret: "x".repeat(32) };
    const behind = prepared();
    await behind.app.register(fastifyCookie).register(fastifySession, theirs);
    await expect(behind.app.register(fastifySessions(behind.sessions))).rejects.toThrow(
      /request\.session is there already.*@fastify\/session/,
    );
    const before = prepared();
    await before.app.register(fastifyCookie).register(fastifySessions(before.sessions));
    expect(() => before.app.decorateRequest("session")).toThrow(/'session' has already been added/);
    const apart = prepared();
    await apart.app.register(async (old) => {
      await old.register(fastifyCookie).register(fastifySession, theirs);
    });
    await apart.app.register(async (ours) => {
      await ours.register(fastifySessions(apart.sessions));
    });
    await apart.app.ready();
  });
});

describe("the cross-site check", () => {
  test("lets an exempt route take requests from anywhere, under a second mount as well, and no other route", async () => {
    const { sessions, app } = prepared();
    await app.register(fastifySessions(sessions));
    const who = async (request: object): Promise<string> => String(sessions.of(request).userId);
    app.post("/hook", { config: { csrf: { exempt: "signed by the sender" } } }, who);
    app.post("/open", { config: { csrf: false } }, who);
    app.post("/form", who);
    await app.register(async (inner) => {
      await inner.register(fastifySessions(sessions));
      inner.post("/inner/hook", { config: { csrf: { exempt: "signed by the sender" } } }, who);
      inner.post("/inner/form", who);
    });
    const client = await serve(app);
    const headers = await headersOf(sessions, ELSEWHERE);
    for (const path of ["/hook", "/open", "/inner/hook"])
      expect((await client.send({ method: "POST", path, headers })).body, path).toBe("ada");
    for (const path of ["/form", "/inner/form", "/hook/../form", "/hook/x", "/nowhere"])
      expect((await client.send({ method: "POST", path, headers })).status, path).toBe(403);
  });

  test("a mount below an exempt one judges what that one let pass", async () => {
    const { sessions, app } = prepared();
    await app.register(fastifySessions(sessions, { csrf: { exempt: "an interface for machines" } }));
    app.post("/machines", async () => "done");
    await app.register(async (inner) => {
      await inner.register(fastifySessions(sessions));
      inner.post("/people", async () => "done");
    });
    const client = await serve(app);
    const headers = await headersOf(sessions, ELSEWHERE);
    expect((await client.send({ method: "POST", path: "/machines", headers })).status).toBe(200);
    expect((await client.send({ method: "POST", path: "/people", headers })).status).toBe(403);
  });

  test("waits for a token in the body, form or JSON, while hooks read the session", async () => {
    const { sessions, app } = prepared();
    const seen: unknown[] = [];
    await app.register(formbody);
    await app.register(fastifySessions(sessions));
    app.addHook("onRequest", async (request) => void seen.push(sessions.of(request).userId));
    app.get("/token", async (request) => sessions.of(request).csrfToken());
    app.post("/act", { preValidation: async () => void seen.push("judged") }, async () => "done");
    const client = await serve(app);
    const headers = await headersOf(sessions, OLD_BROWSER);
    const { body: token } = await client.send({ path: "/token", headers });
    const post = (type: readonly [string, string], body: string) =>
      client.send({ method: "POST", path: "/act", headers: [...headers, type], body });
    const JSON_TYPE = ["content-type", "application/json"] as const;
    seen.length = 0;
    expect((await post(FORM, `_csrf=${token}`)).body).toBe("done");
    expect((await post(JSON_TYPE, JSON.stringify({ _csrf: token }))).body).toBe("done");
    expect(seen).toEqual(["ada", "judged", "ada", "judged"]);
    expect((await post(FORM, "_csrf=guess")).status).toBe(403);
    expect((await post(JSON_TYPE, "[]")).status).toBe(403);
    expect(seen).toEqual(["ada", "judged", "ada", "judged", "ada", "ada"]);
  });

  test("stores nothing that a hook wrote before it was decided", async () => {
    const { sessions, app } = prepared();
    await app.register(fastifySessions(sessions));
    app.addHook("onRequest", async (request, reply) => {
      const session = sessions.of(request);
      if (request.url === "/out") await session.logout();
      session.set("item", "tea");
      if (request.url === "/early") return reply.redirect("/");
    });
    app.post("/out", async () => "done");
    app.post("/early", async () => "done");
    const client = await serve(app);
    const headers = await headersOf(sessions, OLD_BROWSER);
    for (const path of ["/out", "/early"])
      expect((await client.send({ method: "POST", path, headers })).status, path).toBe(403);
    expect(await sessions.list("ada")).toHaveLength(1);
  });

  test("judges an upgrade before its route, which takes the connection over", async () => {
    const { sessions, app } = prepared();
    await app.register(fastifySessions(sessions));
    app.get("/socket", async (request, reply) => {
      reply.hijack();
      request.raw.socket.end(`HTTP/1.1 101 Switching Protocols\r\n\r\n${sessions.of(request).userId}`);
    });
    app.server.on("upgrade", (request, socket) => {
      cleanUps.push(() => socket.destroy());
      const response = new ServerResponse(request); // as @fastify/websocket does it
      response.assignSocket(socket as never);
      app.routing(request, response);
    });
    const client = await serve(app);
    const upgrade = async (origin: string) =>
      client.start({
        path: "/socket",
        headers: await headersOf(
          sessions,
          ["connection", "upgrade"],
          ["upgrade", "websocket"],
          ["origin", origin],
        ),
      });
    const forged = await upgrade("https://evil.example");
    expect((await forged.head).status).toBe(403);
    const taken = await upgrade(ORIGIN);
    expect([(await taken.head).status, await taken.next()]).toEqual([101, "ada"]);
  });
});

describe("what is sent", () => {
  test("past Fastify is held back as well: hijacked replies and Node's own response", async () => {
    const { sessions, app } = prepared();
    await app.register(fastifySessions(sessions));
    app.get("/hijacked", (request, reply) => {
      reply.hijack();
      sessions.of(request).set("item", "tea");
      reply.raw.writeHead(200, { "x-own": "1" });
      reply.raw.end("raw");
    });
    const answer = await (await serve(app)).send({ path: "/hijacked" });
    expect([answer.body, headerOf(answer, "x-own"), headerLines(answer, "set-cookie").length]).toEqual([
      "raw",
      "1",
      1,
    ]);
  });

  test("a status that shows itself late decides: of a web Response, of a stream that fails before its first byte", async () => {
    const { sessions, app } = prepared();
    await app.register(fastifySessions(sessions));
    const failing = (): Readable =>
      new Readable({
        read() {
          this.destroy(new Error("no such file"));
        },
      });
    const replies: Record<string, () => unknown> = {
      "/response": () => new Response("no", { status: 502 }),
      "/stream": failing,
      "/web-stream": () => Readable.toWeb(failing()),
    };
    for (const [url, reply] of Object.entries(replies))
      app.get(url, async (request) => {
        sessions.of(request).set("item", "tea");
        return reply();
      });
    const client = await serve(app);
    for (const [path, status] of [
      ["/response", 502],
      ["/stream", 500],
      ["/web-stream", 500],
    ] as const) {
      const answer = await client.send({ path });
      expect([answer.status, headerLines(answer, "set-cookie")], path).toEqual([status, []]);
    }
  });

  test.each(["before", "behind"])("keeps the cookies of @fastify/cookie, registered %s it", async (where) => {
    const { sessions, app } = prepared();
    if (where === "before") await app.register(fastifyCookie);
    await app.register(fastifySessions(sessions));
    if (where === "behind") await app.register(fastifyCookie);
    app.get("/", async (request, reply) => {
      sessions.of(request).set("item", "tea");
      return reply.setCookie("a", "1").setCookie("b", "2").send("ok");
    });
    const lines = headerLines(await (await serve(app)).send({ path: "/" }), "set-cookie");
    expect(lines).toEqual(
      [/^a=1/, /^b=2/, /^__Host-Http-sid-anon=/].map((line) => expect.stringMatching(line)),
    );
  });

  test("may be changed by onSend hooks, which may write the session too; trailers follow", async () => {
    const { sessions, app } = prepared();
    await app.register(fastifySessions(sessions));
    app.addHook("onSend", async (request, _reply, payload) => {
      sessions.of(request).set("item", "tea");
      return Readable.from([String(payload).toUpperCase()]);
    });
    app.get("/", async (_request, reply) => {
      reply.trailer("x-sum", async () => "5");
      return "hello";
    });
    const answer = await (await serve(app)).send({ path: "/" });
    expect([answer.body, headerLines(answer, "set-cookie").length, answer.trailers]).toEqual([
      "HELLO",
      1,
      [["x-sum", "5"]],
    ]);
  });

  test("too late for the time a handler has is a 503 that stores nothing, and its write fails loudly", async () => {
    const { sessions, app } = prepared();
    await app.register(fastifySessions(sessions));
    const late = Promise.withResolvers<unknown>();
    const answered = Promise.withResolvers<void>();
    app.get("/slow", { handlerTimeout: 10 }, async (request) => {
      await answered.promise;
      try {
        sessions.of(request).set("item", "tea");
        late.resolve("stored");
      } catch (error) {
        late.resolve(error);
      }
    });
    const answer = await (await serve(app)).send({ path: "/slow" });
    answered.resolve();
    expect([answer.status, headerLines(answer, "set-cookie")]).toEqual([503, []]);
    expect(await late.promise).toMatchObject({ code: "HEADERS_SENT" });
  });
});

describe("errors of sessions", () => {
  const PAGE = ["accept", "text/html"] as const;

  test("reach the error handlers of the application, which may answer them or let them go on", async () => {
    const { sessions, app } = prepared();
    const seen: string[] = [];
    const see = (name: string) => (error: { code?: string }) => void seen.push(`${name} ${error.code}`);
    app.addHook("onError", async (_request, _reply, error) => see("hook")(error));
    await app.register(fastifySessions(sessions, { signInPath: "/login" }));
    app.setErrorHandler((error: Error & { code?: string }, request, reply) => {
      see("outer")(error);
      if (request.url === "/own") return reply.code(418).send({ code: error.code });
      throw error;
    });
    app.get("/own", async (request) => sessions.of(request).requireUser());
    await app.register(async (inner) => {
      inner.setErrorHandler((error: { code?: string }, _request, reply) => {
        see("inner")(error);
        reply.send(error);
      });
      inner.get("/private", async (request) => sessions.of(request).requireUser());
    });
    const client = await serve(app);
    const own = await client.send({ path: "/own", headers: [PAGE] });
    expect([own.status, own.body]).toEqual([418, '{"code":"NOT_SIGNED_IN"}']);
    const ours = await client.send({ path: "/private", headers: [PAGE] });
    expect([ours.status, headerOf(ours, "location")]).toEqual([303, "/login?next=%2Fprivate"]);
    expect(seen).toEqual(["hook", "outer", "hook", "inner", "outer"].map((name) => `${name} NOT_SIGNED_IN`));
  });

  test("keep the headers of the server as a whole, and lose those of the answer that is not given", async () => {
    const { sessions, app } = prepared();
    app.addHook("onRequest", async (_request, reply) => {
      reply.header("access-control-allow-origin", "https://shop.example").header("vary", "Origin");
    });
    await app.register(fastifySessions(sessions));
    app.addHook("onSend", async (_request, reply) => void reply.header("x-frame-options", "DENY"));
    app.get("/private", async (request, reply) => {
      reply.header("set-cookie", "own=1").header("location", "/elsewhere").type("text/csv");
      return sessions.of(request).requireUser();
    });
    app.post("/act", async () => "done");
    const client = await serve(app);
    const cross = await headersOf(sessions, ELSEWHERE);
    for (const answer of [
      await client.send({ path: "/private", headers: [PAGE] }),
      await client.send({ path: "/act", method: "POST", headers: [...cross, PAGE] }),
    ]) {
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        "access-control-allow-origin": "https://shop.example",
        "x-frame-options": "DENY",
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        vary: expect.stringMatching(/^(Origin, .*Cookie|.*Origin.*Cookie)/),
      });
      expect([headerLines(answer, "set-cookie"), headerOf(answer, "location")]).toEqual([[], undefined]);
    }
  });

  test("are told a HEAD as a GET, without the body", async () => {
    const { sessions, app } = prepared();
    await app.register(fastifySessions(sessions));
    app.get("/private", async (request) => sessions.of(request).requireUser());
    app.all("/any", async (request) => sessions.of(request).requireUser());
    const client = await serve(app);
    for (const path of ["/private", "/any"]) {
      const [get, head] = [await client.send({ path }), await client.send({ path, method: "HEAD" })];
      expect([head.status, head.body], path).toEqual([401, ""]);
      expect(headerOf(head, "content-length"), path).toBe(headerOf(get, "content-length"));
    }
  });

  test("count no length where trailers follow", async () => {
    const { sessions, app } = prepared();
    await app.register(fastifySessions(sessions));
    app.get("/private", async (request, reply) => {
      reply.trailer("x-sum", async () => "5");
      return sessions.of(request).requireUser();
    });
    const answer = await (await serve(app)).send({ path: "/private" });
    expect([headerOf(answer, "content-length"), headerOf(answer, "transfer-encoding")]).toEqual([
      undefined,
      "chunked",
    ]);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: "NOT_SIGNED_IN" } });
  });

  test("leave no type of a page to what Fastify sends when a later hook fails", async () => {
    const { sessions, app } = prepared();
    await app.register(fastifySessions(sessions));
    app.addHook("onSend", async ({ query }) => {
      throw new Error(`no header for ${JSON.stringify(query)}`);
    });
    app.get("/private", async (request) => sessions.of(request).requireUser());
    const answer = await (await serve(app)).send({ path: "/private?<script>", headers: [PAGE] });
    expect(answer.body).toContain("<script>");
    expect(headerOf(answer, "content-type")).toBe("application/json; charset=utf-8");
  });

  test("are told as the route's own schema says, where it has one for them", async () => {
    const { sessions, app } = prepared();
    await app.register(fastifySessions(sessions, { signInPath: "/login" }));
    const schema = { response: { "4xx": { type: "object", properties: { code: { type: "string" } } } } };
    app.get("/private", { schema }, async (request) => sessions.of(request).requireUser());
    const answer = await app.inject({ url: "/private", headers: { accept: "text/html" } });
    expect([answer.statusCode, answer.json()]).toEqual([401, { code: "NOT_SIGNED_IN" }]);
  });

  test("are told onFailure with Fastify's request, also of a commit that failed", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const { store, faults } = withFaults(memoryStore(), () => {});
    const sessions = createSessions<Data>({ store, origin: ORIGIN, storeTimeout: "50ms" });
    cleanUps.push(() => sessions.close());
    const { app } = prepared();
    await app.register(
      fastifySessions(sessions, {
        onFailure: ({ code }, { routeOptions }) => ({ body: `${code} at ${routeOptions.url}` }),
      }),
    );
    app.get("/private/:id", async (request) => sessions.of(request).requireUser());
    app.get("/write/:id", async (request) => {
      sessions.of(request).set("item", "tea");
      faults.outage();
      return "stored";
    });
    expect((await app.inject("/private/1")).body).toBe("NOT_SIGNED_IN at /private/:id");
    const failed = await app.inject("/write/1");
    expect([failed.statusCode, failed.body]).toEqual([503, "STORE_UNAVAILABLE at /write/:id"]);
  });

  test("stay Fastify's where they are others, and the cookie of a login goes out with them", async () => {
    const { sessions, app } = prepared();
    await app.register(fastifySessions(sessions));
    app.post("/boom", async (request) => {
      await sessions.of(request).login("ada");
      throw Object.assign(new Error("no tea left"), { statusCode: 503, code: "NO_TEA" });
    });
    const answer = await (await serve(app)).send({ method: "POST", path: "/boom", headers: [OWN_PAGE] });
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      503,
      { statusCode: 503, code: "NO_TEA", error: "Service Unavailable", message: "no tea left" },
    ]);
    expect(headerLines(answer, "set-cookie")).toHaveLength(1);
  });

  test("are answered for a skipped request too", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const { sessions, app } = prepared();
    await app.register(fastifySessions(sessions, { skip: () => true }));
    app.get("/", async (request) => sessions.of(request).id);
    const answer = await app.inject("/");
    expect([answer.statusCode, answer.headers["cache-control"]]).toEqual([500, "no-store"]);
    expect(answer.json()).toMatchObject({ error: { code: "SESSION_SKIPPED" } });
    expect(console.error).toHaveBeenCalledTimes(1);
  });

  test("are in Fastify's log once, and on the console where the application has no log", async () => {
    const quiet = vi.spyOn(console, "error").mockImplementation(() => {});
    const lines: string[] = [];
    const stream = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
    const { store, faults } = withFaults(memoryStore(), () => {});
    const sessions = createSessions<Data>({ store, origin: ORIGIN, storeTimeout: "50ms" });
    cleanUps.push(() => sessions.close());
    const { app } = prepared({ logger: { level: "error", stream } });
    await app.register(fastifySessions(sessions));
    app.get("/read", async (request) => sessions.of(request).requireUser());
    app.get("/write", async (request) => {
      sessions.of(request).set("item", "tea");
      return "stored";
    });
    const headers = Object.fromEntries(await headersOf(sessions));
    faults.outage();
    for (const url of ["/read", "/write"]) {
      lines.length = 0;
      expect((await app.inject({ url, headers: url === "/read" ? headers : {} })).statusCode).toBe(503);
      expect(
        lines.map((line) => JSON.parse(line).err?.type),
        url,
      ).toEqual(["StoreUnavailableError"]);
    }
    expect(quiet).not.toHaveBeenCalled();
  });
});
