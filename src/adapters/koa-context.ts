/** What the adapter for Koa keeps on a context, and its way from Node's request back to the context around it. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { ByRequest } from "../core/by-request.ts";
import type { Exchange } from "../core/exchange-contract.ts";
import { SessionSkippedError } from "../errors.ts";

/** What `skip` and `onFailure` see of a context. Annotate their parameter with Koa's own type for the rest of it. */
export interface KoaContext {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly request: object;
  readonly app: { readonly context: object; emit(event: "error", error: Error, context: object): boolean };
  readonly method: string;
  readonly originalUrl: string;
  readonly path: string;
  readonly hostname: string;
  readonly query: object;
  get(field: string): string;
}

const contexts = new ByRequest<KoaContext>();

/** Makes the context known to `contextOf`. */
export function rememberContext(context: KoaContext): void {
  contexts.set(context.req, context);
}

/** The context around a request that the middleware has met. */
export function contextOf<Ctx extends KoaContext>(request: object): Ctx {
  return contexts.get(request) as Ctx;
}

/** By context: the exchange of the first manager it met, which is the one the types know, or that this one skips it. */
const firsts = new ByRequest<Exchange | "skipped">();

/**
 * `ctx.session`, on what all contexts of the application inherit from. A property that another package put there stays.
 * Where the first manager skips the request, another one's session must not pass for its own.
 */
export function defineSession(context: KoaContext, exchange: Exchange | "skipped"): void {
  if (firsts.get(context) === undefined) firsts.set(context, exchange);
  if ("session" in context) return;
  Object.defineProperty(context.app.context, "session", {
    get(this: object) {
      const first = firsts.get(this);
      if (first === "skipped") throw new SessionSkippedError();
      return first?.session;
    },
    configurable: true,
  });
}
