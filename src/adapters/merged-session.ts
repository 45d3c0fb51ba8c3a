/** `req.session`, for programs that import `sojourn/express/merge`. Others get no property they did not ask for. */
import type { Exchange } from "../core/exchange-contract.ts";
import { SessionSkippedError } from "../errors.ts";

let isWanted = false;

/** Called by `sojourn/express/merge` when it is imported. */
export function wantSessionProperty(): void {
  isWanted = true;
}

/**
 * The session of the first manager a request meets, which is the one the types know; `null`: it skips the request, and
 * another manager's session must not pass for its own. A property that is there already stays.
 */
export function defineSession(request: object, exchange: Exchange | null): void {
  if (!isWanted || "session" in request) return;
  Object.defineProperty(request, "session", {
    get() {
      if (!exchange) throw new SessionSkippedError();
      return exchange.session;
    },
    configurable: true,
    enumerable: false, // a logger that walks the request must not count as a reader of the session
  });
}
