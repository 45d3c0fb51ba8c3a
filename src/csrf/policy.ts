/** The CSRF options of a manager, resolved into the policy that the core asks. */
import { oneOf, refuseUnknownKeys } from "../core/option-checks.ts";
import { readOrigins } from "../core/origins.ts";
import { InvalidOptionError } from "../errors.ts";
import type { CsrfPolicy } from "./contract.ts";
import { judgeOrigin, type OriginRules } from "./origin.ts";
import { joinTokens, judgeTokens, markOf, tokensForOthers } from "./several.ts";
import { maskSecret } from "./token.ts";

export { csrfHint } from "./hint.ts";

export interface CsrfOptions {
  /**
   * Origins of other pages of yours that may act here with a token, in full: `https://admin.shop.example`. They also
   * have to pass CORS. Default: none. Whoever controls one of them acts with your users' sessions.
   */
  readonly trustedOrigins?: readonly string[] | undefined;
  /**
   * What to do with an unsafe request that carries a session cookie but neither Origin, Sec-Fetch-Site, Referer nor a
   * token. Default `deny`. `allow` is for test clients and scripts: some old browsers send forged forms like that.
   */
  readonly missingOrigin?: "deny" | "allow" | undefined;
  /**
   * When a token is required. `auto` (default): where the browser does not itself say that our own page sent the
   * request. `always`: of every unsafe request, as NIST SP 800-63B section 5.1 asks.
   */
  readonly token?: "auto" | "always" | undefined;
  /** Default `false`. `true` reports what would be refused as `csrfDenied` events and lets it pass: no protection. */
  readonly reportOnly?: boolean | undefined;
}

/** `name`: that of the manager. Throws `InvalidOptionError` naming the option below `csrf`. */
export function csrfPolicy(
  options: CsrfOptions,
  mode: "production" | "development",
  name = "sid",
): CsrfPolicy {
  refuseUnknownKeys(options, ["trustedOrigins", "missingOrigin", "token", "reportOnly"], "csrf");
  if (options.reportOnly !== undefined && typeof options.reportOnly !== "boolean") {
    throw new InvalidOptionError("csrf.reportOnly", "must be true or false");
  }
  const missing = oneOf("csrf.missingOrigin", options.missingOrigin, ["deny", "allow"], "deny");
  const rules: OriginRules = {
    trusted: readOrigins("csrf.trustedOrigins", options.trustedOrigins, mode),
    missing: missing === "allow" ? "strong" : "unknown",
  };
  const mark = markOf(name);
  return {
    reportOnly: options.reportOnly ?? false,
    tokenAlways: oneOf("csrf.token", options.token, ["auto", "always"], "auto") === "always",
    judge: (request, connection) => judgeOrigin(request, connection, rules),
    mask: (secret, pad) => mark + maskSecret(secret, pad),
    join: joinTokens,
    judgeToken: (text, secret) => judgeTokens(text, mark, secret),
    forOthers: (text) => tokensForOthers(text, mark),
  };
}
