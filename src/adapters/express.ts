/**
 * `sojourn/express`: sessions as a middleware for Express 5 and 4, and for whatever else takes (req, res, next).
 * Its types are structural, so they fit either version of Express's own and need neither installed.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { SessionWatch } from "../core/manager-types.ts";
import { SojournError } from "../errors.ts";
import { defineSession } from "./merged-session.ts";
import { answerAlone } from "./node-failure.ts";
import { attach, beginOrRefuse } from "./node-response.ts";
import { HOOK, type NodeResponse } from "./node-types.ts";
import { NodeView } from "./node-view.ts";
import { type AdapterOptions, type FailureAnswer, mountOf } from "./options.ts";

export type { AdapterOptions, FailureAnswer } from "./options.ts";

/** What `skip` and `onFailure` see of a request. Annotate their parameter with Express's own type for the rest of it. */
export interface ExpressRequest extends IncomingMessage {
  readonly originalUrl: string;
  readonly path: string;
  readonly hostname: string;
  readonly ip?: string | undefined;
  readonly query: object;
  readonly body?: unknown;
}

export type Next = (error?: unknown) => void;
export type SessionMiddleware<Req> = (request: Req, response: ServerResponse, next: Next) => void;
export type SessionErrorMiddleware<Req> = (
  error: unknown,
  request: Req,
  response: ServerResponse,
  next: Next,
) => void;

/**
 * The middleware. Handlers behind it take their session with `sessions.of(req)`; what they wrote is stored before the
 * headers leave, and a commit that fails replaces the answer. A status of 500 or above stores nothing.
 * Mount it behind static files and body parsers: it then finds the CSRF token of a form as `req.body._csrf` too. Mounted
 * twice, the first one counts. A route exempt from the CSRF check has it in front of its own handler, before the rest:
 * `app.post("/webhook", expressSessions(sessions, { csrf: { exempt: "signed by the sender" } }), handler)`. A request
 * that no exempt handler answers is judged by the next mount.
 * It answers refusals and failed commits itself; for what handlers throw see `sessionErrors`.
 * Throws `InvalidOptionError` for a wrong option.
 */
export function expressSessions<Req extends IncomingMessage = ExpressRequest>(
  sessions: SessionWatch,
  options: AdapterOptions<Req, FailureAnswer> = {},
): SessionMiddleware<Req> {
  const mount = mountOf(sessions, options);
  const { exchanges } = mount;

  return function expressSessions(request: Req, response: ServerResponse, next: Next): void {
    const outer = exchanges.find(request);
    if (outer) {
      const hook = (response as NodeResponse)[HOOK];
      if (hook && mount.rules.csrfExempt === null) beginOrRefuse(hook, outer, () => next(), "unexempt");
      else next();
      return;
    }
    if (mount.skip?.(request)) {
      exchanges.skip(request);
      defineSession(request, null);
      next();
      return;
    }
    const exchange = exchanges.open(request, new NodeView(request), mount.rules);
    const hook = attach(mount, exchange, request, response);
    defineSession(request, exchange);
    beginOrRefuse(hook, exchange, () => next());
  };
}

/**
 * Error middleware, to be mounted last: gives the errors of sessions that handlers throw, such as `NotSignedInError`,
 * the same answers as everywhere. `signInPath` and `onFailure` default to those of the `expressSessions` the request
 * came through. Other errors go on to the next error middleware. Without it Express answers such an error with its
 * status and headers, and its own page.
 */
export function sessionErrors<Req extends IncomingMessage = ExpressRequest>(
  sessions: SessionWatch,
  options: Pick<AdapterOptions<Req, FailureAnswer>, "signInPath" | "onFailure"> = {},
): SessionErrorMiddleware<Req> {
  const mount = mountOf<Req, FailureAnswer>(sessions, options);
  const isSilent = mount.signInPath === undefined && mount.onFailure === undefined;

  return function sessionErrors(error: unknown, request: Req, response: ServerResponse, next: Next): void {
    const hook = (response as NodeResponse)[HOOK];
    if (!(error instanceof SojournError) || response.headersSent) {
      next(error);
    } else if (hook) {
      if (!isSilent) hook.overrule(mount);
      void hook.crash(error);
    } else answerAlone(mount, request, response, error).catch((failed: unknown) => next(failed));
  };
}
