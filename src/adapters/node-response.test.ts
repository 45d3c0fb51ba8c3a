import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Exchange, Answer as HandlerAnswer, HeaderChanges } from "../core/exchange-contract.ts";
import { NotSignedInError, type SojournError, StoreUnavailableError } from "../errors.ts";
import { type Client, headerLines, headerOf } from "../testing/adapter-contract/client.ts";
import { http1Client } from "../testing/adapter-contract/http1-client.ts";
import type { NodeMount } from "./node-failure.ts";
import { attach } from "./node-response.ts";

const CHANGES: HeaderChanges = {
  cookies: ["sid=1; Path=/"],
  cacheControl: "no-store",
  vary: ["Cookie"],
  set: [],
};
const NOTHING: HeaderChanges = { cookies: [], cacheControl: undefined, vary: [], set: [] };
const OWED: HeaderChanges = { ...CHANGES, cookies: ["sid=owed"] };

/** An exchange that does as it is told, now or when released. */
class StandIn implements Exchange {
  readonly session = {};
  readonly rules = { csrfExempt: null, lazy: false };
  readonly owesCookie = false;
  readonly asksForHsts = false;
  readonly answers: HandlerAnswer[] = [];
  finishing: () => HeaderChanges | Promise<HeaderChanges> = () => CHANGES;
  begin(): Promise<void> {
    return Promise.resolve();
  }
  unexempt(): void {}
  judgeBody(): void {}
  concerns(): boolean {
    return false;
  }
  finish(answer: HandlerAnswer): HeaderChanges | Promise<HeaderChanges> {
    this.answers.push(answer);
    return this.finishing();
  }
  refuse(_error: SojournError): HeaderChanges {
    return OWED;
  }
}

type Handler = (response: ServerResponse, request: IncomingMessage) => unknown;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
  vi.restoreAllMocks();
});

