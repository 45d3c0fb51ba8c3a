/** The public types of sessions: what a handler holds, and how values are typed on the way out and in. */

import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Device } from "./about.ts";
import type { UrlRefusal } from "./event-types.ts";
import type { Level } from "./standing.ts";

/** Milliseconds, or a number with its unit: `"500ms"`, `"30s"`, `"15m"`, `"12h"`, `"7d"`. */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h" | "d"}`;

/**
 * Deep-readonly: changing what a session handed out would be lost, so it does not compile. At run time objects and
 * arrays are frozen; dates, URLs, bytes, maps and sets are copies.
 */
export type Frozen<T> = T extends (...args: never[]) => unknown
  ? T
  : T extends Date | URL | Uint8Array
    ? T
    : T extends ReadonlyMap<infer K, infer V>
      ? ReadonlyMap<Frozen<K>, Frozen<V>>
      : T extends ReadonlySet<infer V>
        ? ReadonlySet<Frozen<V>>
        : T extends object
          ? { readonly [K in keyof T]: Frozen<T[K]> }
          : T;

/** The keys that may be absent: what `delete` and `take` accept. */
export type OptionalKey<D> = { [K in keyof D]-?: undefined extends D[K] ? K : never }[keyof D];

/** One of a user's sessions, as "your devices" shows it. Nothing in it opens a session. */
export interface SessionInfo {
  /** Names the session for `revoke`; not a credential. */
  readonly id: string;
  readonly userId: string;
  /** What `login` was given as `label`. */
  readonly label: string | null;
  /** How the user proved who they are, as `login` was told. */
  readonly methods: readonly string[];
  /** How strong the login was; 0 where somebody acts for the user. */
  readonly level: Level;
  /** The user who acts in this session on behalf of `userId`; `null` in all others. */
  readonly actor: string | null;
  /** What the device called itself at the login; `null` without the option `devices`, and where nothing was recognised. */
  readonly device: Device | null;
  /** The network of the login, such as `203.0.113.0/24`; `null` without the option `addresses`, and where it is not certain. */
  readonly address: string | null;
  /** Whether it is the one named as `current` in the call. */
  readonly current: boolean;
  /** Epoch milliseconds, as all instants here. */
  readonly createdAt: number;
  readonly authenticatedAt: number;
  /** Last use, up to idle/20 or one hour behind, since touches are throttled. */
  readonly lastSeenAt: number;
  /** When it ends if nobody uses it. */
  readonly expiresAt: number;
}

/** Who and how long: what guards and logs take. Holds no data. */
export interface SessionIdentity {
  /** The public id. Safe to log and show; opens nothing. */
  readonly id: string;
  /** The signed-in user, `null` for a visitor. */
  readonly userId: string | null;
  /** Whether nothing is stored for this session yet. */
  readonly isNew: boolean;
  readonly createdAt: number;
  /** When the user last proved who they are; `null` for a visitor, and while somebody acts for the user. */
  readonly authenticatedAt: number | null;
  /** When the session ends if it is not used again. */
  readonly expiresAt: number;
  /** How the user proved who they are, as `login` was told, in the words of RFC 8176. Empty for a visitor. */
  readonly methods: readonly string[];
  /** How strong the login was: 1 to 3, and 0 for a visitor or while acting. It never changes within a session. */
  readonly level: Level;
  /** The signed-in user who acts for `userId` (see `actAs`); `null` for everybody who is here for themselves. */
  readonly actor: string | null;
  /** The user id. Throws `NotSignedInError` (401) for a visitor. */
  requireUser(): string;
  /**
   * Passes if the user signed in no longer than `maxAge` ago (ASVS 7.5.1), and with at least this `level`.
   * `maxAge` is 5 minutes by default, 2 under the profile `high-value`; `level` by default is any.
   * Where `onSignal` answered `ask` for this request, no login is recent enough.
   * Throws `NotSignedInError`, `LevelTooLowError` or `StaleLoginError` (all 401), and `ActingError` (403) while acting.
   */
  requireFresh(maxAge?: Duration, options?: { readonly level?: 1 | 2 | 3 }): void;
}

/** A session to look at. */
export interface ReadonlySession<D extends object> extends SessionIdentity {
  get<K extends keyof D>(key: K): Frozen<D[K]>;
  has(key: keyof D): boolean;
  keys(): readonly (keyof D)[];
  entries(): readonly { [K in keyof D]-?: readonly [K, Frozen<D[K]>] }[keyof D][];
}

