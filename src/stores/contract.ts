/**
 * What Sojourn asks of a store. Each operation is atomic on its own; together they are enough for every promise.
 * `conflict`, `gone`, `revoked` and the like are answers. Only a fault of the store throws, always as `StoreFault`; and an
 * operation that a store cannot do for want of a guarantee, as `StoreLacksError`.
 *
 * These rules hold for all operations. Time comes in with the call (`call.now`), never from a clock of the store. A
 * record whose deadline has come is dead from that millisecond on: whoever meets it ends it there and then. An end is
 * remembered for `TOMBSTONE_MS` from the `now` of the call that ended it; then the id is absent. An id is 22 characters
 * of base64url (16 bytes, no stray bits); any other text is absent to every operation, and `create` refuses it with
 * `StoreFault` kind `corrupt`, so that a store may build keys and file names from ids. A user id is any well-formed
 * text. Records and byte arrays are not shared: what a caller changes later reaches neither the store nor other answers.
 */

import type { Ended, Instant, SessionHeader, SessionId, SessionRecord, Version } from "../core/record.ts";
import type { EndReason } from "../errors.ts";
import type { Carrying } from "./cookie/contract.ts";

export interface CallOptions {
  /** The caller's clock, epoch milliseconds. */
  readonly now: Instant;
  /**
   * Aborted at the caller's deadline. A store that waits gives up with `StoreFault` kind `timeout`; a call whose signal
   * has aborted before it begins throws that at once and applies nothing.
   */
  readonly signal?: AbortSignal;
  /**
   * Called once for each session that this very call ended (not for one that had ended before), when it is surely
   * ended. Left out when nobody listens, so that a store may spare the read.
   */
  readonly onEnded?: (session: SessionHeader, reason: EndReason) => void;
  /**
   * To be called after each step of `deleteByUser`, `erase` and `deleteAll` that takes more than one. A caller who hears
   * nothing for a while, ten seconds by default, takes the store for dead and gives up.
   */
  readonly onProgress?: () => void;
  /**
   * To be called by a store that answers, or refuses, by itself: from a copy, or by what the client brought. The caller
   * then takes it for no sign that the server behind it is there.
   */
  readonly onLocal?: () => void;
}

/** What a store keeps. A store that lacks one of the first four is refused unless the option `accept` names it. */
export interface Guarantees {
  /** `save` and `delete` compare the version and act in one step. */
  readonly cas: boolean;
  /** Nothing but `create` ever brings a row into being, and an ended id stays ended. */
  readonly noRevival: boolean;
  /** `deleteByUser` and `erase` are complete when they return, also against a racing `create`. */
  readonly revokeUser: boolean;
  /** `listByUser` works, in time proportional to that user's sessions. */
  readonly userIndex: boolean;
  /**
   * Sessions of one user must share a slot: the first two bytes of their ids are what `tag` answers for the user. All
   * other ids are random throughout.
   */
  readonly slots: boolean;
  /** `sweep`: expired rows wait for `sweep`. `native`: the engine frees them, and their end may go unreported. */
  readonly expiry: "sweep" | "native";
  /** How far apart the processes may be that share it. */
  readonly shared: "process" | "host" | "network";
  /** What an acknowledged write survives. */
  readonly durable: "no" | "process-crash" | "power-loss" | "server-config";
  /** Largest payload it takes, in bytes. More is refused by `create` and `save` with `StoreFault` kind `too-large`. */
  readonly maxBytes: number;
  /**
   * For how many milliseconds a `load` with `mayLag` may go on answering what another process has changed or ended
   * since. Left out: not at all.
   */
  readonly staleFor?: number;
}

export interface OpenOptions {
  readonly now?: Instant;
  readonly signal?: AbortSignal;
}

/** The session that a login of the same user takes the place of. */
export interface Replaced {
  readonly id: SessionId;
  readonly version: Version;
}

export interface UserLimit {
  readonly max: number;
  readonly over: "evict-oldest" | "refuse";
}

