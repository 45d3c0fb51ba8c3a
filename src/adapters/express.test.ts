import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Sessions } from "../core/manager-types.ts";
import { createSessions } from "../create-sessions.ts";
import { memoryStore } from "../stores/memory.ts";
import { type Client, headerLines, headerOf } from "../testing/adapter-contract/client.ts";
import { http1Client } from "../testing/adapter-contract/http1-client.ts";
import { signedIn } from "../testing/signed-in.ts";
import { expressSessions, sessionErrors } from "./express.ts";

type Data = { item: string };

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
  vi.restoreAllMocks();
});

function prepared(): { sessions: Sessions<Partial<Data>>; app: Express } {
  const sessions = createSessions<Data>({ store: memoryStore(), origin: "https://app.example" });
  cleanUps.push(() => sessions.close());
  const app = express();
  app.set("env", "production");
  return { sessions, app };
}

async function serve(app: Express): Promise<Client> {
  const server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return http1Client({ port: (server.address() as AddressInfo).port });
}

describe("expressSessions", () => {
  test("has a name in stack traces, and so has sessionErrors, which Express takes for error middleware", () => {
    const { sessions } = prepared();
    expect([expressSessions(sessions).name, expressSessions(sessions).length]).toEqual([
      "expressSessions",
      3,
    ]);
    expect([sessionErrors(sessions).name, sessionErrors(sessions).length]).toEqual(["sessionErrors", 4]);
  });

  test("behind headers that have left lets no write be lost in silence", async () => {
    const { sessions, app } = prepared();
    app.use((_request, response, next) => {
      response.write("early ");
      next();
    }, expressSessions(sessions));
    app.get("/", (request, response) => {
      expect(() => sessions.of(request).set("item", "tea")).toThrow(
        expect.objectContaining({ code: "HEADERS_SENT" }),
      );
      response.end("late");
    });
    expect((await (await serve(app)).send({ path: "/" })).body).toBe("early late");
  });

  test("is exempt in front of a handler, and nowhere behind it, however the path is spelled", async () => {
    const { sessions, app } = prepared();
    const exempt = expressSessions(sessions, { csrf: { exempt: "signed by the sender" } });
    const answer: RequestHandler = (request, response) =>
      void response.send(String(sessions.of(request).userId));
    app.post("/hook", exempt, answer);
    app.use("/hook", exempt); // a mount by path alone lets the request on to the next one, which judges it
    app.use(expressSessions(sessions));
    app.post(["/form", "/:area/:act"], answer);
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

  /** Like the compression package: swaps the body and completes the headers in a wrapper of its own. */
  const shouting: RequestHandler = (_request, response, next) => {
    const { write, end, writeHead } = response;
    Object.assign(response, {
      writeHead(this: typeof response, ...given: Parameters<typeof writeHead>) {
        this.removeHeader("Content-Length");
        return writeHead.apply(this, given);
      },
      write(this: typeof response, chunk: string | Buffer) {
        if (!this.headersSent) this.writeHead(this.statusCode);
        return write.call(this, String(chunk).toUpperCase(), "utf8");
      },
      end(this: typeof response, chunk?: string | Buffer) {
        if (!this.headersSent) this.writeHead(this.statusCode);
        setImmediate(() => end.call(this, String(chunk ?? "").toUpperCase(), "utf8"));
        return this;
      },
    });
    next();
  };

  test.each(["before", "behind"])(
    "works with a middleware that wraps the response, mounted %s it",
    async (where) => {
      const { sessions, app } = prepared();
      app.use(
        ...(where === "before"
          ? [shouting, expressSessions(sessions)]
          : [expressSessions(sessions), shouting]),
      );
      app.get("/", (request, response) => {
        sessions.of(request).set("item", "tea");
        response.write("hel");
        response.end("lo");
      });
      const answer = await (await serve(app)).send({ path: "/" });
      expect([answer.body, headerLines(answer, "set-cookie").length]).toEqual(["HELLO", 1]);
    },
  );
});

describe("sessionErrors", () => {
  test("hands on what is not of ours, and what comes after the headers", async () => {
    const { sessions, app } = prepared();
    const seen = vi.fn();
    app.use(expressSessions(sessions));
    app.get("/other", () => {
      throw new RangeError("other");
    });
    app.get("/late", (request, response) => {
      response.write("half");
      sessions.of(request).set("item", "late");
    });
    const last: ErrorRequestHandler = (error: { name: string }, _request, response, _next) => {
      seen(error.name);
      if (response.headersSent) response.destroy();
      else response.status(418).send("own");
    };
    app.use(sessionErrors(sessions), last);
    const client = await serve(app);
    expect((await client.send({ path: "/other" })).status).toBe(418);
    await expect(client.send({ path: "/late" })).rejects.toThrow();
    expect(seen.mock.calls).toEqual([["RangeError"], ["HeadersSentError"]]);
  });

  test("answers a skipped request too, and one that came past the middleware", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const { sessions, app } = prepared();
    app.get("/past", (request, response) => void response.send(sessions.of(request).id));
    app.use(expressSessions(sessions, { skip: (request) => request.path === "/skipped" }));
    app.get("/skipped", (request, response) => void response.send(sessions.of(request).id));
    app.use(sessionErrors(sessions));
    const client = await serve(app);
    for (const path of ["/past", "/skipped"]) {
      const answer = await client.send({ path });
      expect([answer.status, headerOf(answer, "cache-control")]).toEqual([500, "no-store"]);
    }
    expect(console.error).toHaveBeenCalledTimes(2);
  });

  test("uses its own options, or else those of the middleware", async () => {
    const { sessions, app } = prepared();
    app.use(expressSessions(sessions, { signInPath: "/login" }));
    app.get("/private", (request, response) => void response.send(sessions.of(request).requireUser()));
    app.use("/admin", (request) => void sessions.of(request).requireUser());
    app.use("/admin", sessionErrors(sessions, { signInPath: "/admin-login" }));
    app.use(sessionErrors(sessions));
    const client = await serve(app);
    const headers = [["accept", "text/html"]] as const;
    expect(headerOf(await client.send({ path: "/private", headers }), "location")).toBe(
      "/login?next=%2Fprivate",
    );
    expect(headerOf(await client.send({ path: "/admin/x", headers }), "location")).toBe(
      "/admin-login?next=%2Fadmin%2Fx",
    );
  });

  test("answers for its own manager, where a request has two", async () => {
    const { sessions, app } = prepared();
    const staff = createSessions({
      store: memoryStore(),
      origin: "https://app.example",
      cookie: { name: "staff" },
    });
    app.use(expressSessions(sessions), expressSessions(staff, { signInPath: "/staff-login" }));
    app.get("/customer", (request, response) => void response.send(sessions.of(request).requireUser()));
    app.get("/staff", (request, response) => void response.send(staff.of(request).requireUser()));
    app.use(sessionErrors(sessions, { signInPath: "/login" }));
    const client = await serve(app);
    const headers = [["accept", "text/html"]] as const;
    const goesTo = async (path: string) => headerOf(await client.send({ path, headers }), "location");
    expect(await goesTo("/customer")).toBe("/login?next=%2Fcustomer");
    expect(await goesTo("/staff")).toBe("/staff-login?next=%2Fstaff");
  });

  test("left out, Express answers with the error's status and stores as any answer of it does", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const { sessions, app } = prepared();
    app.use(expressSessions(sessions));
    app.get("/", (request, response) => {
      sessions.of(request).set("item", "tea");
      response.send(sessions.of(request).requireUser());
    });
    const answer = await (await serve(app)).send({ path: "/" });
    expect([answer.status, headerLines(answer, "set-cookie").length]).toEqual([401, 1]);
  });
});

