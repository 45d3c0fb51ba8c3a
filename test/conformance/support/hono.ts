/** The adapter contract's application on Hono, behind its server for Node. */
import type { Server } from "node:http";
import type { createServer as createHttp2Server } from "node:http2";
import type { Socket } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { honoSessions, type SessionEnv } from "../../../src/adapters/hono.ts";
import type { AdapterHarness, App, Client, NeutralOptions } from "../../../src/testing/index.ts";
import { toResponse } from "../../../src/testing/index.ts";
import { fieldsOf } from "./bodies.ts";
import { EXEMPT, listen, optionsOf, routeFor } from "./neutral.ts";

export interface Wire {
  /** Of `node:http2`. Default: that of `node:http`. */
  readonly createServer?: typeof createHttp2Server;
  client(port: number): Client;
}

export function honoHarness(
  { createServer, client }: Wire,
  lacks: AdapterHarness["lacks"] = {},
): AdapterHarness {
  return {
    shapes: [],
    secondIs: "within",
    lacks,
    async serve(app) {
      const { fetch } = applicationOf(app);
      const server = createAdaptorServer(createServer ? { fetch, createServer } : { fetch }) as Server;
      const open = new Set<Socket>();
      server.on("connection", (socket) => {
        open.add(socket);
        socket.once("close", () => open.delete(socket));
      });
      const port = await listen(server);
      return {
        port,
        client: client(port),
        async [Symbol.asyncDispose]() {
          for (const socket of open) socket.destroy();
          await new Promise((closed) => server.close(closed));
        },
      };
    },
  };
}

function applicationOf(app: App): Pick<Hono, "fetch"> {
  const { sessions, second, secondOptions = {}, exemptPath } = app;
  const options = neutral(app.options);
  const hono = new Hono<SessionEnv<typeof sessions>>();
  if (exemptPath !== undefined)
    hono.all(exemptPath, honoSessions(sessions, { ...options, ...EXEMPT }), (c) => answer(app, c));
  hono.use(honoSessions(sessions, options));
  if (second) {
    const as = second === sessions ? "session" : "second";
    const below = app.secondPath === undefined ? "*" : `${app.secondPath}/*`;
    hono.use(below, honoSessions(second, { ...neutral(secondOptions), as }));
  }
  hono.all("*", (c) => answer(app, c));
  return hono;
}

function neutral(options: NeutralOptions): Parameters<typeof honoSessions>[1] {
  return optionsOf(options, pathOf, ({ status, body }) => new Response(body, { status }));
}

function pathOf(c: Context): string {
  return new URL(c.req.url).pathname;
}

async function answer(app: App, c: Context): Promise<Response> {
  const run = routeFor(app, pathOf(c));
  const reply = await run({
    request: c,
    get session() {
      return c.get("session");
    },
    form: async () => fieldsOf(await c.req.text()),
  });
  const response = toResponse(reply);
  if (reply.thrown) throw new HTTPException(response.status as ContentfulStatusCode, { res: response });
  return response;
}
