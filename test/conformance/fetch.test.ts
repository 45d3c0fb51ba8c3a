/** The adapter contract on a fetch handler, behind a small bridge from node:http. */
import { describe, test } from "vitest";
import { withSessions } from "../../src/adapters/fetch.ts";
import {
  type AdapterHarness,
  adapterContract,
  type Reply,
  register,
  toResponse,
} from "../../src/testing/index.ts";
import { fieldsOf } from "./support/bodies.ts";
import { bridge } from "./support/fetch-bridge.ts";
import { EXEMPT, optionsOf, routeFor, serveHttp1 } from "./support/neutral.ts";

const pathOf = (request: Request): string => new URL(request.url).pathname;

const harness: AdapterHarness = {
  shapes: [],
  async serve(app) {
    const { sessions, second, exemptPath } = app;
    const options = optionsOf(app, pathOf, ({ status, body }) => new Response(body, { status }));
    const handlerWith = (mount: typeof options): ((request: Request) => Promise<Response>) =>
      withSessions(
        sessions,
        async (request, session) =>
          send(
            await routeFor(
              app,
              pathOf(request),
            )({
              request,
              session,
              form: async () => fieldsOf(await request.text()),
            }),
          ),
        mount,
      );
    const inner = handlerWith(options);
    const exempt = handlerWith({ ...options, ...EXEMPT });
    const outer = second ? withSessions(second, inner) : inner;
    return serveHttp1(bridge((request) => (pathOf(request) === exemptPath ? exempt : outer)(request)));
  },
};

function send(reply: Reply): Response {
  const response: unknown = toResponse(reply);
  if (reply.thrown) throw response;
  return response as Response;
}

describe("sojourn/fetch", () => register(adapterContract(harness), test));
