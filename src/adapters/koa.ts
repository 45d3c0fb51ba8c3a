/**
 * `sojourn/koa`: sessions as a middleware for Koa 3. Its types are structural, so they fit Koa's own and need none
 * installed.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { SessionWatch } from "../core/manager-types.ts";
import { SojournError } from "../errors.ts";
import { bodyField } from "./body-field.ts";
import { contextOf, defineSession, type KoaContext, rememberContext } from "./koa-context.ts";
import { answerAlone, type NodeMount } from "./node-failure.ts";
import { attach } from "./node-response.ts";
import { HOOK, type NodeRequest, type NodeResponse } from "./node-types.ts";
import { NodeView } from "./node-view.ts";
import { type AdapterOptions, type FailureAnswer, mountOf } from "./options.ts";

export type { KoaContext } from "./koa-context.ts";
export type { AdapterOptions, FailureAnswer } from "./options.ts";

/** A manager, whatever its sessions can do. */
export interface SessionSource extends SessionWatch {
  of(request: object): object;
}

/** What the middleware adds to a context, for Koa's type parameters: `new Koa<DefaultState, SessionContext<typeof sessions>>()`. */
export interface SessionContext<S extends SessionSource> {
  /** The session of this request; the same as `sessions.of(ctx)`. Of several managers, that of the one mounted first. */
  readonly session: ReturnType<S["of"]>;
}

export type Next = () => Promise<unknown>;

export interface SessionMiddleware<Ctx, S extends SessionSource> {
  (context: Ctx, next: Next): Promise<void>;
  /** Tells Koa's types what is in the contexts behind it: `new Koa().use(koaSessions(sessions)).use(handler)`. */
  (context: Ctx & SessionContext<S>, next: Next): Promise<void>;
}

/**
 * The middleware. Handlers behind it take their session with `sessions.of(ctx)` or as `ctx.session`; what they wrote is
 * stored before the headers leave, whoever set the status last, and a commit that fails replaces the answer. A status of
 * 500 or above stores nothing. It answers refusals, failed commits and errors of sessions that handlers throw, such as
 * `NotSignedInError`, and leaves other errors to Koa. What the operator must see goes to the `error` event of the
 * application.
 * Mount it behind static files and body parsers: it then finds the CSRF token of a form as `ctx.request.body._csrf` too.
 * Mounted twice, the first one counts. A route exempt from the CSRF check has it in front of its own handler, before the
 * rest: `router.post("/webhook", koaSessions(sessions, { csrf: { exempt: "signed by the sender" } }), handler)`. A request
 * that no exempt handler answers is judged by the next mount.
 * Throws `InvalidOptionError` for a wrong option.
 */
export function koaSessions<S extends SessionSource, Ctx extends KoaContext = KoaContext>(
  sessions: S,
  options: AdapterOptions<Ctx, FailureAnswer> = {},
): SessionMiddleware<Ctx, S> {
  const mount = koaMount(sessions, options);

  return async function koaSessions(context: Ctx, next: Next): Promise<void> {
    if (!(await enter(mount, context))) return;
    try {
      await next();
    } catch (error) {
      await answerThrown(mount, context, error);
    }
  };
}

interface KoaMount<Ctx> extends NodeMount {
  readonly skip: ((context: Ctx) => boolean) | undefined;
}

/** The shared parts know Node's request: what they tell the application is told with the context around it. */
function koaMount<Ctx extends KoaContext>(
  sessions: object,
  options: AdapterOptions<Ctx, FailureAnswer>,
): KoaMount<Ctx> {
  const mount = mountOf(sessions, options);
  const { onFailure } = mount;
  return {
    ...mount,
    onFailure: onFailure && ((error, request) => onFailure(error, contextOf(request))),
    report(failure: unknown, request: NodeRequest) {
      const context = contextOf(request);
      const error =
        failure instanceof Error
          ? failure
          : new Error("something that is no error was thrown", { cause: failure });
      context.app.emit("error", error, context);
    },
    pathOf: (request) => contextOf(request).originalUrl,
  };
}

/** Opens the session, or skips the request, or leaves it to the mount it met first. `false`: refused, and answered. */
async function enter<Ctx extends KoaContext>(mount: KoaMount<Ctx>, context: Ctx): Promise<boolean> {
  const { exchanges, rules } = mount;
  const { req, res }: { req: IncomingMessage; res: ServerResponse & NodeResponse } = context;
  rememberContext(context);
  const outer = exchanges.find(req);
  if (!outer && mount.skip?.(context)) {
    exchanges.skip(req);
    exchanges.alias(context, req);
    defineSession(context, "skipped");
    return true;
  }
  const exchange = outer ?? exchanges.open(req, new NodeView(req), rules);
  const hook = outer ? res[HOOK] : attach(mount, exchange, req, res);
  exchanges.alias(context, req);
  defineSession(context, exchange);
  if (!hook || (outer && rules.csrfExempt !== null)) return true;
  try {
    await exchange[outer ? "unexempt" : "begin"](() => bodyField(context.request));
    return true;
  } catch (error) {
    await hook.replace(error, "before handler", exchange);
    return false;
  }
}

/** Errors of ours are answered here. Once an answer has begun, no error can become another one: it is cut short. */
async function answerThrown(mount: NodeMount, { req, res }: KoaContext, error: unknown): Promise<void> {
  const hook = (res as NodeResponse)[HOOK];
  const isOurs = error instanceof SojournError;
  if (hook && (isOurs || hook.phase !== "open")) await hook.crash(error);
  else if (isOurs && !res.headersSent) await answerAlone(mount, req, res, error);
  else throw error;
}