export interface CreateOptions extends CallOptions {
  /**
   * Ended with reason `replaced` in the same step. Absent, ended or expired: no matter. A session of another user or a
   * visitor is left alone.
   */
  readonly replaces?: Replaced;
  /** At most `max` live sessions for the record's user, the new one included and `replaces` not counted. */
  readonly limit?: UserLimit;
  /**
   * When the login began. A `deleteByUser` or `erase` since then makes the answer `revoked`: while the user's mark is remembered,
   * a `startedAt` not after it, or a `revocation` other than its token. Without a mark nobody is kept out: a login older
   * than ten minutes never gets here, and marks live for fifteen. Ignored for visitors.
   */
  readonly since: { readonly startedAt: Instant } | { readonly revocation: string };
}

export type CreateResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: "ended" | "collision" | "revoked" | "full" }
  | { readonly ok: false; readonly reason: "conflict"; readonly current: SessionRecord };

export type SaveResult = "saved" | "gone" | { readonly conflict: SessionRecord };
export type DeleteResult = "deleted" | "gone" | { readonly conflict: SessionRecord };

export interface Page {
  /** At most this many, 1 or more. */
  readonly limit: number;
  /** The `after` of the page before, also when the session it ended with is gone; left out for the first. */
  readonly after?: string;
}

export interface UserSessions {
  readonly sessions: readonly SessionHeader[];
  /** Where the next page starts; `null` when this was the last. */
  readonly after: string | null;
}

export interface Scanned {
  readonly sessions: readonly SessionRecord[];
  /** How many entries of this page could not be read, and are left out. */
  readonly damaged: number;
  /** Where the next page starts; `null` when this was the last. */
  readonly after: string | null;
}

export interface SweepResult {
  /** How many sessions this call ended. */
  readonly removed: number;
  /** Whether another call now would find more to end or to forget. */
  readonly more: boolean;
}

export interface Health {
  readonly ok: boolean;
  readonly detail?: string;
}

/** How long an end is remembered. */
export const TOMBSTONE_MS: number = 10 * 60_000;

/** How long `deleteByUser` and `erase` keep out a login that began before them. */
export const REVOCATION_MS: number = 15 * 60_000;

export interface SessionStore extends AsyncDisposable {
  /** For messages: `memory`, `sqlite` ... */
  readonly name: string;
  readonly guarantees: Guarantees;
  /** Absent where the store keeps sessions, as all but `cookieStore` do. */
  readonly carrying?: Carrying;
  /**
   * A host beyond this machine to which it talks without encryption, unless the operator allowed that. A manager in
   * production refuses it. Left out where every link is encrypted or stays here, and where that cannot be seen.
   */
  readonly plaintextTo?: string | undefined;

  /**
   * Makes the store ready: folder, schema, settings, clock. Called before any other operation, and again after a
   * failure; repeated calls are harmless. Resolves to warnings for the operator. Throws when it cannot be used, and
   * `StoreFault` kind `closed` after `close`.
   */
  open(options?: OpenOptions): Promise<readonly string[]>;

  /**
   * With `guarantees.slots`: two bytes, a keyed digest of the user, that the ids of their sessions begin with; left out
   * elsewhere. Asked after `open`, each time an id is made: it changes where a server lost all it had.
   */
  tag?(userId: string): Uint8Array;

  /**
   * The record as stored. Absent: `null`. Ended within the last ten minutes: `Ended`. Past a deadline at `call.now`:
   * ended here (only if the stored deadline has truly come) and answered `Ended` with `idle` or `absolute`.
   * With `mayLag`, a live record may be one that was stored no longer than `staleFor` ago, if the store declares that.
   * Without it the answer is what is stored now.
   */
  load(
    id: SessionId,
    call: CallOptions & { readonly mayLag?: boolean },
  ): Promise<SessionRecord | Ended | null>;

  /**
   * The only way a row comes into being. In this order, in one step: (1) its own id is there: with the same version it
   * is this call repeated, answered ok; ended: `ended`; else `collision`. (2) `since` and the user's mark: `revoked`.
   * (3) `replaces` is live with another version: `conflict`. (4) `limit`: refuse with `full`, or end the oldest by
   * `createdAt` (then id) with reason `limit`. (5) end `replaces`, insert.
   * Expired sessions of the user do not count and are ended on the way.
   * With `slots`, an id that does not carry the user's tag is answered `collision`, and nothing is stored. What lies in
   * another slot is no session of this user, so `replaces` leaves it alone.
   */
  create(record: SessionRecord, call: CreateOptions): Promise<CreateResult>;