describe("req.session", () => {
  test("is there after importing sojourn/express/merge, and only then", async () => {
    const { sessions, app } = prepared();
    app.use(expressSessions(sessions));
    app.get("/", (request, response) => {
      response.json({
        has: "session" in request,
        same: Reflect.get(request, "session") === sessions.of(request),
      });
    });
    const client = await serve(app);
    expect(JSON.parse((await client.send({ path: "/" })).body)).toEqual({ has: false, same: false });
    await import("./express-merge.ts");
    expect(JSON.parse((await client.send({ path: "/" })).body)).toEqual({ has: true, same: true });
  });

  test("of two managers it is the first one's, also where that one skips the request", async () => {
    const { sessions, app } = prepared();
    const staff = createSessions({
      store: memoryStore(),
      origin: "https://app.example",
      cookie: { name: "staff" },
    });
    await import("./express-merge.ts");
    app.use(expressSessions(sessions, { skip: ({ path }) => path === "/skipped" }), expressSessions(staff));
    app.get("/", (request, response) => {
      response.send(Reflect.get(request, "session") === sessions.of(request) ? "first" : "second");
    });
    app.get("/skipped", (request) => void Reflect.get(request, "session"));
    app.use(sessionErrors(sessions));
    const client = await serve(app);
    expect((await client.send({ path: "/" })).body).toBe("first");
    vi.spyOn(console, "error").mockImplementation(() => {});
    expect((await client.send({ path: "/skipped" })).body).toContain("SESSION_SKIPPED");
  });

  test("leaves a property alone that another package put there", async () => {
    const { sessions, app } = prepared();
    await import("./express-merge.ts");
    app.use((request, _response, next) => {
      Object.assign(request, { session: "theirs" });
      next();
    }, expressSessions(sessions));
    app.get("/", (request, response) => void response.send(Reflect.get(request, "session")));
    expect((await (await serve(app)).send({ path: "/" })).body).toBe("theirs");
  });
});
