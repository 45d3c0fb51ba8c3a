/**
 * What an adapter does with one request: begin before the handler, finish before the headers leave. Everything about
 * sessions and CSRF happens behind these calls; an adapter only translates.
 *
 *   const exchange = exchangeOf(sessions).open(req, view, rules)    // req: the key for sessions.of(req)
 *   await exchange.begin(readBodyToken)                             // may throw: answer with the error
 *   ... handler ...
 *   const changes = await exchange.finish({ status, cacheControl }) // may throw: answer with the error instead
 *   apply(changes)                                                  // then let the headers leave
 */
import type { SojournError } from "../errors.ts";
import type { RequestView } from "./request.ts";

/** How an adapter was mounted, as far as the core cares. */
export interface ExchangeRules {
  /** Set when the route is exempt from the CSRF check, with the reason written down. */
  readonly csrfExempt: string | null;
  /** Load only when `sessions.open(request)` asks. */
  readonly lazy: boolean;
}

/** The answer a handler is about to give. */
export interface Answer {
  readonly status: number;
  /** The Cache-Control header as the handler set it. */
  readonly cacheControl: string | undefined;
  /** Whether it has a Strict-Transport-Security header. Looked at only where `asksForHsts`. */
  readonly hsts?: boolean;
}

/** What to do to the response headers. Lines of the handler's own stay as they are. */
export interface HeaderChanges {
  /** Values of Set-Cookie lines to add, one line each. */
  readonly cookies: readonly string[];
  /** Replaces Cache-Control; `undefined`: leave it. */
  readonly cacheControl: string | undefined;
  /** Field names to add to Vary where missing. */
  readonly vary: readonly string[];
  /** Further headers to set: the token of a client that keeps it itself, a fresh CSRF token on a refusal. */
  readonly set: readonly (readonly [name: string, value: string])[];
}

/** Reads the `_csrf` field of the request body, if there is one. Asked only when a token decides. */
export type BodyToken = () => string | undefined | Promise<string | undefined>;

export interface Exchange {
  /**
   * Judges the request's origin, loads the session (unless lazy) and checks the token where one is needed.
   * Throws `CsrfDeniedError`; or `StoreUnavailableError` when the check needs a session that could not be loaded.
   * A load that failed without that need is kept, and thrown at the session's first use. May be synchronous when there
   * is nothing to wait for.
   * `"later"`, where the body is not read yet: a request whose token may only stand there can be read meanwhile, and what
   * would be stored before `judgeBody` throws `CsrfDeniedError`.
   */
  begin(bodyToken?: BodyToken | "later"): void | Promise<void>;

  /** The token part for a request that began with `"later"`. Nothing to do for one that was judged. */
  judgeBody(bodyToken: BodyToken): void | Promise<void>;

  /**
   * For a second mount that is not exempt: judges now what an exempt one in front of it let pass, as `begin` would have.
   * Nothing to do for an exchange that was judged. So an exemption reaches only the handlers of its own mount.
   */
  unexempt(bodyToken?: BodyToken | "later"): void | Promise<void>;

  /** The handle handlers get; the same object as `sessions.of(request)`. Throws like it. */
  readonly session: object;

  /**
   * Commits what the handler wrote (a status of 500 or above: nothing) and says which headers go out. Synchronous
   * when there is nothing to wait for, which is the common case. Called once, before the first byte; afterwards
   * every write to the session throws `HeadersSentError`. Throws when the commit failed: answer with that error.
   */
  finish(answer: Answer): HeaderChanges | Promise<HeaderChanges>;

  /**
   * The headers for an answer that replaces the handler's: an error page. Holds the cookie of an awaited login,
   * renewal or logout, if one is owed, and never anything else of the session. May be called at any time, also after
   * `finish` threw.
   */
  refuse(error: SojournError): HeaderChanges;

  /** How the adapter was mounted that opened it. */
  readonly rules: ExchangeRules;

  /** Whether an error is about this exchange's own session, not about another manager's. */
  concerns(error: unknown): boolean;

  /** Whether the token of an awaited login, renewal or logout waits to go out with whatever answer follows. */
  readonly owesCookie: boolean;

  /** Whether `finish` wants to know of the answer's Strict-Transport-Security: once for each manager, in production. */
  readonly asksForHsts: boolean;
}

/** The side of a manager that adapters see. Reached by `exchangesOf(sessions)` in core/exchange.ts. */
export interface Exchanges {
  readonly mode: "production" | "development";
  /** The exchange of a request, if one is open already: a second mount of the adapter steps aside. */
  find(request: object): Exchange | undefined;
  /** The exchanges of all managers for a request, the one opened last first. */
  all(request: object): readonly Exchange[];
  /** Throws `InvalidOptionError` naming `cookie.name` when another manager of that name serves the request. */
  open(request: object, view: RequestView, rules: ExchangeRules): Exchange;
  /** Marks a request as kept out by `skip`. */
  skip(request: object): void;
  /** Lets what a framework puts around a request stand for it, as far as managers serve it by now. */
  alias(wrapper: object, request: object): void;
}
