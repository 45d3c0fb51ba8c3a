/** The public types of a manager: what `createSessions` takes and what it returns. */
import type { StandardSchemaV1 as Schema } from "@standard-schema/spec";
import type { Codec } from "../codecs/contract.ts";
import type { SessionStore } from "../stores/contract.ts";
import type { Transport } from "../transports/contract.ts";
import type { Device } from "./about.ts";
import type { SessionCounts } from "./counts.ts";
import type { EventContext, SessionEvents } from "./event-types.ts";
import type { RiskAnswer, RiskSignal } from "./risk.ts";
import type {
  Arrival,
  Duration,
  Lifetime,
  LoginTicket,
  ReadonlySession,
  Session,
  SessionIdentity,
  SessionInfo,
  UrlOptions,
} from "./types.ts";

/** Options of `createSessions`. `idleTimeout` and `absoluteTimeout` are those of signed-in sessions. */
export interface SessionOptions<D extends object> extends Lifetime {
  /** Where sessions are kept. */
  store: SessionStore;
  /**
   * Without use a signed-in session ends after this long. Default `"30m"` (OWASP: 15 to 30 minutes for low risk).
   * Longer leaves a borrowed device signed in for longer.
   */
  idleTimeout?: Duration;
  /** A signed-in session ends after this long, used or not. Default `"12h"` (NIST SP 800-63B AAL3). Longer: a stolen one lives longer. */
  absoluteTimeout?: Duration;
  /** The lifetime of a visitor's session. Default 7 days idle, 30 days absolute. Longer: more rows for people who never return. */
  anonymous?: Lifetime;
  /** The lifetime after `login(..., { remember: true })`. Default 14 days idle, 90 days absolute. Longer: as above. */
  remember?: Lifetime;
  /**
   * How often the secret of a signed-in session changes. Default `"15m"`. `false` never: a copied cookie then stays
   * good for the whole session and no theft is ever noticed.
   */
  rotation?: Duration | false;
  /**
   * Own origins, such as `"https://shop.example"`. Default: taken from the request. An https origin says that TLS ends
   * in front of this server, so every request counts as https: do not name one for a server that is reached otherwise.
   */
  origin?: string | readonly string[];
  /**
   * Which forwarding headers to believe: the number of proxies in front, or their addresses (`["10.0.0.0/8"]`).
   * Default none. Too many: clients can forge their own scheme and host.
   */
  trustProxy?: number | readonly string[];
  /** Default `"production"` where NODE_ENV says so, else `"development"`, which accepts plain http from this machine and explains refusals. */
  mode?: "production" | "development";
  /** Keys of a visitor's data that survive a login. Default none. What a visitor wrote is untrusted: name only what is harmless. */
  keepOnLogin?: readonly NoInfer<keyof D>[];
  /** At most this many sessions for one user, exact under parallel logins. Default unlimited. `refuse` can lock a user out until a session ends. */
  sessionsPerUser?: { max: number; over: "evict-oldest" | "refuse" };
  /**
   * How tokens travel, in the order they are looked at: the first one that presents a token is the request's, and what
   * came over others is ignored. Default `["cookie"]`. `header()` of `sojourn/transports/header` serves clients that
   * keep their tokens themselves; those are readable where the client runs, which a cookie's never is.
   */
  transports?: readonly ("cookie" | Transport)[];
  /**
   * Lets `sessions.url()` put a token into an address. Default off: addresses end up in histories, logs and messages, and
   * whoever opens one first has what goes over. `to`: other origins of yours that it may lead to, beside your own.
   * `lifetime`: how long it is good, `"1m"` unless you say otherwise, at most `"5m"`. `parameter`: its name,
   * `"session"` unless you say otherwise.
   */
  url?: { to?: readonly string[]; lifetime?: Duration; parameter?: string };
  /** How the cookies are made, where `transports` names them. */
  /**
   * Keeps several accounts in one browser: `login(userId, { add: true })`, `session.accounts()`, `switchTo`. At most `max`,
   * from 2 to 10. Default none: a login takes the place of the one before. Every unsafe request of a signed-in browser
   * then needs a CSRF token, which says for which account its page was made.
   */
  accounts?: { max: number };
  cookie?: {
    /** Base of the cookie names, and what tells several managers of one application apart. Default `sid` and `anon`. A telling name tells attackers too. */
    name?: string;
    /** Default `"lax"`. `"none"` sends the cookie from every site: only for embedding. */
    sameSite?: "lax" | "strict" | "none";
    /** Default none: this host alone. A domain shares the cookie with every subdomain, and whoever runs one. */
    domain?: string;
  };
  csrf?: {
    /** Further origins whose pages may send unsafe requests, with a token. Default none. */
    trustedOrigins?: readonly string[];
    /** What to do with a cookie-bearing unsafe request that says nothing of its origin. Default `"deny"`. `"allow"` is for test clients. */
    missingOrigin?: "deny" | "allow";
    /** `"auto"` (default) asks for a token where the origin alone does not settle it; `"always"` for every unsafe request (NIST SP 800-63B 5.1). */
    token?: "auto" | "always";
    /** Reports refusals as events and lets the request pass. Default false. While true there is no protection, so production wants it accepted by name. */
    reportOnly?: boolean;
  };
  /**
   * How data becomes bytes. Default tagged JSON, which carries dates, maps, sets, bigints, URLs and bytes. Of a list the
   * first writes and all read, so that a live store can move from one to another; each codec at most once. A single
   * plain codec goes on reading tagged JSON. A sealing one does not, unless the list names it: as long as it does, who
   * can write into the store can put unsealed data there.
   */
  codec?: Codec | readonly [Codec, ...Codec[]];
  /**
   * Which shape the data has: a whole number from 1, raised when old data no longer fits. Default 1, which is also what
   * data without a version counts as. Lowering it again leaves newer rows as they are: they are read if they fit.
   */
  version?: number;
  /**
   * Makes data of an older version fit this one. Called with what was stored, frozen, and its version; never for the
   * current one or a newer. Returns the new data, at once. What it throws, and what does not fit, is a fresh session and
   * an `undecodable` event; the stored row stays as it is. Default none: old data is read if it fits.
   */
  migrate?: (old: Readonly<Record<string, unknown>>, version: number) => object & { readonly then?: never };
  /** What to do when an old secret comes back: report the event (default), or end the session too. Ending may log out an honest user whose browser restored an old profile. */
  onTheft?: "report" | "end";
  /**
   * Reads a User-Agent header at login, for lists of devices: `deviceReader()` of `sojourn/devices`, or your own. Default
   * none: nothing of the header is stored. Names only are kept; the risk is that they are a little more about a person.
   */
  devices?: (userAgent: string) => Device | null;
  /**
   * Keeps the network of each login: the client's address cut to /24 (IPv4) or /48 (IPv6), for the session's life.
   * Default false: no address is stored. Behind a proxy `trustProxy` must name it, else the network is the proxy's.
   */
  addresses?: boolean;
  /**
   * What to do when a request differs from its session's login in browser, system (`devices`) or network (`addresses`):
   * `"ask"` makes `requireFresh` throw until the user signs in from there, `"end"` ends the session. Default `"ignore"`:
   * the event `risk` is all. Asked at every such request, so decide here and tell elsewhere; synchronous; one that throws
   * counts as `"ask"`. `"end"` logs out honest users who change networks or ask for a desktop site.
   */
  onSignal?: (signal: RiskSignal, session: SessionIdentity) => RiskAnswer;
  /**
   * How long one call of the store may take, its repeats included. Default `"1s"`. Longer: a hanging store holds more
   * requests. What ends many sessions (`revokeAll`, `erase`, `revokeEveryone`) may take longer, as long as it gets on: ten
   * times this without a step done is too long.
   */
  storeTimeout?: Duration;
  /**
   * When a store that is down is left alone for a while: calls fail at once with `StoreUnavailableError` of kind
   * `refused`. After `failures` (5) in a row without an answer, over `storeTimeout` at least. After `pause` (`"1s"`) one
   * call tries; each time in vain the pause doubles, up to `longestPause` (`"10s"`), all less up to half at random.
   * `false`: never, so that each request waits for `storeTimeout` as long as the store is down. Longer pauses: people see
   * an outage for longer than it lasts.
   */
  breaker?: false | { failures?: number; pause?: Duration; longestPause?: Duration };
  /** Weaknesses you accept by name: a guarantee a store lacks, an unsafe option in production, a recommendation of the profile. Default none. */
  accept?: readonly string[];
  /** Time in epoch milliseconds, for tests. Default `Date.now`. */
  clock?: () => number;
  /** Random bytes, for tests. Default the platform's secure generator. Anything guessable makes every session guessable. */
  random?: (bytes: number) => Uint8Array;
  /**
   * A named set of stricter defaults, after NIST SP 800-63B-4 (`aal1` to `aal3`) or OWASP (`high-value`). Default none.
   * What is weaker is refused, by the name of the option; what its source only recommends may be set aside by naming the
   * option in `accept`. Sessions that are stored already and weaker are not let in. `describe()` prints every rule.
   */
  profile?: "aal1" | "aal2" | "aal3" | "high-value";
}