async function serve(handler: Handler, exchange: StandIn, options: Partial<NodeMount> = {}): Promise<Client> {
  const mount = { exchanges: { mode: "production" }, ...options } as NodeMount;
  const server = createServer((request, response) => {
    const hook = attach(mount, exchange, request, response);
    try {
      Promise.resolve(handler(response, request)).catch((error: unknown) => hook.crash(error));
    } catch (error) {
      void hook.crash(error);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return http1Client({ port: (server.address() as AddressInfo).port });
}

const later = (): { exchange: StandIn; commit: PromiseWithResolvers<HeaderChanges> } => {
  const exchange = new StandIn();
  const commit = Promise.withResolvers<HeaderChanges>();
  exchange.finishing = () => commit.promise;
  return { exchange, commit };
};

/** Each way a handler may answer, with what must be on the wire beside our own headers. */
const SHAPES: Record<
  string,
  { answer: Handler; status?: number; body?: string; headers?: Record<string, string> }
> = {
  "end with a text": { answer: (r) => r.end("hello"), headers: { "content-length": "5" } },
  "end with bytes": { answer: (r) => r.end(Buffer.from("hello")), headers: { "content-length": "5" } },
  "end with an encoding": { answer: (r) => r.end("68656c6c6f", "hex") },
  "end with nothing": { answer: (r) => r.end(), body: "", headers: { "content-length": "0" } },
  "write, then end": {
    answer(r) {
      r.write("hel");
      r.end("lo");
    },
    headers: { "transfer-encoding": "chunked" },
  },
  "write with an encoding": {
    answer(r) {
      r.write("aGVsbG8=", "base64");
      r.end();
    },
  },
  "a pipe": { answer: (r) => Readable.from(["hel", "lo"]).pipe(r) },
  "a pipeline": { answer: (r) => pipeline(Readable.from(["hel", "lo"]), r) },
  "writeHead bare": { answer: (r) => r.writeHead(201).end("hello"), status: 201 },
  "writeHead with an object": {
    answer: (r) => r.writeHead(200, { "X-One": "1", "Content-Length": 5 }).end("hello"),
    headers: { "x-one": "1", "content-length": "5" },
  },
  "writeHead with a flat array": {
    answer: (r) => r.writeHead(200, ["X-One", "1", "X-One", "2"]).end("hello"),
    headers: { "x-one": "1, 2" },
  },
  "writeHead with an array of pairs": {
    answer: (r) =>
      r
        .writeHead(200, [
          ["X-One", "1"],
          ["X-Two", "2"],
        ] as never)
        .end("hello"),
    headers: { "x-one": "1", "x-two": "2" },
  },
  "writeHead with a message and an object": {
    answer: (r) => r.writeHead(200, "Fine", { "X-One": "1" }).end("hello"),
    headers: { "x-one": "1" },
  },
  "writeHead over headers that were set": {
    answer(r) {
      r.setHeader("X-One", "0");
      r.setHeader("X-Two", "2");
      r.writeHead(200, ["X-One", "1"]).end("hello");
    },
    headers: { "x-one": "1", "x-two": "2" },
  },
  "flushHeaders first": {
    answer(r) {
      r.flushHeaders();
      r.end("hello");
    },
  },
  "204": { answer: (r) => r.writeHead(204).end(), status: 204, body: "" },
  "304": {
    answer(r) {
      r.statusCode = 304;
      r.setHeader("ETag", '"1"');
      r.end();
    },
    status: 304,
    body: "",
    headers: { etag: '"1"' },
  },
  "a redirect": {
    answer: (r) => r.writeHead(302, { Location: "/there" }).end(),
    status: 302,
    body: "",
    headers: { location: "/there" },
  },
  trailers: {
    answer(r) {
      r.setHeader("Trailer", "X-Sum");
      r.write("hello");
      r.addTrailers({ "X-Sum": "5" });
      r.end();
    },
    headers: { trailer: "X-Sum" },
  },
  "early hints": {
    answer(r) {
      r.writeEarlyHints({ link: "</style.css>; rel=preload; as=style" });
      r.end("hello");
    },
  },
};

describe.each(["at once", "later"])("when the commit is done %s", (when) => {
  const prepared = (): StandIn => {
    const exchange = new StandIn();
    if (when === "later") exchange.finishing = async () => CHANGES;
    return exchange;
  };

  test.each(Object.entries(SHAPES))("%s goes out whole, with our headers", async (_name, shape) => {
    const exchange = prepared();
    const client = await serve(shape.answer, exchange);
    const answer = await client.send({ path: "/" });
    expect(answer.status).toBe(shape.status ?? 200);
    expect(answer.body).toBe(shape.body ?? "hello");
    expect(headerLines(answer, "set-cookie")).toEqual(CHANGES.cookies);
    expect(headerOf(answer, "cache-control")).toBe("no-store");
    expect(headerOf(answer, "vary")).toBe("Cookie");
    for (const [name, value] of Object.entries(shape.headers ?? {}))
      expect(headerOf(answer, name)).toBe(value);
    expect(exchange.answers).toEqual([{ status: shape.status ?? 200, cacheControl: undefined }]);
  });

  // Node itself refuses trailers in an answer to HEAD.
  test.each(Object.entries(SHAPES).filter(([name]) => name !== "trailers"))(
    "%s to HEAD has no body",
    async (_name, shape) => {
      const client = await serve(shape.answer, prepared());
      const answer = await client.send({ path: "/", method: "HEAD" });
      expect(answer.body).toBe("");
      expect(headerLines(answer, "set-cookie")).toEqual(CHANGES.cookies);
    },
  );

  test("the application's own cookies survive, however they are set", async () => {
    const own = ["a=1", "b=2", "c=3"];
    const ways: Handler[] = [
      (r) => r.setHeader("Set-Cookie", own).end(),
      (r) => {
        for (const line of own) r.appendHeader("Set-Cookie", line);
        r.end();
      },
      (r) => r.writeHead(200, { "Set-Cookie": own }).end(),
      (r) =>
        r
          .writeHead(
            200,
            own.flatMap((line) => ["Set-Cookie", line]),
          )
          .end(),
      (r) => r.writeHead(200, own.map((line) => ["set-cookie", line]) as never).end(),
    ];
    for (const way of ways) {
      const client = await serve(way, prepared());
      expect(headerLines(await client.send({ path: "/" }), "set-cookie")).toEqual([
        ...own,
        ...CHANGES.cookies,
      ]);
    }
  });

  test("Vary is added to once, and `*` is left alone", async () => {
    for (const [given, expected] of [
      ["Accept", "Accept, Cookie"],
      ["accept, COOKIE", "accept, COOKIE"],
      ["*", "*"],
    ] as const) {
      const client = await serve((r) => r.writeHead(200, { Vary: given }).end(), prepared());
      expect(headerOf(await client.send({ path: "/" }), "vary")).toBe(expected);
    }
  });

  test("the handler's Cache-Control is shown to the exchange, from setHeader and from writeHead", async () => {
    const exchange = prepared();
    const client = await serve((r) => r.writeHead(200, { "cache-control": "public" }).end(), exchange);
    const answer = await client.send({ path: "/" });
    expect(exchange.answers).toEqual([{ status: 200, cacheControl: "public" }]);
    expect(headerLines(answer, "cache-control")).toEqual(["no-store"]);
  });

  test("what Node refuses is refused before anything is committed", async () => {
    const exchange = prepared();
    const client = await serve((r) => {
      expect(() => r.write(null as never)).toThrow(TypeError);
      expect(() => r.write(1 as never)).toThrow(TypeError);
      expect(() => r.writeHead(42)).toThrow(RangeError);
      expect(() => r.writeHead(200, ["X-Odd"])).toThrow(TypeError);
      expect(() => r.writeHead(200, { "X-Bad": "a\nb" })).toThrow(TypeError);
      expect(exchange.answers).toEqual([]);
      r.end("fine");
    }, exchange);
    expect((await client.send({ path: "/" })).body).toBe("fine");
  });

  test("what Node refuses only when the headers are made is answered with 500", async () => {
    const report = vi.spyOn(console, "error").mockImplementation(() => {});
    const client = await serve((r) => {
      r.statusMessage = "a\nb";
      r.end("hello");
    }, prepared());
    const answer = await client.send({ path: "/" });
    expect([answer.status, headerLines(answer, "set-cookie")]).toEqual([500, OWED.cookies]);
    expect(report).toHaveBeenCalledTimes(1);
  });

  test("callbacks of write and end are called", async () => {
    const called: string[] = [];
    const done = Promise.withResolvers<void>();
    const client = await serve((r) => {
      r.write("a", () => called.push("write"));
      r.write("b", "utf8", () => called.push("write with encoding"));
      r.end("c", () => {
        called.push("end");
        done.resolve();
      });
    }, prepared());
    expect((await client.send({ path: "/" })).body).toBe("abc");
    await done.promise;
    expect(called).toEqual(["write", "write with encoding", "end"]);
  });
});

test("a commit with nothing to say leaves the answer as it was", async () => {
  const exchange = new StandIn();
  exchange.finishing = () => NOTHING;
  const client = await serve((r) => r.end("hello"), exchange);
  const answer = await client.send({ path: "/" });
  expect(answer.headers.map(([name]) => name).sort()).toEqual(["connection", "content-length", "date"]);
});

describe("while the commit is under way", () => {
  test("nothing is sent, and the response looks sent to the handler", async () => {
    const { exchange, commit } = later();
    const seen = Promise.withResolvers<unknown>();
    const client = await serve((r) => {
      expect(r.headersSent).toBe(false);
      expect(r.write("first ")).toBe(false);
      const refused = [
        () => r.setHeader("X-Late", "1"),
        () => r.appendHeader("X-Late", "1"),
        () => r.removeHeader("X-Late"),
        () => r.writeHead(204),
      ].map((act) => {
        try {
          return act();
        } catch (error) {
          return (error as { code: string }).code;
        }
      });
      const before = { sent: r.headersSent, ended: r.writableEnded, refused: [...new Set(refused)] };
      r.statusCode = 500; // too late, as in Node
      r.end("second");
      seen.resolve({ ...before, endedThen: r.writableEnded, header: r.getHeader("x-late") });
    }, exchange);
    const live = client.start({ path: "/" });
    expect(await seen.promise).toEqual({
      sent: true,
      ended: false,
      refused: ["ERR_HTTP_HEADERS_SENT"],
      endedThen: true,
      header: undefined,
    });
    let isSent = false;
    void live.head.then(() => {
      isSent = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isSent).toBe(false);
    commit.resolve(CHANGES);
    expect((await live.head).status).toBe(200);
    let body = "";
    for (let piece = await live.next(); piece !== null; piece = await live.next()) body += piece;
    expect(body).toBe("first second");
  });

  test("an HTTP/2 response looks sent too, in its own words, and is itself again afterwards", async () => {
    const { exchange, commit } = later();
    const codeOf = (act: () => unknown): unknown => {
      try {
        return act();
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    const served = Promise.withResolvers<readonly string[]>();
    const server = createHttp2Server((request, response) => {
      attach({ exchanges: { mode: "production" } } as NodeMount, exchange, request, response);
      response.write("hel");
      const refused = [
        () => response.setHeader("x-late", "1"),
        () => response.appendHeader("x-late", "1"),
        () => response.removeHeader("x-late"),
        () => response.writeHead(204),
      ].map(codeOf);
      expect([response.headersSent, new Set(refused)]).toEqual([true, new Set(["ERR_HTTP2_HEADERS_SENT"])]);
      response.end("lo");
      expect(response.writableEnded).toBe(true);
      response.once("finish", () => served.resolve(Object.getOwnPropertyNames(response)));
      setImmediate(() => commit.resolve(CHANGES));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    cleanUps.push(() => {
      session.destroy();
      server.close();
    });
    const stream = session.request({ ":path": "/" }).setEncoding("utf8");
    const [head] = (await once(stream, "response")) as [Record<string, unknown>];
    expect([head[":status"], head["set-cookie"]]).toEqual([200, CHANGES.cookies]);
    let body = "";
    for await (const piece of stream) body += String(piece);
    expect(body).toBe("hello");
    for (const name of ["headersSent", "setHeader", "writableEnded"])
      expect(await served.promise).not.toContain(name);
  });

  test("a handler that respects backpressure is told to go on", async () => {
    const { exchange, commit } = later();
    const client = await serve(async (r) => {
      expect(r.write("a")).toBe(false);
      setImmediate(() => commit.resolve(CHANGES));
      await once(r, "drain");
      r.end("b");
    }, exchange);
    expect((await client.send({ path: "/" })).body).toBe("ab");
  });

  test("big bodies come through intact, in order", async () => {
    const { exchange, commit } = later();
    const pieces = Array.from({ length: 300 }, (_, at) => `${at}:${"x".repeat(10_000)};`);
    const client = await serve(async (r) => {
      setImmediate(() => commit.resolve(CHANGES));
      await pipeline(Readable.from(pieces), r);
    }, exchange);
    expect((await client.send({ path: "/" })).body).toBe(pieces.join(""));
  });

  test("server-sent events start with the commit", async () => {
    const { exchange, commit } = later();
    const response = Promise.withResolvers<ServerResponse>();
    const client = await serve((r) => {
      r.writeHead(200, { "Content-Type": "text/event-stream" });
      r.flushHeaders();
      response.resolve(r);
    }, exchange);
    const live = client.start({ path: "/" });
    const stream = await response.promise;
    commit.resolve(CHANGES);
    expect(headerLines(await live.head, "set-cookie")).toEqual(CHANGES.cookies);
    stream.write("data: 1\n\n");
    expect(await live.next()).toBe("data: 1\n\n");
    stream.write("data: 2\n\n");
    expect(await live.next()).toBe("data: 2\n\n");
    live.abort();
    await once(stream, "close");
  });

  test("a client that leaves meanwhile hangs nothing, and the next one is served", async () => {
    const { exchange, commit } = later();
    const closed = Promise.withResolvers<void>();
    const wrote = Promise.withResolvers<void>();
    const written = Promise.withResolvers<unknown>();
    const client = await serve((r) => {
      r.once("close", closed.resolve);
      r.write("a", (error) => written.resolve(error));
      r.end("b");
      wrote.resolve();
    }, exchange);
    const live = client.start({ path: "/" });
    await wrote.promise;
    live.abort();
    await closed.promise;
    commit.resolve(CHANGES);
    expect(await written.promise).toBeInstanceOf(Error);
    exchange.finishing = () => CHANGES;
    expect((await client.send({ path: "/" })).body).toBe("ab");
  });

  test("a handler that throws after it began cuts the answer short once it is committed", async () => {
    const report = vi.spyOn(console, "error").mockImplementation(() => {});
    const { exchange, commit } = later();
    const client = await serve((r) => {
      r.write("a");
      setImmediate(() => commit.resolve(CHANGES));
      throw new Error("boom");
    }, exchange);
    await expect(client.send({ path: "/" })).rejects.toThrow();
    expect(report).toHaveBeenCalledTimes(1);
  });
});

describe("when the commit fails", () => {
  const outage = new StoreUnavailableError("save", "unavailable", "test");

  test.each(["at once", "later"])("%s, nothing of the handler's answer goes out", async (when) => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const exchange = new StandIn();
    exchange.finishing = when === "at once" ? () => fail(outage) : async () => fail(outage);
    const client = await serve((r) => {
      r.setHeader("X-Frame-Options", "DENY");
      r.setHeader("Set-Cookie", "own=1");
      r.setHeader("HX-Redirect", "/paid");
      r.writeHead(302, "Gone There", { Location: "/paid", ETag: '"1"', "Content-Type": "text/css" });
      r.write("secret");
      r.end("receipt");
    }, exchange);
    const answer = await client.send({ path: "/" });
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.body)).toEqual({
      error: { code: "STORE_UNAVAILABLE", message: expect.any(String) },
    });
    expect(Object.fromEntries(answer.headers)).toEqual({
      "cache-control": "no-store",
      connection: "close",
      "content-length": String(answer.body.length),
      "content-type": "application/json; charset=utf-8",
      date: expect.any(String),
      "retry-after": "1",
      "set-cookie": "sid=owed",
      vary: "Cookie, Accept",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    });
  });

  test("a handler that streams on is drained and told it is done", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const { exchange, commit } = later();
    const streamed = Promise.withResolvers<void>();
    const client = await serve(async (r) => {
      setImmediate(() => commit.reject(outage));
      await new Promise<void>((resolve) => r.write("a", () => resolve()));
      r.write("b");
      r.end("c", streamed.resolve);
    }, exchange);
    expect((await client.send({ path: "/" })).status).toBe(503);
    await streamed.promise;
  });

  test("HEAD gets the failure's headers and no body", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const exchange = new StandIn();
    exchange.finishing = async () => fail(outage);
    const client = await serve((r) => r.end("hello"), exchange);
    const answer = await client.send({ path: "/", method: "HEAD" });
    expect([answer.status, answer.body]).toEqual([503, ""]);
    expect(Number(headerOf(answer, "content-length"))).toBeGreaterThan(0);
  });
});

describe("a handler that throws", () => {
  test("is answered with 500, reported once, and the owed cookie goes out", async () => {
    const report = vi.spyOn(console, "error").mockImplementation(() => {});
    const thrown = new Error("boom");
    const exchange = new StandIn();
    const client = await serve(() => fail(thrown), exchange);
    const answer = await client.send({ path: "/" });
    expect([answer.status, headerLines(answer, "set-cookie")]).toEqual([500, ["sid=owed"]]);
    expect(report.mock.calls).toEqual([[thrown]]);
    expect(exchange.answers).toEqual([]);
    expect(answer.body).not.toContain("boom");
  });

  test("an error of ours is answered by its status, and commits as any answer of that status", async () => {
    const report = vi.spyOn(console, "error").mockImplementation(() => {});
    const exchange = new StandIn();
    const client = await serve(async () => fail(new NotSignedInError()), exchange);
    const answer = await client.send({ path: "/" });
    expect([answer.status, headerLines(answer, "set-cookie")]).toEqual([401, CHANGES.cookies]);
    expect(report).not.toHaveBeenCalled();
  });

  test("onFailure makes the answer; what it leaves out is filled in", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const onFailure = vi.fn(() => ({ status: 599, headers: { "X-Own": "1" }, body: "<p>ours</p>" }));
    const client = await serve(() => fail(new Error("boom")), new StandIn(), { onFailure });
    const answer = await client.send({ path: "/" });
    expect([answer.status, answer.body, headerOf(answer, "x-own")]).toEqual([599, "<p>ours</p>", "1"]);
    expect(headerOf(answer, "content-type")).toBe("text/html; charset=utf-8");
    expect(headerOf(answer, "cache-control")).toBe("no-store");
    expect(onFailure.mock.calls[0]?.[0 as never]).toMatchObject({
      code: "HANDLER_FAILED",
      cause: { message: "boom" },
    });
  });

  test("an onFailure that throws leaves the default answer, and both are reported", async () => {
    const report = vi.spyOn(console, "error").mockImplementation(() => {});
    const onFailure = (): never => fail(new Error("again"));
    const client = await serve(() => fail(new Error("boom")), new StandIn(), { onFailure });
    expect((await client.send({ path: "/" })).status).toBe(500);
    expect(report.mock.calls.map(([error]) => String(error))).toEqual(["Error: boom", "Error: again"]);
  });
});

function fail(error: Error): never {
  throw error;
}
