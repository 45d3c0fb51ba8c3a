/** `sojourn/node`: sessions around a request listener of node:http, node:https and node:http2. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type {
  CarriedSession,
  CarriedSessions,
  RevocableSession,
  RevocableSessions,
} from "../core/carried-types.ts";
import type { Sessions } from "../core/manager-types.ts";
import type { Session } from "../core/types.ts";
import { toSojournError } from "./failure.ts";
import { answerAlone } from "./node-failure.ts";
import { attach, beginOrRefuse } from "./node-response.ts";
import { cutShort, HOOK, type NodeRequest, type NodeResponse } from "./node-types.ts";
import { NodeView } from "./node-view.ts";
import { type AdapterOptions, type FailureAnswer, mountOf } from "./options.ts";
import { skippedSession } from "./skipped-session.ts";

export type { NodeRequest, NodeResponse } from "./node-types.ts";
export type { AdapterOptions, FailureAnswer } from "./options.ts";

/** A request listener that is given the session too. */
export type SessionListener<D extends object, Req, Res, Held = Session<D>> = (
  request: Req,
  response: Res,
  session: Held,
) => unknown;

/**
 * Wraps a request listener, plain or async, for HTTP/1 and HTTP/2 (compatibility API; `response.stream` goes past it).
 * What the handler wrote is stored before the headers leave, however they leave; a commit that fails replaces the answer.
 * A status of 500 or above stores nothing. A handler that throws before it answered is answered for: a `SojournError` by
 * its status, anything else with 500 and a report on the console; one that throws later cuts its answer short.
 * Name the parameter types for HTTP/2: `(req: Http2ServerRequest, res: Http2ServerResponse, session) => ...`.
 * Throws `InvalidOptionError` for a wrong option.
 */
export function withSessions<
  D extends object,
  Req extends NodeRequest = IncomingMessage,
  Res extends NodeResponse = ServerResponse,
>(
  sessions: Sessions<D>,
  handler: SessionListener<D, Req, Res>,
  options?: AdapterOptions<Req, FailureAnswer>,
): (request: Req, response: Res) => void;
export function withSessions<
  D extends object,
  Req extends NodeRequest = IncomingMessage,
  Res extends NodeResponse = ServerResponse,
>(
  sessions: RevocableSessions<D>,
  handler: SessionListener<D, Req, Res, RevocableSession<D>>,
  options?: AdapterOptions<Req, FailureAnswer>,
): (request: Req, response: Res) => void;
export function withSessions<
  D extends object,
  Req extends NodeRequest = IncomingMessage,
  Res extends NodeResponse = ServerResponse,
>(
  sessions: CarriedSessions<D>,
  handler: SessionListener<D, Req, Res, CarriedSession<D>>,
  options?: AdapterOptions<Req, FailureAnswer>,
): (request: Req, response: Res) => void;
export function withSessions<
  D extends object,
  Req extends NodeRequest = IncomingMessage,
  Res extends NodeResponse = ServerResponse,
>(
  sessions: object,
  handler: SessionListener<D, Req, Res>,
  options: AdapterOptions<Req, FailureAnswer> = {},
): (request: Req, response: Res) => void {
  const mount = mountOf(sessions, options);
  const { exchanges } = mount;

  return function listenWithSessions(request: Req, response: Res): void {
    try {
      listen(request, response);
    } catch (thrown) {
      crash(request, response, thrown); // `skip` threw; a listener's error would end the process
    }
  };

  function listen(request: Req, response: Res): void {
    const outer = exchanges.find(request);
    const hook = response[HOOK];
    if (outer && hook && mount.rules.csrfExempt === null) {
      beginOrRefuse(hook, outer, () => run(request, response, outer.session), "unexempt");
    } else if (outer) run(request, response, outer.session);
    else if (mount.skip?.(request)) {
      exchanges.skip(request);
      run(request, response, skippedSession());
    } else {
      const exchange = exchanges.open(request, new NodeView(request), mount.rules);
      const attached = attach(mount, exchange, request, response);
      beginOrRefuse(attached, exchange, () => run(request, response, exchange.session));
    }
  }

  function run(request: Req, response: Res, session: object): void {
    try {
      const running: unknown = handler(request, response, session as Session<D>);
      // Any promise, also of another library or realm.
      if (typeof running === "object" && running !== null && "then" in running)
        Promise.resolve(running).catch((thrown: unknown) => crash(request, response, thrown));
    } catch (thrown) {
      crash(request, response, thrown);
    }
  }

  function crash(request: Req, response: Res, thrown: unknown): void {
    const hook = response[HOOK];
    if (hook) void hook.crash(thrown);
    else answerAlone(mount, request, response, toSojournError(thrown)).catch(() => cutShort(response));
  }
}