/** What every manager can say of itself, wherever its sessions are. */
export interface SessionWatch extends AsyncDisposable {
  /**
   * What this manager has counted since it was made, whether anybody listened or not. Many `malformed` and `unknown`
   * tokens in a short time are somebody guessing; `unknown` also counts browsers that kept a cookie for longer than its
   * session.
   */
  counts(): SessionCounts;
  /** Why this request has the session it has, or none: a stable code and a sentence. For logs and support, not for visitors. */
  explain(request: object): Promise<{ readonly code: string; readonly message: string }>;
  /** The settings in force, without secrets. */
  describe(): Readonly<Record<string, unknown>>;
  /** Opens the store; resolves to its warnings. For those who rather fail at boot. */
  ready(): Promise<readonly string[]>;
  health(): Promise<{ readonly ok: boolean }>;
  /** Ends what has expired, now. Runs by itself in the background where the store needs it. */
  sweep(): Promise<{ removed: number }>;
  /** Stops the background sweep and closes the store. */
  close(): Promise<void>;
  /**
   * Calls `listen` for each event, in the order in which they happened; the returned function stops that. What a
   * listener throws, at once or in a promise, is reported as a process warning and reaches no request.
   */
  on<E extends keyof SessionEvents>(
    event: E,
    listen: (detail: SessionEvents[E], context: EventContext) => void,
  ): () => void;
}

