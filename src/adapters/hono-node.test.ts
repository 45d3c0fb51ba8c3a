import { EventEmitter, once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import {
  createAdaptorServer,
  getRequestListener,
  type HttpBindings,
  upgradeWebSocket,
} from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono } from "hono";
import { afterEach, expect, test, vi } from "vitest";
import type { Sessions } from "../core/manager-types.ts";
import { createSessions } from "../create-sessions.ts";
import { memoryStore } from "../stores/memory.ts";
import { signedIn } from "../testing/signed-in.ts";
import { withSessions } from "./fetch.ts";
import { honoSessions } from "./hono.ts";
import { withSessions as withNodeSessions } from "./node.ts";

type Data = Partial<{ item: string }>;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
  vi.restoreAllMocks();
});

function manager(): Sessions<Data> {
  const sessions = createSessions<{ item: string }>({ store: memoryStore(), origin: "https://app.example" });
  cleanUps.push(() => sessions.close());
  return sessions;
}

const POST = { method: "POST", headers: { "sec-fetch-site": "same-origin" } };

async function serve(app: Pick<Hono, "fetch">, extra: object = {}): Promise<number> {
  const server = createAdaptorServer({ fetch: app.fetch, ...extra }) as Server;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

test("knows who sends: the word of a declared proxy counts, that of others does not", async () => {
  for (const [trustProxy, expected] of [
    [["127.0.0.0/8"], "__Host-Http-anon"],
    [["10.0.0.0/8"], undefined],
  ] as const) {
    await using sessions = createSessions<Data>({ store: memoryStore(), trustProxy, mode: "development" });
    const app = new Hono().use(honoSessions(sessions)).post("/", (c) => {
      c.var.session.set("item", "tea");
      return c.text("stored");
    });
    const port = await serve(app);
    vi.spyOn(console, "error").mockReturnValue();
    const answer = await fetch(`http://127.0.0.1:${port}/`, {
      method: "POST",
      headers: { "x-forwarded-proto": "https", "sec-fetch-site": "same-origin" },
    });
    expect(answer.headers.getSetCookie()[0]?.split("=")[0]).toBe(expected);
  }
});

test("an answer past Hono, on Node's response, has its session by sojourn/node around the listener", async () => {
  const sessions = manager();
  const app = new Hono<{ Bindings: HttpBindings }>().post("/", async (c) => {
    sessions.of(c.env.incoming).set("item", "tea");
    c.env.outgoing.writeHead(200).end("raw");
    return RESPONSE_ALREADY_SENT;
  });
  const server = createServer(withNodeSessions(sessions, getRequestListener(app.fetch))).listen(
    0,
    "127.0.0.1",
  );
  await once(server, "listening");
  cleanUps.push(() => void server.close());
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
    method: "POST",
    headers: { ...POST.headers, connection: "close" },
  });
  const cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const read = withSessions(sessions, (_, session) => Response.json(session.get("item")));
  const stored = await read(new Request("https://app.example/", { headers: { cookie } }));
  expect([await answer.text(), await stored.json()]).toEqual(["raw", "tea"]);
});

/** What node-server asks of the package ws, as far as the handshake. */
class Handshake extends EventEmitter {
  readonly options = { noServer: true };
  handleUpgrade(request: IncomingMessage, socket: Socket, _head: Buffer, done: (ws: EventEmitter) => void) {
    const lines = ["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: websocket"];
    this.emit("headers", lines, request);
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    done(Object.assign(new EventEmitter(), { protocol: "" }));
  }
  close() {}
}

test("an upgrade finds the session, brings a cookie along, and is judged by its origin", async () => {
  const sessions = manager();
  const app = new Hono().use(honoSessions(sessions));
  const seen: unknown[] = [];
  app.get(
    "/socket",
    upgradeWebSocket(async (c) => {
      seen.push(sessions.of(c).userId);
      await sessions.of(c).renew();
      return {};
    }),
  );
  const port = await serve(app, { websocket: { server: new Handshake() } });
  const { cookie = "" } = await signedIn(sessions, "ada");
  const upgrade = async (origin: string): Promise<IncomingMessage> => {
    const headers = { cookie, origin, connection: "Upgrade", upgrade: "websocket" };
    const asking = httpRequest({ port, host: "127.0.0.1", path: "/socket", headers }).end();
    const upgraded = new AbortController();
    const [answer, socket] = (await Promise.race([
      once(asking, "upgrade", upgraded),
      once(asking, "response", upgraded),
    ])) as [IncomingMessage, Socket?];
    upgraded.abort();
    socket?.destroy();
    return answer;
  };
  expect((await upgrade("https://evil.example")).statusCode).toBe(403);
  const { statusCode, headers } = await upgrade("https://app.example");
  expect([statusCode, seen]).toEqual([101, ["ada"]]);
  expect(headers["set-cookie"]).toEqual([expect.stringMatching(/^__Host-Http-sid=/)]);
});
