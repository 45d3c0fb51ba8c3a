/** `req.session`, for programs that import `sojourn/express/merge`. Others get no property they did not ask for. */
import type { Exchange } from "../core/exchange-contract.ts";

let isWanted = false;

/** Called by `sojourn/express/merge` when it is imported. */
export function wantSessionProperty(): void {
  isWanted = true;
}

/** The session of the first manager a request meets; a property that is there already stays. */
export function defineSession(request: object, exchange: Exchange): void {
  if (!isWanted || "session" in request) return;
  Object.defineProperty(request, "session", {
    get: () => exchange.session,
    configurable: true,
    enumerable: false, // a logger that walks the request must not count as a reader of the session
  });
}
