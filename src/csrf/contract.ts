/**
 * What the core asks of the cross-site check: a verdict on where a request came from, and tokens bound to a secret.
 */
import type { Connection, RequestView } from "../core/request.ts";

export type CsrfReason =
  | "malformed" // duplicated or unreadable Origin or Sec-Fetch-Site
  | "cross_origin" // the browser says it came from another site or a sibling
  | "wrong_origin" // Origin is not one of ours
  | "null_origin"
  | "no_origin" // nothing says where it came from, and a session cookie came along
  | "token_missing"
  | "token_invalid"
  | "method"; // TRACE

/** Where a request came from. */
export type OriginVerdict =
  /** Nothing to check: a safe method. */
  | { readonly kind: "safe" }
  /** From our own pages, the browser says so itself. */
  | { readonly kind: "strong" }
  /** Probably ours: a token decides. */
  | { readonly kind: "weak" }
  /** Nothing known (no Origin, no Sec-Fetch-Site, no Referer): a token passes; without one, only cookie-less. */
  | { readonly kind: "unknown" }
  | { readonly kind: "denied"; readonly reason: CsrfReason };

/** What a presented text says for one manager. `absent`: it holds tokens of others only. */
export type TokenVerdict = "valid" | "invalid" | "absent";

export interface CsrfPolicy {
  readonly reportOnly: boolean;
  /** `always`: a token is required of every unsafe request, whatever its origin. */
  readonly tokenAlways: boolean;
  /** Steps 1 and 4 to 7 of SECURITY.md C1, a pure function of headers and connection. */
  judge(request: RequestView, connection: Connection): OriginVerdict;
  /**
   * A fresh masked form of a 32-byte secret, base64url(pad || secret XOR pad): 86 characters, behind 8 that say which
   * manager's it is where it has a name of its own.
   */
  mask(secret: Uint8Array, pad: Uint8Array): string;
  /** One text of the tokens of several managers. */
  join(tokens: readonly string[]): string;
  /** Judges what of a presented text is this manager's; constant time, `invalid` for anything malformed. */
  judgeToken(text: string, secret: Uint8Array | null): TokenVerdict;
  /** The tokens of other managers in a presented text, as they came. */
  forOthers(text: string): readonly string[];
}