/** The part of a manager that knows nothing of the data: for jobs, admin pages and command lines. */
export interface SessionAdmin extends SessionWatch {
  /** A user's live sessions, newest first; 100 at most unless `limit` says otherwise. `after`: the id of the last one seen; it must still be live, else `InvalidArgumentError`. */
  list(
    userId: string,
    page?: { current?: string; limit?: number; after?: string },
  ): Promise<readonly SessionInfo[]>;
  /**
   * Ends one session if it belongs to this user. `false`: no such session of theirs. `by`: the id of whoever asks for
   * it, for audit trails; nothing is checked by it.
   */
  revoke(userId: string, id: string, options?: { by?: string }): Promise<boolean>;
  /** Ends all sessions of a user, but `except`; complete when it resolves, also against logins under way. Answers how many. */
  revokeAll(userId: string, options?: { except?: string; by?: string }): Promise<number>;
  /**
   * Forgets a person, for whoever closes their account (GDPR, article 17): ends all sessions of a user as `revokeAll`
   * does, and when it resolves the store holds nothing of theirs any more, neither user id nor label nor data, not in
   * indexes and not in what it keeps of deleted content. For fifteen minutes a keyed digest stays, which keeps out logins
   * that began before. Answers how many sessions it ended. Throws `StoreUnavailableError` while something cannot be
   * removed; the sessions may have ended then, and repeating it finishes. What each store cannot reach stands in
   * docs/privacy.md. Data that other people's sessions hold about the user is yours to remove.
   */
  erase(userId: string, options?: { by?: string }): Promise<number>;
  /** Ends every session there is; complete when it resolves. Minutes with a million sessions in SQLite. */
  revokeEveryone(options?: { by?: string }): Promise<void>;
}

/** A manager: one per application, or one per kind of session. */
export interface Sessions<D extends object> extends SessionAdmin {
  /** Call before the password check and give the ticket to `login`: `revokeAll` is then exact against that login. */
  beginLogin(userId: string): Promise<LoginTicket>;
  /**
   * An address of ours that carries a token for one use: whoever opens it takes up a fresh session with what goes over
   * (docs/tracking.md). Where there is nothing to hand over, the address as it was. The answer becomes `no-store` and
   * `no-referrer`. Throws `InvalidArgumentError` without the option `url` and for other people's origins.
   */
  url(request: object, to: string, options?: UrlOptions<D>): Promise<string>;
  /**
   * For the route that such an address leads to: exchanges the token for a cookie and answers the address without it.
   * Redirect there, whether it was good or refused. Throws `NotAVisitError` (425) for prefetches and the like.
   */
  arrive(request: object, address: string): Promise<Arrival>;
  /** The session of a request that came through an adapter. Throws `NoSessionError`, `SessionSkippedError`, or why the load failed. */
  of(request: object): Session<D>;
  /** The same where the adapter is mounted with `lazy: true`: loads now. */
  open(request: object): Promise<Session<D>>;
  /** A look that never extends the session and sets no cookie; `null` where there is none. For "time left" and the like. */
  peek(request: object): Promise<ReadonlySession<D> | null>;
}

export type DataOf<S> = S extends Sessions<infer D> ? D : never;

/** A schema's every key must be optional or defaulted, and its output must be accepted as its input again. */
export type Fits<S extends Schema> =
  {} extends Schema.InferInput<S>
    ? Schema.InferOutput<S> extends Schema.InferInput<S>
      ? unknown
      : { schema: "stored values are parsed again: output must fit input" }
    : { schema: "every key must be optional or have a default" };

export type Obj<T> = T extends object ? T : never;

/** Extended by applications: `declare module "sojourn" { interface Register { sessions: typeof sessions } }`. */
// biome-ignore lint/suspicious/noEmptyInterface: declared to be merged by applications
export interface Register {}

export type RegisteredSession = Register extends { sessions: Sessions<infer D> }
  ? Session<D>
  : Session<Record<string, unknown>>;
