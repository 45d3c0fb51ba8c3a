/**
 * `sojourn/hono`: sessions as a middleware for Hono 4, on every runtime that Hono runs on. Of Hono it takes types alone.
 */
import type { Context, MiddlewareHandler } from "hono";
import type { BodyToken } from "../core/exchange-contract.ts";
import type { SessionWatch } from "../core/manager-types.ts";
import { InvalidOptionError } from "../errors.ts";
import { bodyField } from "./body-field.ts";
import { answerFailure, answerThrown, type Served } from "./fetch-failure.ts";
import { answerOf } from "./fetch-response.ts";
import { readFormToken } from "./form-token.ts";
import { applyTo, fail, unansweredError } from "./hono-answer.ts";
import { HonoView } from "./hono-view.ts";
import { type AdapterOptions, mountOf } from "./options.ts";
import { skippedSession } from "./skipped-session.ts";

export type { AdapterOptions } from "./options.ts";

/** A manager of any kind, as `createSessions` returns it. */
type SomeSessions = SessionWatch & { of(request: object): object };

/** What `new Hono<SessionEnv<typeof sessions>>()` knows of `c.var`: the session, under the name that `as` gave it. */
export interface SessionEnv<S extends SomeSessions, K extends string = "session"> {
  Variables: { readonly [Name in K]: ReturnType<S["of"]> };
}

export interface HonoOptions<K extends string> extends AdapterOptions<Context, Response> {
  /** The variable that holds the session. Default `"session"`: `c.var.session`. Two managers need two names. */
  as?: K;
}

/**
 * The middleware. Handlers behind it have their session as `c.var.session` or `sessions.of(c)`; what they wrote is stored
 * before the answer leaves, whatever it is made of, and a commit that fails replaces it. A status of 500 or above stores
 * nothing. Mounted twice, the first one counts. A route exempt from the CSRF check has it in front of its own handler,
 * before the rest: `app.post("/webhook", honoSessions(sessions, { csrf: { exempt: "signed by the sender" } }), handler)`.
 * Errors of ours that handlers throw are answered here, unless `app.onError` makes an answer of its own for them; all
 * others stay with `app.onError`. Forms may send the CSRF token as `_csrf`.
 * Throws `InvalidOptionError` for a wrong option.
 */
export function honoSessions<S extends SomeSessions, K extends string = "session">(
  sessions: S,
  options: HonoOptions<K> = {},
): MiddlewareHandler<SessionEnv<S, K>> {
  const mount = mountOf<Context, Response>(sessions, options, ["as"]);
  const { exchanges } = mount;
  const { as: name = "session" as K } = options;
  if (typeof name !== "string" || name === "")
    throw new InvalidOptionError("as", 'must be the name of a variable, such as "session"');

  return async function honoSessions(c: Context, next): Promise<void> {
    const request = c.req.raw;
    exchanges.alias(c, request); // known already where sojourn/fetch is around the application
    const outer = exchanges.find(c);
    if (!outer && mount.skip?.(c)) {
      exchanges.skip(c);
      exchanges.alias(request, c);
      c.set(name, skippedSession());
      return next();
    }
    const exchange = outer ?? exchanges.open(c, new HonoView(c), mount.rules);
    exchanges.alias(request, c);
    c.set(name, exchange.session);
    const token = formToken(c);
    const served: Served<Context> = { mount, exchange, key: c, request, isInner: outer !== undefined };
    try {
      const judging = outer
        ? mount.rules.csrfExempt === null && exchange.unexempt(token)
        : exchange.begin(token);
      if (judging) await judging;
    } catch (error) {
      return fail(c, await answerFailure(served, error, "before handler"));
    }
    if (outer) return next();
    try {
      await next();
    } catch (thrown) {
      if (!(thrown instanceof Response)) return fail(c, await answerThrown(served, thrown));
      c.res = thrown;
    }
    const error = unansweredError(c);
    if (error) {
      const isReported = c.res.status !== error.status;
      return fail(c, await answerFailure({ ...served, isReported }, error, "in handler"));
    }
    try {
      const changes = exchange.finish(answerOf(c.res, exchange));
      applyTo(c, changes instanceof Promise ? await changes : changes);
    } catch (failure) {
      fail(c, await answerFailure(served, failure, "at commit"));
    }
  };
}

/** The `_csrf` field of a form, wherever its body is by now. */
function formToken(c: Context): BodyToken {
  return () => (c.req.raw.bodyUsed ? parsedToken(c) : readFormToken(c.req.raw));
}

/** Hono keeps what it parsed. A body that was read past it is gone. */
async function parsedToken({ req }: Context): Promise<string | undefined> {
  if (Object.keys(req.bodyCache).length === 0) return undefined;
  try {
    return bodyField({ body: await req.parseBody() });
  } catch {
    return undefined;
  }
}
