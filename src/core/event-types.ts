/** The events of a manager and what each carries. Their stable names stand in event-table.ts. */
import type { EndReason, StoreFaultKind, UndecodableReason } from "../errors.ts";
import type { UserLimit } from "../stores/contract.ts";
import type { Device } from "./about.ts";
import type { Instant } from "./record.ts";
import type { RiskAnswer, RiskChange } from "./risk.ts";
import type { SessionInfo } from "./types.ts";

/** A signed-in session, as events show it: without its address, which belongs in no log. */
type Reported = Omit<SessionInfo, "address">;

/** A session of anyone, as events show it. */
export interface SessionSummary extends Omit<Reported, "userId" | "authenticatedAt"> {
  readonly userId: string | null;
  readonly authenticatedAt: number | null;
}

/** What `on` can be told of. Nothing here holds a token, a secret or data. Details are frozen. */
export interface SessionEvents {
  /** A record was stored: a visitor's first write, or a login. */
  created: SessionSummary;
  /** `renew()` gave a session a new secret, and every other holder of the old one is out. */
  renewed: SessionSummary;
  /** The regular change of the secret came to its end: the browser has shown the new one. */
  rotated: SessionSummary;
  /** A session ended, reported by the process that ended it. */
  ended: SessionSummary & {
    readonly reason: string;
    /**
     * Who ended it, where that is known: the user at a logout or login, or whom `revoke` and its like were told.
     * `null` for an expiry.
     */
    readonly by: string | null;
  };
  /** A token came that opened nothing. Most are honest: a browser keeps the cookie of a session that has ended. */
  rejected: {
    readonly reason: RejectReason;
    /** The session it names; `null` where it is malformed. */
    readonly id: string | null;
    /** Whose session that is, where it is still known. */
    readonly userId: string | null;
  };
  /** A secret came back that was replaced long ago: it was copied, or an old backup of a browser returned. */
  theft: Reported;
  /**
   * A request came from another browser, system or network than the login (only where `devices` or `addresses` are
   * kept). Told once for each difference of a session, in each process. `device` is that of the login, `seen` this one;
   * `answer` what `onSignal` said, `"ignore"` without it. A hint and no proof: people change networks.
   */
  risk: Reported & {
    readonly changed: readonly RiskChange[];
    readonly seen: Device | null;
    readonly answer: RiskAnswer;
  };
  /** A request was refused (or, with `reportOnly`, would have been). */
  csrfDenied: { readonly reason: string };
  /**
   * A token came in an address and counted for nothing. `other-session`: it named one session and the browser's cookie
   * another, and the cookie won.
   */
  urlRefused: {
    readonly reason: UrlRefusal;
    /** The session of the browser, where it has one. */
    readonly id: string | null;
    readonly userId: string | null;
  };
  /** A login met `sessionsPerUser`: it was refused, or the oldest session made way. */
  limitReached: { readonly userId: string; readonly max: number; readonly over: UserLimit["over"] };
  /** Stored data could not be read; the visitor got a fresh session, and the stored one stays as it is. */
  undecodable: { readonly id: string; readonly reason: UndecodableReason };
  /** An operation of the store failed for good, after what repeats there are. What waited for it was answered 503. */
  storeFailed: { readonly store: string; readonly operation: string; readonly kind: StoreFaultKind };
  /**
   * The store has failed this many times in a row and is not asked for a while: requests that need it are answered 503 at
   * once. Told when that begins; pauses between tries double (option `breaker`).
   */
  storeDown: { readonly store: string; readonly failures: number };
  /** It answers again. `downMs`: since the first of those failures began. */
  storeUp: { readonly store: string; readonly downMs: number };
  /** A handler wrote to its session after the headers had left and got `HeadersSentError`. `id`: of a stored session. */
  headersSent: { readonly id: string | null; readonly userId: string | null; readonly operation: string };
  /** What was presented has been looked up. `absent`: it opened nothing. Requests without a token are not told. */
  loaded: { readonly outcome: "found" | "absent" | "failed"; readonly durationMs: number };
  /** What a request wrote has been stored, or not. `replays`: how often it was applied again after a conflict. */
  committed: {
    readonly outcome: "stored" | "failed";
    readonly replays: number;
    readonly durationMs: number;
  };
  /** Another request had written first; this one looks at what that left and goes on. Nothing is lost. */
  conflict: { readonly id: string; readonly during: "commit" | "renewal" | "login" };
  /** One call of the store came back, well or not. Repeats are told one by one. */
  storeCall: {
    readonly store: string;
    readonly operation: string;
    readonly outcome: "ok" | StoreFaultKind;
    readonly durationMs: number;
  };
}

export type EventName = keyof SessionEvents;

/** Why a presented token opened nothing. `superseded`: its secret was replaced by a rotation or renewal. `other-transport`: a cookie's token in a header, or the other way round. */
export type RejectReason =
  | EndReason
  | "malformed"
  | "unknown"
  | "superseded"
  | "undecodable"
  | "below-profile"
  | "other-transport";

/**
 * Why a token in an address counted for nothing. `route`, `audience`: it was made for another path or origin. `ended`:
 * the session it came from has ended. `below-profile`: that one was proven by less than the profile here asks for.
 * `other-session`: a cookie named another one. `transport`: the client keeps its tokens itself.
 */
export type UrlRefusal =
  | "malformed"
  | "unknown"
  | "expired"
  | "used"
  | "revoked"
  | "undecodable"
  | "route"
  | "audience"
  | "ended"
  | "below-profile"
  | "other-session"
  | "transport";

/** The second argument of a listener: when and where it happened. */
export interface EventContext {
  /** When, in epoch milliseconds of the manager's clock. */
  readonly at: Instant;
  /**
   * The network the request came from, such as `203.0.113.0/24` or `2001:db8:1::/48`; `null` outside a request, and where
   * nothing certain is known of it.
   */
  address(): string | null;
  /** What the browser calls itself, in printable characters, 200 at most; `null` outside a request. */
  userAgent(): string | null;
}
