/** The adapter contract on node:http. */
import type { IncomingMessage, RequestListener } from "node:http";
import { describe, test } from "vitest";
import { withSessions } from "../../src/adapters/node.ts";
import {
  type AdapterHarness,
  adapterContract,
  NODE_SHAPES,
  register,
  sendReply,
  type Values,
} from "../../src/testing/index.ts";
import { type Parsed, parseForm } from "./support/bodies.ts";
import { EXEMPT, optionsOf, pathOf, routeFor, serveHttp1 } from "./support/neutral.ts";

type Request = IncomingMessage & Parsed;

const harness: AdapterHarness = {
  shapes: NODE_SHAPES,
  lacks: { "thrown responses": "Node has no Response to throw" },
  async serve(app) {
    const { sessions, second, exemptPath } = app;
    const options = optionsOf(
      app,
      (request: Request) => pathOf(request.url),
      (answer) => answer,
    );
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
    const outer = second ? withSessions(second, inner) : inner;
    return serveHttp1((request: Request, response) => {
      const listener = pathOf(request.url) === exemptPath ? exempt : outer;
      parseForm(request).then(
        () => listener(request, response),
        () => response.destroy(),
      );
    });
  },
};

describe("sojourn/node on HTTP/1", () => register(adapterContract(harness), test));
