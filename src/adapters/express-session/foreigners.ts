/** Sessions of another library as records of ours. */
import { randomBytes } from "node:crypto";
import { readBreaker } from "../../core/breaker.ts";
import { sha256, toBase64url } from "../../core/bytes.ts";
import { untilDeadline } from "../../core/patience.ts";
import { REAL_TIME } from "../../core/real-time.ts";
import { RecentMap } from "../../core/recent-map.ts";
import type { Ended, Instant, SessionId, SessionRecord } from "../../core/record.ts";
import { StoreClient } from "../../core/store-client.ts";
import type { StoreWatch } from "../../core/store-watch.ts";
import { Sweeper } from "../../core/sweeper.ts";
import { newVersion } from "../../core/token.ts";
import { checkUserId } from "../../core/user-id.ts";
import { InvalidArgumentError, SessionEndedError, StoreUnavailableError } from "../../errors.ts";
import type { SessionStore } from "../../stores/contract.ts";
import type { ForeignSettings } from "./options.ts";

/** The session object of the other library. */
export interface ForeignSession {
  readonly cookie?: { readonly expires?: Date | string | null } | undefined;
  readonly [key: string]: unknown;
}

/** No cookie of ours opens such a session: there is no secret to be hashed. */
const NO_CREDENTIALS = new Uint8Array(0);
/** A save that meets another one is applied over it. That many in a row is no coincidence. */
const TRIES = 20;
/** Sessions whose last deadline is remembered, so that a touch that moves it little costs nothing. */
const REMEMBERED = 10_000;
const MAX_THROTTLE_MS = 3_600_000;

const SILENT: StoreWatch = {
  ended: () => undefined,
  failed() {},
  down() {},
  up() {},
  timed: () => null,
};

export class Foreigners {
  readonly #client: StoreClient;
  readonly #settings: ForeignSettings;
  readonly #sweeper: Sweeper | null;
  /** The idle deadlines of sessions that were seen alive, by session id; in this process only. */
  readonly #seen = new RecentMap<Instant>(REMEMBERED);

