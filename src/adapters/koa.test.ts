import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough, Readable } from "node:stream";
import Koa, { type Context, type Middleware } from "koa";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { SessionOptions, Sessions } from "../core/manager-types.ts";
import { createSessions } from "../create-sessions.ts";
import type { SojournError } from "../errors.ts";
import { memoryStore } from "../stores/memory.ts";
import { type Client, headerLines, headerOf } from "../testing/adapter-contract/client.ts";
import { http1Client } from "../testing/adapter-contract/http1-client.ts";
import { withFaults } from "../testing/faulty-store.ts";
import { signedIn } from "../testing/signed-in.ts";
import { koaSessions } from "./koa.ts";
import { withSessions } from "./node.ts";

type Data = { item: string };

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
  vi.restoreAllMocks();
});

function prepared(options: Partial<SessionOptions<Data>> = {}): {
  sessions: Sessions<Partial<Data>>;
  app: Koa;
} {
  const sessions = createSessions<Data>({
    store: memoryStore(),
    origin: "https://app.example",
    ...options,
  });
  cleanUps.push(() => sessions.close());
  return { sessions, app: new Koa() };
}

async function serve(listener: Koa | RequestListener): Promise<Client> {
  const handle: (...given: Parameters<RequestListener>) => unknown =
    listener instanceof Koa ? listener.callback() : listener;
  const server = createServer((request, response) => {
    handle(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return http1Client({ port: (server.address() as AddressInfo).port });
}

/** The first error that the application is told of, with its context. */
async function reportOf(app: Koa): Promise<[Error, Context]> {
  const told = Promise.withResolvers<[Error, Context]>();
  app.on("error", (...given: [Error, Context]) => told.resolve(given));
  return told.promise;
}

function answering(say: (context: Context) => unknown): Middleware {
  return (context) => {
    context.body = say(context);
  };
}

const PAGE = [["accept", "text/html"]] as const;

describe("koaSessions", () => {
  test("has a name in stack traces", () => {
    expect(koaSessions(prepared().sessions).name).toBe("koaSessions");
  });

  test("is exempt in front of a handler, and nowhere behind it, however the path is spelled", async () => {
    const { sessions, app } = prepared();
    const exempt = koaSessions(sessions, { csrf: { exempt: "signed by the sender" } });
    const answer = answering((context) => String(sessions.of(context).userId));
    app.use((context, next) =>
      context.path === "/hook" ? exempt(context, () => answer(context, next)) : next(),
    );
    // A mount by path alone lets the request on to the next one, which judges it.
    app.use((context, next) => (context.path.startsWith("/hook") ? exempt(context, next) : next()));
    app.use(koaSessions(sessions)).use(answer);
    const client = await serve(app);
    const { cookie = "" } = await signedIn(sessions, "ada");
    const headers = [
      ["cookie", cookie],
      ["sec-fetch-site", "cross-site"],
    ] as const;
    expect((await client.send({ method: "POST", path: "/hook", headers })).body).toBe("ada");
    for (const path of ["/form", "/hook/form", "/hook//form", "/HOOK/x"])
      expect((await client.send({ method: "POST", path, headers })).status).toBe(403);
  });

  test("behind headers that have left lets no write be lost in silence", async () => {
    const { sessions, app } = prepared();
    app.use(async (context, next) => {
      context.respond = false;
      context.res.write("early ");
      await next();
    });
    app.use(koaSessions(sessions)).use((context) => {
      expect(() => context.session.set("item", "tea")).toThrow(
        expect.objectContaining({ code: "HEADERS_SENT" }),
      );
      context.res.end("late");
    });
    expect((await (await serve(app)).send({ path: "/" })).body).toBe("early late");
  });

  test("works inside another server, whose sessions it shares", async () => {
    const { sessions, app } = prepared();
    app.use(koaSessions(sessions)).use((context) => {
      context.session.set("item", "tea");
      context.body = String(sessions.of(context) === sessions.of(context.req));
    });
    const inner = app.callback();
    const answer = await (await serve(withSessions(sessions, inner))).send({ path: "/" });
    expect([answer.body, headerLines(answer, "set-cookie").length]).toEqual(["true", 1]);
  });
});

describe("an answer", () => {
  const bodies: readonly (readonly [kind: string, make: () => unknown, body: string])[] = [
    ["a string", () => "tea", "tea"],
    ["an object", () => ({ tea: 1 }), '{"tea":1}'],
    ["bytes", () => Buffer.from("tea"), "tea"],
    ["a stream", () => Readable.from([Buffer.from("te"), Buffer.from("a")]), "tea"],
    ["a web stream", () => new Blob(["tea"]).stream(), "tea"],
    ["a Blob", () => new Blob(["tea"]), "tea"],
    ["a Response", () => new Response("tea", { status: 202 }), "tea"],
    ["a redirecting Response", () => Response.redirect("https://app.example/elsewhere"), ""],
    ["nothing", () => null, ""],
  ];
  test.each(bodies)(
    "that is %s begins when the session is stored, with its cookie",
    async (_, make, body) => {
      const { store, faults } = withFaults(memoryStore());
      const { sessions, app } = prepared({ store });
      app.use(koaSessions(sessions)).use((context) => {
        context.session.set("item", "tea");
        context.cookies.set("own", "1");
        context.body = make();
      });
      const storing = faults.park("create");
      const live = (await serve(app)).start({ path: "/" });
      const seen: string[] = [];
      const head = live.head.then((arrived) => {
        seen.push("head");
        return arrived;
      });
      await storing.reached;
      seen.push("stored");
      await storing.release();
      const cookies = headerLines(await head, "set-cookie").map((line) => line.split("=")[0]);
      expect([seen, cookies]).toEqual([
        ["stored", "head"],
        ["own", "__Host-Http-anon"],
      ]);
      let text = "";
      for (let piece = await live.next(); piece !== null; piece = await live.next()) text += piece;
      expect(text).toBe(body);
    },
  );

  test.each([
    [500, 0],
    [200, 1],
  ])(
    "is judged by the status that leaves: %i, set by a middleware in front, stores %i",
    async (status, rows) => {
      const { sessions, app } = prepared();
      app.use(async (context, next) => {
        await next();
        context.status = status;
      });
      app.use(koaSessions(sessions)).use((context) => {
        context.session.set("item", "tea");
        context.status = status === 200 ? 500 : 200;
        context.body = "done";
      });
      const answer = await (await serve(app)).send({ path: "/" });
      expect([answer.status, headerLines(answer, "set-cookie").length]).toEqual([status, rows]);
    },
  );

  test("that a failing commit replaces takes the stream with it that was its body", async () => {
    const { store, faults } = withFaults(memoryStore());
    const { sessions, app } = prepared({ store, storeTimeout: 50 });
    const body = new PassThrough();
    const closed = once(body, "close");
    const report = reportOf(app);
    app.use(koaSessions(sessions)).use((context) => {
      context.session.set("item", "tea");
      context.body = body;
      body.write("half");
    });
    faults.outage();
    const answer = await (await serve(app)).send({ path: "/" });
    await closed;
    expect([answer.status, answer.body]).toEqual([503, expect.stringContaining("STORE_UNAVAILABLE")]);
    const [error, context] = await report;
    expect([Reflect.get(error, "code"), context.path]).toEqual(["STORE_UNAVAILABLE", "/"]);
  });

  test.each(["before", "after"])("whose stream fails %s its first piece is cut short", async (when) => {
    const { sessions, app } = prepared();
    const report = reportOf(app);
    app.use(koaSessions(sessions)).use((context) => {
      context.session.set("item", "tea");
      context.body = Readable.from(
        (async function* () {
          if (when === "after") yield "half";
          throw new RangeError("broken");
        })(),
      );
    });
    await expect((await serve(app)).send({ path: "/" })).rejects.toThrow();
    expect((await report)[0].message).toBe("broken");
  });
});

describe("an error", () => {
  test.each([
    [400, "tea"],
    [500, "nothing"],
  ])(
    "made by ctx.throw(%i) is answered by Koa and stores %s, but a login before it counts",
    async (status, item) => {
      const { sessions, app } = prepared();
      app.silent = true;
      app.use(koaSessions(sessions)).use(async (context) => {
        const { session } = context;
        if (context.method === "GET") {
          context.body = `${session.userId} has ${session.get("item") ?? "nothing"}`;
          return;
        }
        await session.login("ada");
        session.set("item", "tea");
        context.throw(status, "no");
      });
      const client = await serve(app);
      const answer = await client.send({ method: "POST", path: "/" });
      expect([answer.status, headerOf(answer, "cache-control")]).toEqual([status, "no-store"]);
      const cookie = headerOf(answer, "set-cookie")?.split(";")[0] ?? "";
      expect((await client.send({ path: "/", headers: [["cookie", cookie]] })).body).toBe(`ada has ${item}`);
    },
  );

  test("of ours is answered before middleware in front of it goes on, which sees how", async () => {
    const { sessions, app } = prepared();
    const seen: unknown[] = [];
    app.use(async (context, next) => {
      await next();
      seen.push(context.path, context.status, context.headerSent);
      context.status = 200;
      context.body = "too late";
    });
    app.use(koaSessions(sessions));
    app.use(answering((context) => sessions.of(context).requireUser()));
    const client = await serve(app);
    expect((await client.send({ path: "/private" })).body).toContain("NOT_SIGNED_IN");
    const { cookie = "" } = await signedIn(sessions, "ada");
    const forged = {
      method: "POST",
      headers: [
        ["cookie", cookie],
        ["sec-fetch-site", "cross-site"],
      ],
    } as const;
    expect((await client.send({ path: "/forged", ...forged })).body).toContain("CSRF_DENIED");
    expect(seen).toEqual(["/private", 401, true, "/forged", 403, true]);
  });

  test("of ours leads back to the address that was asked for, also where it was rewritten since", async () => {
    const { sessions, app } = prepared();
    app.use(async (context, next) => {
      context.path = context.path.replace("/mounted", "");
      await next(); // as koa-mount, which does not put the path back when it throws
    });
    app.use(koaSessions(sessions, { signInPath: "/login" }));
    app.use(answering((context) => sessions.of(context).requireUser()));
    const answer = await (await serve(app)).send({ path: "/mounted/x?y=1", headers: PAGE });
    expect(headerOf(answer, "location")).toBe("/login?next=%2Fmounted%2Fx%3Fy%3D1");
  });

  test("of a skipped request is answered, and reported", async () => {
    const { sessions, app } = prepared();
    const report = reportOf(app);
    app.use(koaSessions(sessions, { skip: (context) => context.path === "/skipped" }));
    app.use(answering((context) => sessions.of(context).id));
    const answer = await (await serve(app)).send({ path: "/skipped" });
    expect([answer.status, headerOf(answer, "cache-control")]).toEqual([500, "no-store"]);
    expect(Reflect.get((await report)[0], "code")).toBe("SESSION_SKIPPED");
  });

  test("is told to onFailure with its context, and what that throws goes to the application", async () => {
    const { sessions, app } = prepared();
    const report = reportOf(app);
    const onFailure = (error: SojournError, context: Context): { body: string } => {
      if (context.ip === "") throw error;
      if (context.get("x-fail")) throw new RangeError("in onFailure");
      return { body: `${error.code} at ${context.path}` };
    };
    app.use(koaSessions(sessions, { onFailure }));
    app.use(answering((context) => sessions.of(context).requireUser()));
    const client = await serve(app);
    expect((await client.send({ path: "/x" })).body).toBe("NOT_SIGNED_IN at /x");
    expect((await client.send({ path: "/x", headers: [["x-fail", "1"]] })).body).toContain("Sign in");
    expect((await report)[0].message).toBe("in onFailure");
  });

  test("reaches the console where the application's own reporting fails", async () => {
    const { store, faults } = withFaults(memoryStore());
    const { sessions, app } = prepared({ store, storeTimeout: 50 });
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    app.on("error", () => {
      throw new RangeError("in the listener");
    });
    app.use(koaSessions(sessions)).use((context) => context.session.set("item", "tea"));
    faults.outage();
    expect((await (await serve(app)).send({ path: "/" })).status).toBe(503);
    expect(log.mock.calls.flat().map((one: Error) => one.name)).toEqual([
      "StoreUnavailableError",
      "RangeError",
    ]);
  });

  test("that comes when an answer has begun cuts it short, and is reported", async () => {
    const { sessions, app } = prepared();
    const report = reportOf(app);
    app.use(koaSessions(sessions)).use((context) => {
      context.session.set("item", "tea");
      context.respond = false;
      context.res.write("half");
      throw new RangeError("broken");
    });
    await expect((await serve(app)).send({ path: "/" })).rejects.toThrow();
    expect((await report)[0].message).toBe("broken");
  });

  test("is answered as the manager that it is about was mounted", async () => {
    const { sessions, app } = prepared();
    const { sessions: staff } = prepared({ cookie: { name: "staff" } });
    app.use(koaSessions(sessions, { signInPath: "/login" }));
    app.use(koaSessions(staff, { signInPath: "/staff-login" }));
    app.use((context) => {
      const asked = context.path === "/staff" ? staff : sessions;
      context.body = asked.of(context).requireUser();
    });
    const client = await serve(app);
    const goesTo = async (path: string) => headerOf(await client.send({ path, headers: PAGE }), "location");
    expect(await goesTo("/customer")).toBe("/login?next=%2Fcustomer");
    expect(await goesTo("/staff")).toBe("/staff-login?next=%2Fstaff");
  });
});
