/** The option `url`: which addresses may carry a token, for how long, under which name. */
import { InvalidOptionError } from "../errors.ts";
import { durationOption } from "./duration.ts";
import type { UrlSettings } from "./engine.ts";
import { refuseUnknownKeys } from "./option-checks.ts";
import type { AnyOptions } from "./options.ts";
import { readOrigins } from "./origins.ts";

const MINUTE = 60_000;
/** SECURITY T2: what can leak has to be short-lived. */
const LONGEST_MS: number = 5 * MINUTE;
const PARAMETER = /^[a-z][a-z0-9_-]{0,31}$/i;

/** `null` when it is off. Throws `InvalidOptionError` naming the option below `url`. */
export function readUrlSettings(
  { url, transports = ["cookie"] }: Pick<AnyOptions, "url" | "transports">,
  mode: "production" | "development",
): UrlSettings | null {
  if (url === undefined) return null;
  refuseUnknownKeys(url, ["to", "lifetime", "parameter"], "url");
  const lifetimeMs = durationOption("url.lifetime", url.lifetime, MINUTE);
  if (lifetimeMs > LONGEST_MS) throw new InvalidOptionError("url.lifetime", 'is at most "5m"');
  const { parameter = "session" } = url;
  if (typeof parameter !== "string" || !PARAMETER.test(parameter)) {
    throw new InvalidOptionError(
      "url.parameter",
      "must be 1 to 32 letters, digits, - or _, beginning with a letter",
    );
  }
  if (!transports.includes("cookie")) {
    throw new InvalidOptionError("url", 'ends in a cookie, and transports does not name "cookie"');
  }
  return { to: readOrigins("url.to", url.to, mode), lifetimeMs, parameter };
}
