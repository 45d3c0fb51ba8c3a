/** Two response headers that belong to sessions and that no session library can set by itself. */
import { durationOption } from "../core/duration.ts";
import { refuseUnknownKeys } from "../core/option-checks.ts";
import type { Duration } from "../core/types.ts";
import { InvalidArgumentError, InvalidOptionError } from "../errors.ts";

/** A header for `response.setHeader(...header)` or `headers.set(...header)`. */
export type Header = readonly [name: string, value: string];

export interface StrictTransportOptions {
  /**
   * How long browsers insist on https. Default `"365d"`, the least that ASVS 3.4.1 asks for. Shorter is for trying it
   * out: a visitor who stays away longer is unprotected again.
   */
  readonly maxAge?: Duration;
  /**
   * For every host below this one too. Default true: a sibling on plain http can plant cookies. `false` where a host
   * below still has to serve http.
   */
  readonly includeSubDomains?: boolean;
  /**
   * Consent to being built into browsers, for hosts that were never visited. Default false. Refused with less than a
   * year or without subdomains, which the list does not take. Leaving the list again takes months.
   */
  readonly preload?: boolean;
}

const YEAR_MS = 365 * 86_400_000;

/**
 * Tells browsers to reach this host by https only (RFC 6797): the first visit over http, which no cookie attribute
 * protects, is then the only one. Send it with every answer over https; over http browsers ignore it. Throws
 * `InvalidOptionError`.
 */
export function strictTransportSecurity(options: StrictTransportOptions = {}): Header {
  refuseUnknownKeys(options, ["maxAge", "includeSubDomains", "preload"], "");
  const { includeSubDomains = true, preload = false } = options;
  const maxAgeMs = durationOption("maxAge", options.maxAge, YEAR_MS);
  if (maxAgeMs < 1000) throw new InvalidOptionError("maxAge", "must be at least a second");
  for (const [name, value] of Object.entries({ includeSubDomains, preload })) {
    if (typeof value !== "boolean") throw new InvalidOptionError(name, "must be true or false");
  }
  if (preload && (maxAgeMs < YEAR_MS || !includeSubDomains)) {
    throw new InvalidOptionError("preload", "the list takes only a year or more, with subdomains");
  }
  const parts = [`max-age=${Math.floor(maxAgeMs / 1000)}`];
  if (includeSubDomains) parts.push("includeSubDomains");
  if (preload) parts.push("preload");
  return ["Strict-Transport-Security", parts.join("; ")];
}

/**
 * What a browser can be told to forget. `cache`: stored answers of this origin. `storage`: localStorage, IndexedDB,
 * service workers and the like of this origin.
 *
 * `cookies`: every cookie of the whole registrable domain. With `app.shop.example` that is all of `shop.example` and of
 * its other hosts, whoever runs them: their users are signed out there too. It also ends sessions that are bound to a
 * device. Logging out needs none of that; ask for it only where the whole domain is yours.
 */
export type SiteData = "cache" | "storage" | "cookies";

const SITE_DATA: readonly string[] = ["cache", "storage", "cookies"] satisfies SiteData[];

/**
 * Has the browser forget what a page kept, for the answer to a logout (ASVS 14.3.1): `clearSiteData("cache",
 * "storage")`. `cookies` is never among it unless named. Browsers heed it over https and on localhost. It does not end
 * the session: `logout()` does. Throws `InvalidArgumentError`.
 */
export function clearSiteData(...what: readonly [SiteData, ...SiteData[]]): Header {
  const unknown = what.find((data) => !SITE_DATA.includes(data));
  if (unknown !== undefined || what.length === 0) {
    throw new InvalidArgumentError(`clearSiteData(): say what: one or more of ${SITE_DATA.join(", ")}.`);
  }
  // The quotes are part of the value: without them browsers ignore it.
  return ["Clear-Site-Data", [...new Set(what)].map((data) => `"${data}"`).join(", ")];
}