/** What `login` may be given. */
export interface LoginOptions<D extends object> extends Lifetime {
  /** Further keys of the visitor's session to carry over, beside `keepOnLogin`. They are what a visitor wrote: check them. */
  keep?: readonly (keyof D)[];
  /**
   * What the new session holds from its first moment, over whatever goes over from another: stored with it, where `set`
   * after the login is a second write. A key that is `undefined` is not given. Throws `UnsupportedValueError` as `set` does,
   * and what a commit of it would throw: `InvalidDataError`, `DataTooLargeError`. Default none.
   */
  data?: { readonly [K in keyof D]?: Frozen<D[K]> };
  /** Keep the cookie when the browser closes, and use the `remember` lifetime (14 d idle, 90 d absolute). Default: as before when the same user signs in again, else false. */
  remember?: boolean;
  /** A name for the device, at most 200 characters. */
  label?: string;
  /**
   * Keeps the account that is signed in now and makes the new one current, with data of its own: of the old one's only
   * the keys named in `keep` go over. Needs the option `accounts`. Default false: the new one takes the old one's place.
   */
  add?: boolean;
  /**
   * How the user proved who they are: at most 8 names after RFC 8176, such as `["pwd", "otp"]`. Default none. Shown by
   * `session.methods`, lists and events. A login that completes a pending one adds to what that was begun with.
   */
  methods?: readonly string[];
  /**
   * How strong this login was: 1 one factor (default), 2 two, 3 two with a key that resists phishing (NIST SP 800-63B
   * section 2). It is your word: claim what was proven, no more. A profile refuses logins below its own level.
   */
  level?: 1 | 2 | 3;
  /** From `beginLogin`: makes `revokeAll` exact against this login. */
  ticket?: LoginTicket;
}

/**
 * The session of one request. Reads are free of I/O. Writes are recorded and stored together before the answer leaves;
 * when another request wrote meanwhile they are applied again on what it left, so no write is lost.
 */
