/** Which managers serve a request, and by which exchanges: an application may have several, such as site and admin. */
import { InvalidOptionError } from "../errors.ts";
import { ByRequest, hideFromLogs } from "./by-request.ts";
import type { RequestExchange } from "./exchange.ts";
import type { RequestSession } from "./request-session.ts";

/** One manager's part in a request, in front of those that came to it earlier. */
class Served {
  /** The manager's own door, by which it knows its part again. */
  readonly door: object;
  /** `null`: kept out by `skip`. */
  readonly exchange: RequestExchange | null;
  readonly earlier: Served | undefined;

  constructor(door: object, exchange: RequestExchange | null, earlier: Served | undefined) {
    this.door = door;
    this.exchange = exchange;
    this.earlier = earlier;
  }
}

hideFromLogs(Served.prototype);

const requests = new ByRequest<Served>();

/** `undefined`: this manager has not met the request; `null`: it skips it. */
export function exchangeBy(door: object, request: object): RequestExchange | null | undefined {
  for (let served = requests.get(request); served; served = served.earlier) {
    if (served.door === door) return served.exchange;
  }
  return undefined;
}

/**
 * Throws `InvalidOptionError` when another manager of the same name is there already, or one that hands out tokens in the
 * same headers: each would take the other's token for its own, and the later answer would sign the earlier one's user out.
 */
export function serve(door: object, request: object, exchange: RequestExchange | null): void {
  const earlier = requests.get(request);
  if (earlier && exchange) {
    const { settings, transports } = exchange.request.engine;
    const { name } = settings;
    if (exchangesOn(request).some((other) => other.request.engine.settings.name === name)) {
      throw new InvalidOptionError(
        "cookie.name",
        `two managers serve one request under the name "${name}", so each would overwrite the other's cookie. ` +
          'Give each its own, such as cookie: { name: "admin" }',
      );
    }
    const others = exchangesOn(request).flatMap((other) => other.request.engine.transports);
    const shared = transports
      .filter(({ ambient }) => !ambient)
      .find((one) => others.some((other) => other.name === one.name));
    if (shared) {
      throw new InvalidOptionError(
        "header.name",
        `two managers serve one request and would both answer by the transport "${shared.name}", so a client would ` +
          'take one token for the other. Give each its own, such as header({ name: "admin" })',
      );
    }
  }
  requests.set(request, new Served(door, exchange, earlier));
}

/** Makes what is known of a request known of what a framework puts around it. */
export function alias(wrapper: object, request: object): void {
  const served = requests.get(request);
  if (served) requests.set(wrapper, served);
}

/** The exchanges of all managers, the one opened last first. */
export function exchangesOn(request: object): readonly RequestExchange[] {
  const all: RequestExchange[] = [];
  for (let served = requests.get(request); served; served = served.earlier) {
    if (served.exchange) all.push(served.exchange);
  }
  return all;
}

/** The other managers' sessions of the same request, as far as they may be used. */
export function companionsOf(request: RequestSession): readonly RequestSession[] {
  if (!request.key) return [];
  return exchangesOn(request.key)
    .map((exchange) => exchange.request)
    .filter((other) => other !== request && other.isOpen && !other.loadFailure && !other.denial);
}
