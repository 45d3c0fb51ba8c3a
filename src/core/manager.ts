/** A manager: the public face over one engine, and the door for adapters. */
import { NoSessionError, SessionSkippedError } from "../errors.ts";
import { createAdministration } from "./admin.ts";
import type { Engine } from "./engine.ts";
import { RequestExchange, registerExchanges } from "./exchange.ts";
import type { Exchanges } from "./exchange-contract.ts";
import { explainRequest } from "./explain.ts";
import type { Sessions } from "./manager-types.ts";
import { RequestSession } from "./request-session.ts";
import { alias, exchangeBy, exchangesOn, serve } from "./served.ts";
import type { Sweeper } from "./sweeper.ts";
import { issueTicket } from "./tickets.ts";
import { checkUserId } from "./user-id.ts";

type Values = Record<string, unknown>;

export interface ManagerParts {
  readonly engine: Engine;
  readonly sweeper: Sweeper;
  readonly description: Readonly<Record<string, unknown>>;
  /** Said at `ready()`. */
  readonly warnings: readonly string[];
}

export function createManager(parts: ManagerParts): Sessions<Values> {
  const { engine, sweeper } = parts;

  function exchangeFor(request: object): RequestExchange {
    const exchange = exchangeBy(exchanges, request);
    if (exchange === null) throw new SessionSkippedError();
    if (exchange) return exchange;
    throw new NoSessionError(
      "This request did not come through an adapter of these sessions. Mount one, such as app.use(expressSessions(sessions)), " +
        "in front of the handler, and pass the request object it was given.",
    );
  }

  const exchanges: Exchanges = {
    mode: engine.settings.mode,
    find: (request) => exchangeBy(exchanges, request) ?? undefined,
    all: exchangesOn,
    open(request, view, rules) {
      sweeper.start();
      const exchange = new RequestExchange(new RequestSession(engine, view), rules, request);
      serve(exchanges, request, exchange);
      return exchange;
    },
    skip(request) {
      if (exchangeBy(exchanges, request) === undefined) serve(exchanges, request, null);
    },
    alias,
  };

  const administration = createAdministration(engine, sweeper, parts.warnings);
  const sessions: Sessions<Values> = {
    ...administration,

    async beginLogin(userId) {
      checkUserId(userId);
      const at = engine.now();
      return issueTicket(engine, userId, await engine.store.revocation(userId), at);
    },

    async url(request, to, options = {}) {
      return exchangeFor(request).url(to, options);
    },

    async arrive(request, address) {
      return exchangeFor(request).arrive(address);
    },

    of(request) {
      const exchange = exchangeFor(request);
      exchange.request.checkUsable();
      return exchange.session;
    },

    async open(request) {
      const exchange = exchangeFor(request);
      await exchange.open();
      exchange.request.checkUsable();
      return exchange.session;
    },

    async peek(request) {
      return exchangeFor(request).peek();
    },

    async explain(request) {
      const exchange = exchangeBy(exchanges, request);
      if (exchange === null)
        return { code: "skipped", message: "The adapter's skip option kept this request out." };
      if (!exchange)
        return {
          code: "no-adapter",
          message: "The request did not come through an adapter of these sessions.",
        };
      return explainRequest(exchange.request);
    },

    describe: () => parts.description,

    [Symbol.asyncDispose]: () => administration.close(),
  };
  registerExchanges(sessions, exchanges);
  return sessions;
}