  constructor(store: SessionStore, settings: ForeignSettings) {
    const { now, timeoutMs } = settings;
    this.#settings = settings;
    this.#client = new StoreClient({
      store,
      now,
      timeoutMs,
      breaker: readBreaker(undefined),
      patience: untilDeadline,
      time: REAL_TIME,
      watch: SILENT,
    });
    this.#sweeper = settings.sweeps ? new Sweeper(this.#client) : null;
  }

  async get(sid: string): Promise<ForeignSession | null> {
    const found = await this.#find(sid);
    if (!found || "ended" in found) return null;
    this.#seen.set(sid, found.idleUntil);
    const session = JSON.parse(Buffer.from(found.payload).toString()) as ForeignSession;
    // A touch moves the deadline and not the data.
    if (!session.cookie?.expires) return session;
    return { ...session, cookie: { ...session.cookie, expires: new Date(found.idleUntil).toISOString() } };
  }

  async set(sid: string, session: ForeignSession): Promise<void> {
    const userId = this.#settings.userId(session) ?? null;
    if (userId !== null) checkUserId(userId);
    const payload = Buffer.from(JSON.stringify(session));
    let found = await this.#find(sid);
    let left: SessionRecord | null = null;
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      if (found && "ended" in found) throw new SessionEndedError(found.ended);
      // One that was seen here and is gone ended longer ago than ends are remembered.
      if (!found && this.#seen.get(sid) !== undefined) throw new SessionEndedError("unknown");
      const isSignedIn = found !== null && found.userId === null && userId !== null;
      if (isSignedIn) left = found;
      if (found && !isSignedIn && found.userId !== userId) {
        throw new InvalidArgumentError(
          "asExpressStore(): a session cannot go over to another user, or to nobody. Call regenerate() on it first.",
        );
      }
      const next =
        found && !isSignedIn
          ? this.#revised(found, session, payload)
          : this.#fresh(found ? signedInId(sid) : idOf(sid), userId, session, payload);
      const conflict: SessionRecord | null =
        found && !isSignedIn ? await this.#save(next, found) : await this.#create(next);
      if (conflict === null) {
        if (left) await this.#leave(left, next);
        this.#seen.set(sid, next.idleUntil);
        return;
      }
      found = conflict;
    }
    throw new StoreUnavailableError("save", "busy", this.#client.store.name);
  }

  async destroy(sid: string): Promise<void> {
    for (const id of this.#idsOf(sid)) await this.#client.delete(id, "logged-out");
  }

  async touch(sid: string, session: ForeignSession): Promise<void> {
    const now = this.#settings.now();
    const until = this.#deadline(session, now);
    const known = this.#seen.get(sid);
    if (known !== undefined && until - known < Math.min((until - now) / 20, MAX_THROTTLE_MS)) return;
    for (const id of this.#idsOf(sid)) {
      if (!(await this.#client.touch(id, until))) continue;
      this.#seen.set(sid, until);
      return;
    }
  }

  async clear(): Promise<void> {
    await this.#client.deleteAll();
  }

  #idsOf(sid: string): readonly SessionId[] {
    return this.#settings.hasUsers ? [idOf(sid), signedInId(sid)] : [idOf(sid)];
  }

  /** Where it began, or where it went when somebody signed in. */
  async #find(sid: string): Promise<SessionRecord | Ended | null> {
    this.#sweeper?.start();
    let last: Ended | null = null;
    for (const id of this.#idsOf(sid)) {
      const found = await this.#client.load(id);
      if (found && !("ended" in found && found.ended === "replaced")) return found;
      last = found;
    }
    return last;
  }

  /** `null` when it was stored. */
  async #save(next: SessionRecord, before: SessionRecord): Promise<SessionRecord | null> {
    const saved = await this.#client.save(next, before.version);
    if (saved === "saved") return null;
    if (typeof saved === "object") return saved.conflict;
    const left = await this.#client.load(next.id);
    throw new SessionEndedError(left && "ended" in left ? left.ended : "unknown");
  }

  async #create(next: SessionRecord): Promise<SessionRecord | null> {
    const created = await this.#client.create(next, { since: { startedAt: next.createdAt } });
    if (created.ok) return null;
    if (created.reason === "revoked") throw new SessionEndedError("revoked");
    const found = await this.#client.load(next.id);
    if (found && !("ended" in found)) return found;
    throw new SessionEndedError(found ? found.ended : "unknown");
  }

  /** Somebody signed in: the row that was nobody's ends. If it had ended otherwise, so has what came of it. */
  async #leave(before: SessionRecord, next: SessionRecord): Promise<void> {
    if ((await this.#client.delete(before.id, "replaced")) === "deleted") return;
    const found = await this.#client.load(before.id);
    if (found && "ended" in found && found.ended === "replaced") return; // here, and the answer was lost; or by another
    await this.#client.delete(next.id, "logged-out");
    throw new SessionEndedError("logged-out");
  }

  #revised(before: SessionRecord, session: ForeignSession, payload: Uint8Array): SessionRecord {
    const now = this.#settings.now();
    const idleUntil = Math.min(
      before.absoluteUntil,
      Math.max(before.idleUntil, this.#deadline(session, now)),
    );
    return { ...before, version: newVersion(randomBytes), seenAt: now, idleUntil, payload };
  }

  #fresh(id: SessionId, userId: string | null, session: ForeignSession, payload: Uint8Array): SessionRecord {
    const now = this.#settings.now();
    const absoluteUntil = now + this.#settings.absoluteMs;
    const idleUntil = Math.min(absoluteUntil, this.#deadline(session, now));
    return {
      id,
      userId,
      version: newVersion(randomBytes),
      createdAt: now,
      authenticatedAt: userId === null ? null : now,
      seenAt: now,
      idleUntil,
      absoluteUntil,
      idleFor: Math.max(1, idleUntil - now),
      persistent: Boolean(session.cookie?.expires),
      label: null,
      about: null,
      credentials: NO_CREDENTIALS,
      payload,
    };
  }

  #deadline({ cookie }: ForeignSession, now: Instant): Instant {
    const expires = cookie?.expires ? new Date(cookie.expires).getTime() : Number.NaN;
    return Number.isNaN(expires) ? now + this.#settings.idleMs : expires;
  }
}

/** The session id of those libraries is what a browser shows to get in: the store must not hold it. */
function idOf(sid: string): SessionId {
  return digest("session", sid);
}

/** A row never changes its user, and @fastify/session stores a session before it is told who signs in. */
function signedInId(sid: string): SessionId {
  return digest("signed in", sid);
}

function digest(kind: string, sid: string): SessionId {
  return toBase64url(sha256(Buffer.from(`sojourn/express-session\n${kind}\n${sid}`)).subarray(0, 16));
}
