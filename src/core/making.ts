/** New records: a visitor's at the first write, a user's at login. */
import { type About, packAbout } from "./about.ts";
import type { Body } from "./change-set.ts";
import { type Credentials, newCredentials, packCredentials } from "./credentials.ts";
import type { Engine, LifetimeMs } from "./engine.ts";
import { DEFAULT_NAME } from "./owned-store.ts";
import type { Instant, SessionId, SessionRecord } from "./record.ts";
import type { Hold, Loaded } from "./state.ts";
import { newSecrets, newVersion, padCsrf, type Token } from "./token.ts";

export interface NewSession {
  /** Of a user's session, one that their store can keep: `StoreClient.newId`. */
  readonly id: SessionId;
  readonly userId: string | null;
  readonly label: string | null;
  /** What else is known of the session. Nothing when absent. */
  readonly about?: Partial<About>;
  /** When the user proved who they are. Default: now. */
  readonly authenticatedAt?: Instant | null;
  readonly persistent: boolean;
  readonly lifetime: LifetimeMs;
  /** Ends it sooner until it is first used; not used when absent. */
  readonly firstIdleMs?: number;
  /** 32 bytes that a form may hold already, or fresh ones. */
  readonly csrf?: Uint8Array | null;
  /** For a client that keeps its token itself. Default: for a cookie. */
  readonly isHeld?: boolean;
  readonly body: Body;
  /** Of a one-time record: encoded already, and no body at all. */
  readonly payload?: Uint8Array;
}

export function makeSession(engine: Engine, wanted: NewSession): Hold {
  const now = engine.now();
  const drawn = newSecrets(engine.random);
  const token: Token = { id: wanted.id, secret: drawn.secret };
  const csrf = wanted.csrf ? padCsrf(wanted.csrf, token) : drawn.csrf;
  const credentials = newCredentials(token.secret, csrf, now, wanted.isHeld);
  const { name } = engine.settings;
  const manager = name === DEFAULT_NAME ? null : name;
  const { idleMs, absoluteMs } = wanted.lifetime;
  const absoluteUntil = now + absoluteMs;
  const record: SessionRecord = {
    id: token.id,
    userId: wanted.userId,
    version: newVersion(engine.nonces),
    createdAt: now,
    authenticatedAt: wanted.userId === null ? null : (wanted.authenticatedAt ?? now),
    seenAt: now,
    idleUntil: Math.min(absoluteUntil, now + Math.min(idleMs, wanted.firstIdleMs ?? idleMs)),
    absoluteUntil,
    idleFor: idleMs,
    persistent: wanted.persistent,
    label: wanted.label,
    about: wanted.about || manager !== null ? packAbout({ ...wanted.about, manager }) : null,
    credentials: packCredentials(credentials),
    payload: wanted.payload ?? engine.shape.encode(token.id, wanted.body),
  };
  return {
    record,
    credentials,
    body: wanted.body,
    isOutdated: false,
    token,
    admission: "current",
    epoch: 0,
    isUnconfirmed: wanted.firstIdleMs !== undefined,
  };
}

export interface Revision {
  /** When the session was used: one instant for everything the save says. */
  readonly now: Instant;
  readonly body?: Body;
  readonly credentials?: Credentials;
  readonly idleUntil?: Instant;
}

/** The next form of a record, under a new version: what a save is given. */
export function reviseRecord(engine: Engine, base: Loaded, revision: Revision): Loaded {
  const body = revision.body ?? base.body;
  const credentials = revision.credentials ?? base.credentials;
  const payload = revision.body ? engine.shape.encode(base.record.id, body) : upToDate(engine, base);
  const record: SessionRecord = {
    ...base.record,
    version: newVersion(engine.nonces),
    seenAt: revision.now,
    idleUntil: revision.idleUntil ?? base.record.idleUntil,
    credentials: revision.credentials ? packCredentials(credentials) : base.record.credentials,
    payload,
  };
  return { record, credentials, body, isOutdated: base.isOutdated && payload === base.record.payload };
}

/**
 * A save that leaves the data alone takes an outdated payload along into today's form. If that does not go, as when it is
 * too large there, the save goes on: whoever writes the data next will hear of it.
 */
function upToDate(engine: Engine, { record, body, isOutdated }: Loaded): Uint8Array {
  if (!isOutdated) return record.payload;
  try {
    return engine.shape.encode(record.id, body);
  } catch {
    return record.payload;
  }
}

/** The idle deadline of a session used now. */
export function idleFromNow(record: Pick<SessionRecord, "idleFor" | "absoluteUntil">, now: Instant): Instant {
  return Math.min(record.absoluteUntil, now + record.idleFor);
}