  /**
   * Replaces version, deadlines, credentials, payload and seenAt of the record if its version is still `expected`.
   * Absent, ended or expired: `gone` (an expired one is ended here). Another version: `conflict` with what is stored.
   * The idle deadline only moves forward: min(absoluteUntil, max(stored, given)); so does seenAt.
   * id, userId, createdAt, authenticatedAt, absoluteUntil, idleFor, persistent, label and about never change.
   * Repeated after it was applied: `conflict` with a record that carries the caller's own version.
   */
  save(record: SessionRecord, expected: Version, call: CallOptions): Promise<SaveResult>;

  /**
   * Moves the idle deadline to min(absoluteUntil, max(stored, until)) and seenAt to max(stored, call.now); data and
   * version stay. Absent, ended or expired: `false`. Repeating it is harmless.
   */
  touch(id: SessionId, until: Instant, call: CallOptions): Promise<boolean>;

  /**
   * Ends a session with a reason and wipes its data, keeping a tombstone. Absent, ended or expired: `gone`. With
   * `expected`, another version: `conflict`. Repeated: `gone`.
   */
  delete(
    id: SessionId,
    reason: EndReason,
    call: CallOptions & { readonly expected?: Version },
  ): Promise<DeleteResult>;

  /** Live sessions of one user, newest `createdAt` first (then by id), a page at a time. Nobody's: empty. */
  listByUser(userId: string, call: CallOptions & Page): Promise<UserSessions>;

  /**
   * First marks the user with `call.now` (an older mark never moves back) and a new random revocation token, so that no
   * login begun earlier gets in; then ends all other live sessions of theirs with reason `revoked`, in slices that do not block others for long.
   * Complete when it resolves. Answers how many it ended. Repeated: ends what came since.
   */
  deleteByUser(userId: string, call: CallOptions & { readonly except?: SessionId }): Promise<number>;

  /**
   * Ends all sessions of a user as `deleteByUser` does, mark first, and leaves no trace of the person: when it resolves,
   * neither the user id nor anything of the user's records is left in rows, indexes, tombstones and marks, nor in what
   * the engine keeps of deleted content as far as the store can reach it. A tombstone holds no user id, and the mark
   * stands under a digest of it, keyed with a random key of the store's own. Answers how many live sessions it ended. A
   * trace that cannot be removed now is a fault, with the sessions ended. Repeated: ends what came since, and removes
   * what is left.
   */
  erase(userId: string, call: CallOptions): Promise<number>;

  /** The user's revocation token of the last fifteen minutes, `""` when there is none. */
  revocation(userId: string, call: CallOptions): Promise<string>;

  /** Ends every session there is, with reason `revoked`. Complete when it resolves; logins meanwhile may survive. */
  deleteAll(call: CallOptions): Promise<void>;

  /**
   * Optional: for moving to another store (`copySessions`). The live records of everybody, in an order of the store's
   * own, a page at a time; nothing changes by it. A session that is live from the first page to the last is shown at
   * least once, perhaps twice; what comes or ends meanwhile may be missing. A page may be empty while there are more,
   * and hold somewhat more than `limit`.
   */
  scan?(call: CallOptions & Page): Promise<Scanned>;

  /**
   * Ends at most `limit` expired sessions, which leave tombstones, and forgets tombstones and marks past their time, in
   * slices too. Cheap when idle.
   */
  sweep(call: CallOptions & { readonly limit: number }): Promise<SweepResult>;

  /** Whether it answers now. Does not throw: not for an outage, nor after `close`. */
  health(call: CallOptions): Promise<Health>;

  /**
   * Waits for calls under way and closes what the store itself opened. Later calls: `StoreFault` kind `closed`.
   * Repeated: harmless.
   */
  close(): Promise<void>;
}
