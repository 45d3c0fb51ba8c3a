/** The adapter contract's application on Koa, over whatever server it is put behind. */
import { Readable } from "node:stream";
import Koa, { type Context, type Middleware } from "koa";
import bodyParser from "koa-bodyparser";
import { koaSessions } from "../../../src/adapters/koa.ts";
import type { AdapterHarness, App, NeutralOptions, Reply, Served } from "../../../src/testing/index.ts";
import { sendReply } from "../../../src/testing/index.ts";
import { EXEMPT, isSecondPath, optionsOf, routeFor } from "./neutral.ts";

/** What serves either version of HTTP. */
type Listener = (...given: Parameters<ReturnType<Koa["callback"]>>) => void;

export function koaHarness(
  serve: (listener: Listener) => Promise<Served>,
  about: Pick<AdapterHarness, "shapes" | "lacks">,
): AdapterHarness {
  return {
    secondIs: "within",
    ...about,
    serve(app) {
      const { sessions, second, secondOptions = {}, exemptPath } = app;
      const neutral = (options: NeutralOptions) =>
        optionsOf(
          options,
          ({ path }: Context) => path,
          (answer) => answer,
        );
      const options = neutral(app.options);
      const route = routing(app);
      const server = new Koa();
      server.use(bodyParser());
      if (exemptPath !== undefined) {
        const exempt = koaSessions(sessions, { ...options, ...EXEMPT });
        server.use((context, next) =>
          context.path === exemptPath ? exempt(context, () => route(context, next)) : next(),
        );
      }
      server.use(koaSessions(sessions, options));
      if (second) {
        const within = koaSessions(second, neutral(secondOptions));
        server.use((context, next) => (isSecondPath(app, context.path) ? within(context, next) : next()));
      }
      server.use(route);
      const handle = server.callback();
      return serve((request, response) => void handle(request, response));
    },
  };
}

function routing(app: App): Middleware {
  return async (context) => {
    const reply = await routeFor(
      app,
      context.path,
    )({
      request: context,
      get session() {
        return context.session;
      },
      form: async () => (context.request.body ?? {}) as Record<string, string>,
    });
    if (reply.shape === undefined) answer(context, reply);
    else {
      context.respond = false;
      await sendReply(context.res, reply);
    }
  };
}

function answer(context: Context, { status = 200, headers = [], body = "" }: Reply): void {
  context.status = status;
  for (const [name, value] of headers) context.append(name, value);
  if (typeof body === "string") context.body = body;
  else {
    context.body = Readable.from(body);
    context.flushHeaders(); // a listener is told that it is heard before there is anything to hear
  }
}
