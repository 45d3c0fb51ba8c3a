/** `sojourn/express-session`: a store of ours for applications that stay on express-session or @fastify/session. */
import type { EventEmitter } from "node:events";
import type { SessionStore } from "../stores/contract.ts";
import { Foreigners, type ForeignSession } from "./express-session/foreigners.ts";
import { type AsExpressStoreOptions, readSettings } from "./express-session/options.ts";

export type { ForeignSession } from "./express-session/foreigners.ts";
export type { AsExpressStoreOptions } from "./express-session/options.ts";

type Done = (error?: unknown) => void;
/** Each library has a type of its own for what is handed over: a `ForeignSession` or `null`. */
type Found = (error: unknown, session?: never) => void;
type Handed = (error: unknown, session?: ForeignSession | null) => void;

/** What both libraries ask of a store. Callbacks are called once, never before the method returns. */
export interface ExpressSessionStore extends EventEmitter {
  /** `null` for a session that is absent, ended or expired; an error, with status 503, when the store fails. */
  get(sid: string, done: Found): void;
  /**
   * Stores all of the session: of two requests that write at once, the later one's data stays. Hands over
   * `SessionEndedError` for a session that has ended meanwhile, and stores nothing.
   */
  set(sid: string, session: object, done?: Done): void;
  /** Ends it; a request under way cannot bring it back. */
  destroy(sid: string, done?: Done): void;
  /** Moves the expiry on, when it would move far enough to matter. */
  touch(sid: string, session: object, done?: Done): void;
  /** Ends every session in the store, those of others included. */
  clear(done?: Done): void;
}

/**
 * A store of ours in the form that express-session and @fastify/session take. The session id is a secret there, so it is
 * not stored: a row is named by a digest of it. With `userId`, a manager on the same store lists and revokes these
 * sessions like its own.
 *
 * For express-session hand over its `Store` as an option, which it expects stores to be made of. Throws
 * `InvalidOptionError` for options it does not know, for a store that does not keep `cas` and `noRevival`, or with
 * `userId` also `revokeUser`, for one that asks for ids of its own making (Redis Cluster), and in production for one that
 * talks to another machine without encryption, unless it says `allowPlaintext`.
 */
export function asExpressStore(
  store: SessionStore,
  options: AsExpressStoreOptions = {},
): ExpressSessionStore {
  const settings = readSettings(store, options);
  const sessions = new Foreigners(store, settings);
  const base = Reflect.construct(settings.Base, []) as EventEmitter;
  return Object.assign(base, {
    get: (sid: string, done: Found) => answer(sessions.get(sid), done as Handed),
    set: (sid: string, session: object, done?: Done) =>
      answer(sessions.set(sid, session as ForeignSession), done),
    destroy: (sid: string, done?: Done) => answer(sessions.destroy(sid), done),
    touch: (sid: string, session: object, done?: Done) =>
      answer(sessions.touch(sid, session as ForeignSession), done),
    clear: (done?: Done) => answer(sessions.clear(), done),
  });
}

/** Out of the promise, where an error that the callback throws would be lost. */
function answer<T>(work: Promise<T>, done: (error: unknown, value?: T) => void = () => {}): void {
  work.then(
    (value) => setImmediate(done, null, value),
    (error: unknown) => setImmediate(done, error),
  );
}
