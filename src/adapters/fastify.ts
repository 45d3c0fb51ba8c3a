/** `sojourn/fastify`: sessions as a plugin for Fastify 5, with or without @fastify/cookie. */
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { ExchangeRules } from "../core/exchange-contract.ts";
import type { SessionWatch } from "../core/manager-types.ts";
import { SojournError } from "../errors.ts";
import { bodyField } from "./body-field.ts";
import {
  answerInstead,
  noteFailure,
  rememberReply,
  replyMount,
  responseOf,
  takeTypeBack,
} from "./fastify-reply.ts";
import { attach, ResponseHook } from "./node-response.ts";
import { HOOK } from "./node-types.ts";
import { NodeView, SAFE } from "./node-view.ts";
import { type AdapterOptions, type FailureAnswer, mountOf } from "./options.ts";

export type { AdapterOptions, FailureAnswer } from "./options.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /**
     * Exempts this route from the CSRF check of its sessions: `{ exempt: "the reason" }`, or `false`. Default: checked.
     * For routes that prove their caller in another way, such as signed webhooks. Risk: a page on any other site can
     * then act there as the signed-in user. Another value throws `InvalidOptionError` when the route is added, or, where
     * that was before the plugin, at its requests.
     */
    csrf?: false | { exempt: string };
  }
}

/** The sessions a plugin serves: whatever `createSessions` returned. */
export interface ServedSessions extends SessionWatch {
  of(request: object): object;
}

type Done = (error?: Error) => void;

const OURS: unique symbol = Symbol("sojourn.session");
const PROPERTY: string = "session"; // whoever declares its type, and as what, is the application's choice

/**
 * The plugin: `await app.register(fastifySessions(sessions))`, behind the parsers of bodies and in front of the routes.
 * It serves the instance it is registered on and what is registered below. Hooks and handlers take their session with
 * `sessions.of(request)`, Node's own request works too, or as `request.session`; what they wrote is stored before the
 * headers leave, also of a reply that was hijacked, and a commit that fails replaces the answer. A status of 500 or above
 * stores nothing. The CSRF token of a form is looked at when its body was read: before that the session can be read, and
 * whatever would be stored at once is refused. Registered twice, the first one counts.
 * Errors of sessions take Fastify's way. Where no error handler of the application answers them, they get the same
 * answers as everywhere, by `signInPath` and `onFailure`.
 * Throws `InvalidOptionError` for a wrong option. Registering fails beside another plugin's `request.session`.
 */
export function fastifySessions<Req extends FastifyRequest = FastifyRequest>(
  sessions: ServedSessions,
  options: AdapterOptions<Req, FailureAnswer> = {},
): FastifyPluginAsync {
  const mount = mountOf(sessions, options);
  const { exchanges } = mount;
  const shared = replyMount(mount);
  const rulesByRoute = new WeakMap<object, ExchangeRules>();

  /** As mounted, or as the route says in its `config`. */
  function rulesFor({ routeOptions, method, headers }: FastifyRequest): ExchangeRules {
    if (mount.rules.csrfExempt !== null || (SAFE.test(method) && headers.upgrade === undefined))
      return mount.rules;
    const { config } = routeOptions;
    if (config.csrf === undefined) return mount.rules;
    const known = rulesByRoute.get(config);
    if (known) return known;
    const { rules } = mountOf(sessions, { ...options, csrf: config.csrf });
    rulesByRoute.set(config, rules);
    return rules;
  }

  function onRequest(request: FastifyRequest, reply: FastifyReply, done: Done): void | Promise<void> {
    const { raw } = request;
    rememberReply(reply);
    const outer = exchanges.find(raw);
    if (outer) {
      exchanges.alias(request, raw); // it may have come through another adapter
      const isExempt = rulesFor(request).csrfExempt !== null;
      return isExempt ? done() : proceed(outer.unexempt("later"), done);
    }
    if (mount.skip?.(request as Req)) {
      exchanges.skip(raw);
      exchanges.alias(request, raw);
      return done();
    }
    const exchange = exchanges.open(raw, new NodeView(raw), rulesFor(request));
    exchanges.alias(request, raw);
    attach(shared, exchange, raw, responseOf(reply));
    return proceed(exchange.begin("later"), done);
  }

  function preValidation(request: FastifyRequest, _reply: FastifyReply, done: Done): void | Promise<void> {
    const judging = exchanges.find(request.raw)?.judgeBody(() => bodyField(request));
    return proceed(judging, done);
  }

  function onError(_request: FastifyRequest, reply: FastifyReply, error: Error, done: () => void): void {
    takeTypeBack(reply);
    if (error instanceof SojournError) {
      rememberReply(reply);
      const response = responseOf(reply);
      // Skipped, or failed before there was a session.
      if (!response[HOOK]) new ResponseHook(reply.request.raw, response).join(shared);
      noteFailure(reply, error);
    }
    done();
  }

  function onSend(
    _request: FastifyRequest,
    reply: FastifyReply,
    payload: unknown,
    done: () => void,
  ): void | Promise<string> {
    const answering = answerInstead(reply, payload);
    if (answering) return answering;
    done();
  }

  const plugin = async (app: FastifyInstance): Promise<void> => {
    decorate(app, sessions);
    app.addHook("onRoute", ({ config }) => {
      if (config?.csrf !== undefined) mountOf(sessions, { csrf: config.csrf });
    });
    app.addHook("onRequest", onRequest);
    app.addHook("preValidation", preValidation);
    app.addHook("onError", onError);
    app.addHook("onSend", onSend);
  };
  return Object.assign(plugin, {
    [Symbol.for("skip-override")]: true,
    [Symbol.for("fastify.display-name")]: "sojourn",
    [Symbol.for("plugin-meta")]: { name: "sojourn", fastify: "5.x" },
  });
}

/** Goes on at once where there is nothing to wait for. A refusal takes Fastify's way of errors. */
function proceed(begun: void | Promise<void>, done: Done): void | Promise<void> {
  if (begun instanceof Promise) return begun;
  done();
}

/** Of several plugins on one instance, `request.session` is that of the first. */
function decorate(app: FastifyInstance, sessions: ServedSessions): void {
  if (app.hasRequestDecorator(OURS)) return;
  if (app.hasRequestDecorator(PROPERTY)) {
    throw new TypeError(
      "request.session is there already, from another plugin such as @fastify/session. An instance has one of them: " +
        "register sojourn instead of it, or each in a plugin of its own.",
    );
  }
  const session = { getter: ofThisRequest(sessions) };
  app.decorateRequest(OURS, session);
  app.decorateRequest(PROPERTY, session);
}

function ofThisRequest(sessions: ServedSessions): (this: FastifyRequest) => object {
  return function session(this: FastifyRequest): object {
    return sessions.of(this);
  };
}