export interface Session<D extends object> extends ReadonlySession<D> {
  /** Throws `UnsupportedValueError` at once, with the path, for what the codec cannot carry. */
  set<K extends keyof D>(key: K, value: Frozen<D[K]>): void;
  /** Changes one key atomically. `change` is pure: it runs again on newer data after a conflict. */
  update<K extends keyof D>(key: K, change: (value: Frozen<D[K]>) => Frozen<D[K]>): void;
  /** Removes a key; with `initial` or a schema default it falls back to that. */
  delete(key: OptionalKey<D>): void;
  /** Reads a key and deletes it at commit; of two requests one fails with `ValueTakenError` (409). */
  take<K extends OptionalKey<D>>(key: K): Frozen<D[K]>;
  /** The same, stored before it resolves: for one-time values such as an OAuth state. */
  consume<K extends OptionalKey<D>>(key: K): Promise<Frozen<D[K]>>;
  /** Removes all data; the user stays signed in. */
  clear(): void;
  /** Leaves a message for the next page that asks for it. */
  flash(kind: string, message: string): void;
  /** The messages (of one kind), removed at commit. Kept apart from data: `clear` and `login` leave them. */
  flashes(kind?: string): readonly { readonly kind: string; readonly message: string }[];
  /** A token for the `_csrf` field or the X-CSRF-Token header; another text at every call, all valid. */
  csrfToken(): string;
  /**
   * Signs a user in: a new session with a new id and secret; the old one is ended before this resolves. Signing the
   * same user in again keeps the data; otherwise only the keys named in `keepOnLogin` and `keep` go over.
   * Throws `SessionEndedError` (reason `revoked`) when the user's sessions were revoked since the login began,
   * `SessionLimitError`, `AccountLimitError`, `CsrfDeniedError`, `InsecureTransportError` or `StoreUnavailableError`.
   */
  login(userId: string, options?: LoginOptions<D>): Promise<void>;
  /**
   * Remembers that a first factor was proven, for ten minutes and in this browser alone, under a cookie of its own.
   * Nobody is signed in by it: `userId` stays what it was, and every guard refuses. The `login` of the same user that
   * follows completes it: it takes over the options given here and is refused if the user's sessions were revoked
   * meanwhile. At most 5 per user wait at once (the oldest gives way). Throws as `login` does.
   */
  beginSecondFactor(userId: string, options?: LoginOptions<D>): Promise<void>;
  /** The login that waits for its second factor in this browser, or `null`. Reads the store only if there may be one. */
  pendingLogin(): Promise<PendingLogin | null>;
  /**
   * Leaves something for a request that another site will send back to us, such as the `form_post` answer of an OAuth or
   * SAML provider, which arrives without the session's cookies. Resolves to the `state` to send along. What was left is
   * good for ten minutes, for one use, in this browser alone (a `SameSite=None; Secure` cookie of its own). `name`: 1 to
   * 32 lower-case letters and digits, one for each kind of exchange; four may be under way at once under one name.
   * Throws `UnsupportedValueError` for what the codec cannot carry, `StoreUnavailableError`.
   */
  handoff(name: string, data?: object): Promise<string>;
  /**
   * What was left under `state`, once; parsed by `schema` where one is given. A login that follows in this request is let
   * through the cross-site check, and takes along what the visitor's session may keep.
   * Throws `HandoffError` (403) for a state that this browser does not hold, or that is expired or used.
   */
  receive<T = Readonly<Record<string, unknown>>>(
    name: string,
    state: unknown,
    schema?: StandardSchemaV1<unknown, T>,
  ): Promise<T>;
  /**
   * Acts for another user: from here on `userId` is theirs, `actor` the own one, and the data a fresh session's. It is
   * kept in a cookie beside the own one, ends after 30 minutes (`for`, at most 4 hours), and never outlives the own
   * session. Whether the user may is for you to check before. Meanwhile `requireFresh`, `login`, `beginSecondFactor` and
   * `actAs` throw `ActingError` (403). It appears in the person's `list` with its actor, does not count for
   * `sessionsPerUser`, and ends with a revocation of either.
   * Throws `NotSignedInError`, `ActingError`, `SessionEndedError` or `StoreUnavailableError`.
   */
  actAs(userId: string, options?: ActingOptions): Promise<void>;
  /** Ends that: afterwards this handle is the own session again, as it was. Harmless when nobody acts. */
  stopActing(): Promise<void>;
  /** Gives the session a new secret and CSRF secret; every other holder of the old one is out. */
  renew(): Promise<void>;
  /**
   * Ends the session, in the store first, and while acting the own one too. Afterwards this handle is a fresh anonymous
   * session; other accounts of this browser stay signed in. With the `id` of another account of this browser it ends that one instead, and the current
   * one goes on; an id that is none of this browser's ends nothing.
   */
  logout(id?: string): Promise<void>;
  /** Ends all accounts of this browser, the current one last. Needs the option `accounts`. */
  logoutAll(): Promise<void>;
  /**
   * The accounts of this browser that can be switched to, and the current one, the one signed in first in front. Reads
   * each of them from the store. Needs the option `accounts`. Throws `StoreUnavailableError`.
   */
  accounts(): Promise<readonly SessionInfo[]>;
  /**
   * Makes another account of this browser the current one: this handle is then its session. What was written so far is
   * stored with the account that was current. `false`: this browser has no such account, or it ended; nothing changed.
   * Throws `SessionEndedError` (409, to be repeated with the new cookie) when the request came with a cookie that was
   * replaced meanwhile, `ActingError`, `CsrfDeniedError`, `StoreUnavailableError`.
   */
  switchTo(id: string): Promise<boolean>;
  /** Stores now what was written so far; `get` then shows what is stored. */
  save(): Promise<void>;
}

/** What `actAs` may be given. */
export interface ActingOptions {
  /** How long at most. Default `"30m"`, at most `"4h"`, and never longer than the own session. */
  for?: Duration;
  /** Why, for lists and events: a ticket number. At most 200 characters. */
  label?: string;
}

export interface Lifetime {
  /** How long a session lives without use. */
  idleTimeout?: Duration;
  /** How long it lives at most, used or not. */
  absoluteTimeout?: Duration;
}

/** From `beginLogin`, for `login`. Opaque; valid for 10 minutes and one user. */
export interface LoginTicket {
  readonly userId: string;
}

/** A login whose first factor was proven. */
export interface PendingLogin {
  readonly userId: string;
  /** When the first factor was proven, epoch milliseconds. */
  readonly startedAt: number;
  /** When it has to begin again. */
  readonly expiresAt: number;
}

/** What `url` may be given. */
export interface UrlOptions<D extends object> {
  /** Keys to carry over beside those of `keepOnLogin`. Default none. */
  keep?: readonly (keyof D)[];
  /**
   * Whether the user goes over too, if there is one. Default false: only data does. Whoever opens the address first is
   * signed in, until the time this session would have ended.
   */
  signedIn?: boolean;
}

/** What became of a token in an address. */
export interface Arrival {
  /** The same address without the token, as a path: redirect there (303). `null`: no token came, go on. */
  readonly location: string | null;
  /** Why the token counted for nothing; `null` where it was good, or none came. */
  readonly refused: UrlRefusal | null;
}
