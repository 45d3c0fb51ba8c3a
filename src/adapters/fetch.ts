/**
 * `sojourn/fetch`: sessions around a handler of Request and Response, for every runtime and framework that has those.
 */
import type {
  CarriedSession,
  CarriedSessions,
  RevocableSession,
  RevocableSessions,
} from "../core/carried-types.ts";
import type { BodyToken, Exchange } from "../core/exchange-contract.ts";
import type { Sessions } from "../core/manager-types.ts";
import type { Session } from "../core/types.ts";
import { answerFailure, answerThrown } from "./fetch-failure.ts";
import { answerOf, discard, withChanges } from "./fetch-response.ts";
import { FetchView } from "./fetch-view.ts";
import { readFormToken } from "./form-token.ts";
import { type AdapterOptions, type Mount, mountOf } from "./options.ts";
import { skippedSession } from "./skipped-session.ts";

export type { AdapterOptions } from "./options.ts";

/** A handler that is given the session beside what the runtime passes. */
export type SessionHandler<D extends object, Rest extends readonly unknown[], Held = Session<D>> = (
  request: Request,
  session: Held,
  ...rest: Rest
) => Response | Promise<Response>;

/**
 * Wraps a fetch handler. What the handler wrote is stored before the response is returned, and so before its first
 * byte, also of a stream; a thrown `Response` counts as returned. A status of 500 or above stores nothing. A thrown
 * `SojournError` becomes an answer of its status; anything else that is thrown goes on to the caller, except where a
 * login's cookie is owed: then the answer is `onFailure`'s or a plain 500 that carries it. Forms may send the CSRF token
 * as `_csrf` within the first MiB of their body.
 * Throws `InvalidOptionError` for a wrong option.
 */
export function withSessions<D extends object, Rest extends readonly unknown[] = []>(
  sessions: Sessions<D>,
  handler: SessionHandler<D, Rest>,
  options?: AdapterOptions<Request, Response>,
): (request: Request, ...rest: Rest) => Promise<Response>;
export function withSessions<D extends object, Rest extends readonly unknown[] = []>(
  sessions: RevocableSessions<D>,
  handler: SessionHandler<D, Rest, RevocableSession<D>>,
  options?: AdapterOptions<Request, Response>,
): (request: Request, ...rest: Rest) => Promise<Response>;
export function withSessions<D extends object, Rest extends readonly unknown[] = []>(
  sessions: CarriedSessions<D>,
  handler: SessionHandler<D, Rest, CarriedSession<D>>,
  options?: AdapterOptions<Request, Response>,
): (request: Request, ...rest: Rest) => Promise<Response>;
export function withSessions<D extends object, Rest extends readonly unknown[] = []>(
  sessions: object,
  handler: SessionHandler<D, Rest>,
  options: AdapterOptions<Request, Response> = {},
): (request: Request, ...rest: Rest) => Promise<Response> {
  const mount = mountOf(sessions, options);
  const { exchanges } = mount;

  return async function fetchWithSessions(request: Request, ...rest: Rest): Promise<Response> {
    const outer = exchanges.find(request);
    if (outer) {
      const failed = mount.rules.csrfExempt === null ? await judgeAgain(mount, outer, request) : null;
      return failed ?? handler(request, outer.session as Session<D>, ...rest);
    }
    if (mount.skip?.(request)) {
      exchanges.skip(request);
      return handler(request, skippedSession() as Session<D>, ...rest);
    }
    const exchange = exchanges.open(request, new FetchView(request), mount.rules);
    const bodyToken: BodyToken = () => readFormToken(request);
    try {
      await exchange.begin(bodyToken);
    } catch (error) {
      return answerFailure({ mount, exchange, key: request, request }, error, "before handler");
    }
    let response: Response;
    try {
      response = await handler(request, exchange.session as Session<D>, ...rest);
    } catch (thrown) {
      if (!(thrown instanceof Response))
        return answerThrown({ mount, exchange, key: request, request }, thrown);
      response = thrown;
    }
    return commit(mount, exchange, request, response);
  };
}

/** An exempt wrapper around this one let the request in unjudged. */
async function judgeAgain(
  mount: Mount<Request, Response>,
  outer: Exchange,
  request: Request,
): Promise<Response | null> {
  try {
    await outer.unexempt(() => readFormToken(request));
    return null;
  } catch (error) {
    return answerFailure(
      { mount, exchange: outer, key: request, request, isInner: true },
      error,
      "before handler",
    );
  }
}

async function commit(
  mount: Mount<Request, Response>,
  exchange: Exchange,
  request: Request,
  response: Response,
): Promise<Response> {
  try {
    return withChanges(response, await exchange.finish(answerOf(response, exchange)));
  } catch (error) {
    discard(response);
    return answerFailure({ mount, exchange, key: request, request }, error, "at commit");
  }
}
