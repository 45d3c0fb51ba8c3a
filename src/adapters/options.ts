/** The options all adapters share, checked once when the adapter is made. */

import { exchangesOf } from "../core/exchange.ts";
import type { ExchangeRules, Exchanges } from "../core/exchange-contract.ts";
import { InvalidOptionError, type SojournError } from "../errors.ts";
import { isLocalPath } from "./local-path.ts";

/** Options of an adapter. An unknown or impossible one throws `InvalidOptionError` at once. */
export interface AdapterOptions<Req, Res> {
  /**
   * Exempts the routes behind this mount from the CSRF check: `{ exempt: "the reason" }`, or `false`. Default: checked.
   * For routes that prove their caller in another way, such as signed webhooks. Risk: a page on any other site can then
   * act there as the signed-in user.
   */
  csrf?: false | { exempt: string };
  /**
   * Requests kept out altogether, such as health checks: no session, no store call, no CSRF check. Default none.
   * Whoever asks for the session of such a request gets a `SessionSkippedError`.
   */
  skip?: (request: Req) => boolean;
  /**
   * Loads only when `await sessions.open(request)` asks, which also decides the token part of the CSRF check. Default
   * `false`: loaded before the handler runs, with no store call for visitors who have no cookie.
   */
  lazy?: boolean;
  /**
   * Where to sign in, a path on this host such as `"/login"`. A page view answered 401 is redirected there (303), with
   * the page's own path in `?next=`; other browser requests get a page with a link. Default: a plain 401.
   */
  signInPath?: string;
  /**
   * Makes the answer to a failure: a refused or failed session, or (`HandlerError`, in `sojourn/node` and where a login
   * cookie is owed) a handler that threw. `undefined`: the default answer, JSON for API clients and a small page for
   * browsers. The status is the error's unless it says otherwise; `Cache-Control: no-store`, an owed cookie and the
   * error's own headers are added. An error thrown here is reported, and the default answer given.
   */
  onFailure?: (error: SojournError, request: Req) => Res | undefined | Promise<Res | undefined>;
}

/** What `onFailure` answers in the adapters that answer on Node's responses. */
export interface FailureAnswer {
  /** Default: the error's. */
  status?: number;
  headers?: Record<string, string>;
  /** Default empty. Without a `content-type` header it is HTML if it begins with `<`, else plain text. */
  body?: string;
}

/** An adapter's options resolved, with the manager's side for adapters. */
export interface Mount<Req, Res> {
  readonly exchanges: Exchanges;
  readonly rules: ExchangeRules;
  readonly skip: ((request: Req) => boolean) | undefined;
  readonly signInPath: string | undefined;
  readonly onFailure: AdapterOptions<Req, Res>["onFailure"];
}

const KEYS = ["csrf", "skip", "lazy", "signInPath", "onFailure"] as const;

/** `own`: options that an adapter has beside those of all, and checks itself. */
export function mountOf<Req, Res>(
  sessions: object,
  options: AdapterOptions<Req, Res>,
  own: readonly string[] = [],
): Mount<Req, Res> {
  const known: readonly string[] = [...own, ...KEYS];
  if (typeof options !== "object" || options === null)
    throw new InvalidOptionError("(all)", "an adapter takes an object of options");
  for (const key of Object.keys(options)) {
    if (!known.includes(key))
      throw new InvalidOptionError(key, `an adapter knows no such option; it knows ${known.join(", ")}`);
  }
  const { skip, lazy, signInPath, onFailure } = options;
  mustBe("skip", "function", skip);
  mustBe("lazy", "boolean", lazy);
  mustBe("onFailure", "function", onFailure);
  if (signInPath !== undefined && (typeof signInPath !== "string" || !isLocalPath(signInPath)))
    throw new InvalidOptionError("signInPath", 'must be a path on this host, such as "/login"');
  const mount = {
    exchanges: exchangesOf(sessions),
    rules: { csrfExempt: exemption(options.csrf), lazy: lazy ?? false },
    skip,
    signInPath,
    onFailure,
  };
  mounts.set(mount.rules, mount);
  return mount;
}

const mounts = new WeakMap<ExchangeRules, Mount<never, unknown>>();

/** The mount behind an exchange, where that is of this kind of adapter. */
export function mountBehind<Req, Res>(rules: ExchangeRules): Mount<Req, Res> | undefined {
  return mounts.get(rules) as Mount<Req, Res> | undefined;
}

function mustBe(option: string, type: "function" | "boolean", value: unknown): void {
  if (value !== undefined && typeof value !== type) throw new InvalidOptionError(option, `must be a ${type}`);
}

function exemption(csrf: AdapterOptions<never, never>["csrf"]): string | null {
  if (csrf === undefined) return null;
  if (csrf === false) return "csrf: false";
  const reason: unknown = csrf?.exempt;
  if (typeof reason !== "string" || reason.trim() === "" || Object.keys(csrf).length > 1)
    throw new InvalidOptionError("csrf", 'must be false or { exempt: "the reason" }');
  return reason;
}
