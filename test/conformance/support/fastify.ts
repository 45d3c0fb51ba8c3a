/** The adapter contract's application on Fastify, once for each of the ways it sends a reply. */
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import formbody from "@fastify/formbody";
import Fastify, {
  type FastifyHttpOptions,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import { fastifySessions } from "../../../src/adapters/fastify.ts";
import { SojournError } from "../../../src/errors.ts";
import {
  type AdapterHarness,
  type App,
  type Client,
  http1Client,
  type NeutralOptions,
  NODE_SHAPES,
  type Reply,
  sendReply,
  toResponse,
} from "../../../src/testing/index.ts";
import { HTTP2_LACKS, HTTP2_SHAPES } from "./http2-server.ts";
import { EXEMPT, isSecondPath, optionsOf, pathOf, routeFor } from "./neutral.ts";

/** How a handler hands its reply over. Resolves to what it returns. */
type Send = (reply: FastifyReply, neutral: Reply) => unknown;

/** By `reply.send`: strings, and Node's streams. */
export const byReply: Send = (reply, { status = 200, headers = [], body }) => {
  reply.code(status);
  for (const [name, value] of headers) reply.header(name, value);
  if (typeof body !== "object") return reply.send(body);
  reply.send(Readable.from(body, { objectMode: false }));
  reply.raw.flushHeaders(); // a listener is told that it is heard before there is anything to hear
  return reply;
};

/** As the value an async handler returns: buffers, and web streams. */
export const byValue: Send = (reply, { body, ...head }) => {
  if (typeof body !== "object") return byReturn(reply, { ...head, ...(body !== undefined && { body }) });
  byReturn(reply, head);
  reply.send(toResponse({ body }).body);
  reply.raw.flushHeaders();
  return reply;
};

function byReturn(reply: FastifyReply, { status = 200, headers = [], body }: Reply): unknown {
  reply.code(status);
  for (const [name, value] of headers) reply.header(name, value);
  return typeof body === "string" ? Buffer.from(body) : undefined;
}

/** As a web Response. */
export const byResponse: Send = (reply, neutral) => {
  if (typeof neutral.body !== "object") return toResponse(neutral);
  reply.send(toResponse(neutral));
  reply.raw.flushHeaders();
  return reply;
};

export interface Serving {
  readonly server?: FastifyHttpOptions<never> | { readonly http2: true };
  readonly client?: (port: number) => Client;
}

export function fastifyHarness(send: Send, { server = {}, client }: Serving = {}): AdapterHarness {
  return {
    shapes: client ? HTTP2_SHAPES : NODE_SHAPES,
    secondIs: "within",
    lacks: {
      "thrown responses": "Fastify takes a thrown Response for an error",
      ...(client && HTTP2_LACKS),
    },
    async serve(app) {
      const fastify: FastifyInstance = Fastify(server as object);
      const { sessions, second, secondOptions = {}, exemptPath } = app;
      await fastify.register(formbody);
      acceptEverything(fastify);
      fastify.setErrorHandler(production);
      await fastify.register(fastifySessions(sessions, neutral(app.options)));
      if (second && app.secondPath === undefined)
        await fastify.register(fastifySessions(second, neutral(secondOptions)));
      const [below, above] = [true, false].map((is) =>
        Object.keys(app.routes).filter((path) => (second !== undefined && isSecondPath(app, path)) === is),
      );
      await fastify.register(async (inner) => {
        if (second && app.secondPath !== undefined)
          await inner.register(fastifySessions(second, neutral(secondOptions)));
        for (const path of below ?? []) inner.all(path, handlerOf(app, send));
      });
      for (const path of above ?? [])
        fastify.all(path, path === exemptPath ? { config: EXEMPT } : {}, handlerOf(app, send));
      fastify.setNotFoundHandler(handlerOf(app, send));
      const open = new Set<{ destroy(): void }>();
      fastify.server.on("connection", (connection) => open.add(connection));
      await fastify.listen({ port: 0, host: "127.0.0.1" });
      const { port } = fastify.server.address() as AddressInfo;
      return {
        port,
        client: client?.(port) ?? http1Client({ port }),
        async [Symbol.asyncDispose]() {
          for (const connection of open) connection.destroy();
          await fastify.close();
        },
      };
    },
  };
}

const neutral = (options: NeutralOptions) =>
  optionsOf(
    options,
    (request: FastifyRequest) => pathOf(request.url),
    (answer) => answer,
  );

/** Other content types than forms and JSON are the handler's business here. */
function acceptEverything(fastify: FastifyInstance): void {
  fastify.removeContentTypeParser("text/plain");
  fastify.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
}

/** What an application has in production: Fastify by itself tells clients the message of any error. */
function production(error: unknown, _request: FastifyRequest, reply: FastifyReply): unknown {
  if (error instanceof SojournError) throw error;
  console.error(error);
  return reply.code(500).send("Internal Server Error");
}

function handlerOf(app: App, send: Send) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const { sessions } = app;
    const { body } = request;
    const neutralReply = await routeFor(
      app,
      pathOf(request.url),
    )({
      request,
      get session() {
        return sessions.of(request);
      },
      form: async () => (typeof body === "object" && body !== null ? { ...body } : {}),
    });
    if (neutralReply.shape === undefined) return send(reply, neutralReply);
    reply.hijack();
    await sendReply(reply.raw, neutralReply);
    return reply;
  };
}
