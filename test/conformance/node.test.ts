/** The adapter contract on node:http. */
import type { IncomingMessage, RequestListener } from "node:http";
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
import { EXEMPT, isSecondPath, optionsOf, pathOf, routeFor, serveHttp1 } from "./support/neutral.ts";

type Request = IncomingMessage & Parsed;

const harness: AdapterHarness = {
  shapes: NODE_SHAPES,
  lacks: { "thrown responses": "Node has no Response to throw" },
  async serve(app) {
    const { sessions, second, secondOptions = {}, exemptPath } = app;
    const neutral = (options: NeutralOptions) =>
      optionsOf(
        options,
        (request: Request) => pathOf(request.url),
        (answer) => answer,
      );
    const options = neutral(app.options);
    const listenerWith = (mount: typeof options): RequestListener =>
      withSessions<Values, Request>(
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
    const outer = second ? withSessions(second, inner, neutral(secondOptions)) : inner;
    return serveHttp1((request: Request, response) => {
      const path = pathOf(request.url);
      const listener = path === exemptPath ? exempt : isSecondPath(app, path) ? outer : inner;
      parseForm(request).then(
        () => listener(request, response),
        () => response.destroy(),
      );
    });
  },
};

describe("sojourn/node on HTTP/1", () => register(adapterContract(harness), test));
