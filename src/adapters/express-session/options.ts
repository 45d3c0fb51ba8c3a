/** The options of `asExpressStore`, checked. */
import { EventEmitter } from "node:events";
import { monotonicClock } from "../../core/clock.ts";
import { durationOption } from "../../core/duration.ts";
import { defaultMode, refusePlaintext } from "../../core/mode.ts";
import { refuseUnknownKeys } from "../../core/option-checks.ts";
import type { Duration } from "../../core/types.ts";
import { InvalidOptionError } from "../../errors.ts";
import type { SessionStore } from "../../stores/contract.ts";
import type { ForeignSession } from "./foreigners.ts";

export interface AsExpressStoreOptions {
  /** `Store` of express-session, which it expects every store to extend. Leave it out for @fastify/session. */
  readonly Store?: abstract new () => EventEmitter;
  /**
   * Whose session it is, `undefined` for nobody's: makes it listed and revoked with that user's. It is asked at each
   * `set`. Somebody may sign in to a session that was nobody's; for any other change call `regenerate()`, and do it at
   * each login, or whoever knew the session id before is signed in too. Left out: nobody's.
   */
  readonly userId?: (session: ForeignSession) => string | undefined;
  /** How long a session lives whose cookie has no expiry of its own. Default `"1d"`. */
  readonly idleTimeout?: Duration;
  /** After that long it ends, however much it is used. Default `"400d"`, longer than browsers keep cookies. */
  readonly absoluteTimeout?: Duration;
  /**
   * Whether what has expired is freed in the background. Default `true`. Say `false` where a manager on the same store
   * does that: then its `ended` events tell of every expiry. Of no account where the engine frees by itself (Redis).
   */
  readonly sweep?: boolean;
  /** How long a call may take. Default `"1s"`. */
  readonly storeTimeout?: Duration;
  /** Time in epoch milliseconds, for tests. Default `Date.now`. */
  readonly clock?: () => number;
}

export interface ForeignSettings {
  readonly Base: abstract new () => EventEmitter;
  readonly userId: (session: ForeignSession) => string | undefined;
  readonly hasUsers: boolean;
  readonly idleMs: number;
  readonly absoluteMs: number;
  readonly sweeps: boolean;
  readonly timeoutMs: number;
  readonly now: () => number;
}

const KNOWN = ["Store", "userId", "idleTimeout", "absoluteTimeout", "sweep", "storeTimeout", "clock"];
const DAY = 86_400_000;

export function readSettings(store: SessionStore, options: AsExpressStoreOptions): ForeignSettings {
  const name = "asExpressStore";
  refuseUnknownKeys(options, KNOWN, name);
  if (typeof store?.load !== "function" || typeof store.guarantees !== "object") {
    throw new InvalidOptionError(`${name}.store`, 'must be a store, such as sqliteStore("data/sessions.db")');
  }
  const needed = ["cas", "noRevival", ...(options.userId ? (["revokeUser"] as const) : [])] as const;
  const lack = needed.find((guarantee) => !store.guarantees[guarantee]);
  if (lack)
    throw new InvalidOptionError(`${name}.store`, `"${store.name}" does not keep the guarantee ${lack}`);
  if (store.guarantees.slots) {
    throw new InvalidOptionError(`${name}.store`, `"${store.name}" asks for ids of its own making`);
  }
  if (defaultMode() === "production") refusePlaintext(store, `${name}.store`);
  const { sweep = true } = options;
  if (typeof sweep !== "boolean") throw new InvalidOptionError(`${name}.sweep`, "must be true or false");
  for (const key of ["Store", "userId", "clock"] as const) {
    if (options[key] !== undefined && typeof options[key] !== "function") {
      throw new InvalidOptionError(
        `${name}.${key}`,
        key === "Store" ? "must be a class" : "must be a function",
      );
    }
  }
  return {
    Base: options.Store ?? EventEmitter,
    userId: options.userId ?? (() => undefined),
    hasUsers: options.userId !== undefined,
    idleMs: durationOption(`${name}.idleTimeout`, options.idleTimeout, DAY),
    absoluteMs: durationOption(`${name}.absoluteTimeout`, options.absoluteTimeout, 400 * DAY),
    sweeps: sweep,
    timeoutMs: durationOption(`${name}.storeTimeout`, options.storeTimeout, 1000),
    now: monotonicClock(options.clock ?? Date.now),
  };
}
