/** The adapter contract on node:http2, through the compatibility API. */

import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { describe, test } from "vitest";
import { withSessions } from "../../src/adapters/node.ts";
import {
  type AdapterHarness,
  adapterContract,
  type NeutralOptions,
  register,
  sendReply,
  type Values,
} from "../../src/testing/index.ts";
import { type Parsed, parseForm } from "./support/bodies.ts";
import { HTTP2_LACKS, HTTP2_SHAPES, serveHttp2 } from "./support/http2-server.ts";
import { EXEMPT, isSecondPath, optionsOf, pathOf, routeFor } from "./support/neutral.ts";

type Request = Http2ServerRequest & Parsed;
type Listener = (request: Request, response: Http2ServerResponse) => void;

const harness: AdapterHarness = {
  shapes: HTTP2_SHAPES,
  lacks: { ...HTTP2_LACKS, "thrown responses": "Node has no Response to throw" },
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
    return serveHttp2((request: Request, response: Http2ServerResponse) => {
      const path = pathOf(request.url);
      const listener = path === exemptPath ? exempt : isSecondPath(app, path) ? outer : inner;
      parseForm(request).then(
        () => listener(request, response),
        () => response.stream.close(),
      );
    });
  },
};

describe("sojourn/node on HTTP/2", () => register(adapterContract(harness), test));
