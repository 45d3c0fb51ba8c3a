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
import {
  EXEMPT,
  isSecondPath,
  type NeutralAnswer,
  optionsOf,
  routeFor,
  serveHttp1,
} from "./support/neutral.ts";

const pathOf = (request: Request): string => new URL(request.url).pathname;

const harness: AdapterHarness = {
  shapes: [],
  async serve(app) {
    const { sessions, second, secondOptions = {}, exemptPath } = app;
    const answer = ({ status, body }: NeutralAnswer): Response => new Response(body, { status });
    const options = optionsOf(app.options, pathOf, answer);
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
    const outer = second ? withSessions(second, inner, optionsOf(secondOptions, pathOf, answer)) : inner;
    return serveHttp1(
      bridge((request) => {
        const path = pathOf(request);
        if (path === exemptPath) return exempt(request);
        return (isSecondPath(app, path) ? outer : inner)(request);
      }),
    );
  },
};

function send(reply: Reply): Response {
  const response: unknown = toResponse(reply);
  if (reply.thrown) throw response;
  return response as Response;
}

describe("sojourn/fetch", () => register(adapterContract(harness), test));
