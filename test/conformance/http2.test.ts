/** The adapter contract on node:http2, through the compatibility API. */

import type { Server } from "node:http";
import { createServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { describe, test } from "vitest";
import { withSessions } from "../../src/adapters/node.ts";
import {
  type AdapterHarness,
  adapterContract,
  type NeutralOptions,
  NODE_SHAPES,
  register,
  sendReply,
  type Values,
} from "../../src/testing/index.ts";
import { type Parsed, parseForm } from "./support/bodies.ts";
import { http2Client } from "./support/http2-client.ts";
import { EXEMPT, isSecondPath, listen, optionsOf, pathOf, routeFor } from "./support/neutral.ts";

type Request = Http2ServerRequest & Parsed;
type Listener = (request: Request, response: Http2ServerResponse) => void;

const harness: AdapterHarness = {
  shapes: NODE_SHAPES.filter((shape) => !shape.endsWith("message")),
  lacks: {
    "thrown responses": "Node has no Response to throw",
    "upgrade requests": "HTTP/2 has no Upgrade; extended CONNECT does not reach request listeners",
  },
  async serve(app) {
    const { sessions, second, secondOptions = {}, exemptPath } = app;
    const neutral = (options: NeutralOptions) =>
      optionsOf(
        options,
        (request: Request) => pathOf(request.url),
        (answer) => answer,
      );
    const options = neutral(app.options);
    const listenerWith = (mount: typeof options): Listener =>
      withSessions<Values, Request, Http2ServerResponse>(
        sessions,
        async (request, response) => {
          const reply = await routeFor(
            app,
            pathOf(request.url),
          )({
            request,
            get session() {
              return sessions.of(request);
            },
            form: async () => request.body ?? {},
          });
          await sendReply(response, reply);
        },
        mount,
      );
    const inner = listenerWith(options);
    const exempt = listenerWith({ ...options, ...EXEMPT });
    const outer: Listener = second
      ? withSessions<Values, Request, Http2ServerResponse>(second, inner, neutral(secondOptions))
      : inner;
    const server = createServer((request: Request, response) => {
      const path = pathOf(request.url);
      const listener = path === exemptPath ? exempt : isSecondPath(app, path) ? outer : inner;
      parseForm(request).then(
        () => listener(request, response),
        () => response.stream.close(),
      );
    });
    const open = new Set<{ destroy(): void }>();
    server.on("session", (session) => {
      open.add(session);
      session.once("close", () => open.delete(session));
    });
    const port = await listen(server as unknown as Server);
    return {
      port,
      client: http2Client(port),
      async [Symbol.asyncDispose]() {
        for (const session of open) session.destroy();
        await new Promise((closed) => server.close(closed));
      },
    };
  },
};

describe("sojourn/node on HTTP/2", () => register(adapterContract(harness), test));
