/** The adapter contract's application on Express, for the versions that share their interface. */

import type express from "express";
import type { Request as ExpressRequest, RequestHandler } from "express";
import { expressSessions, sessionErrors } from "../../../src/adapters/express.ts";
import type { AdapterHarness, App, NeutralOptions } from "../../../src/testing/index.ts";
import { NODE_SHAPES, sendReply } from "../../../src/testing/index.ts";
import { EXEMPT, optionsOf, routeFor, serveHttp1 } from "./neutral.ts";

type Express = Pick<typeof express, "urlencoded"> & (() => express.Express);

export function expressHarness(version: Express): AdapterHarness {
  return {
    shapes: NODE_SHAPES,
    secondIs: "within",
    lacks: { "thrown responses": "Express has no Response to throw" },
    async serve(app) {
      const { sessions, second, secondOptions = {}, secondPath = "/", exemptPath } = app;
      const neutral = (options: NeutralOptions) =>
        optionsOf(
          options,
          (request: ExpressRequest) => request.path,
          (answer) => answer,
        );
      const options = neutral(app.options);
      const server = version();
      server.set("env", "production"); // Express shows stacks to clients elsewhere
      server.use(version.urlencoded({ extended: false }));
      if (exemptPath !== undefined)
        server.all(exemptPath, expressSessions(sessions, { ...options, ...EXEMPT }), routing(app));
      server.use(expressSessions(sessions, options));
      if (second) server.use(secondPath, expressSessions(second, neutral(secondOptions)));
      server.use(routing(app));
      server.use(sessionErrors(sessions));
      return serveHttp1(server);
    },
  };
}

/** Express 4 does not wait for promises, so the rejection is handed on as its users do it. */
function routing(app: App): RequestHandler {
  return (request, response, next) => {
    const { sessions } = app;
    const run = async (): Promise<void> => {
      const reply = await routeFor(
        app,
        request.path,
      )({
        request,
        get session() {
          return sessions.of(request);
        },
        form: async () => (request.body ?? {}) as Record<string, string>,
      });
      if (reply.shape !== undefined || typeof reply.body === "object") await sendReply(response, reply);
      else {
        response.status(reply.status ?? 200);
        for (const [name, value] of reply.headers ?? []) response.append(name, value);
        if (reply.body === undefined) response.end();
        else response.send(reply.body);
      }
    };
    run().catch(next);
  };
}
