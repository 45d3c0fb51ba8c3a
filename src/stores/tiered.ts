/** `sojourn/stores/tiered`: a small cache in the process, in front of a store that is further away. */
import { durationOption } from "../core/duration.ts";
import { refuseUnknownKeys } from "../core/option-checks.ts";
import type { Duration } from "../core/types.ts";
import { InvalidOptionError } from "../errors.ts";
import type { SessionStore } from "./contract.ts";
import type { Invalidations } from "./invalidations.ts";
import { Near } from "./tiered/near.ts";
import { Push } from "./tiered/push.ts";
import { TieredSessionStore, type TieredStore } from "./tiered/store.ts";

export type { InvalidationListener, Invalidations } from "./invalidations.ts";
export type { TieredStats, TieredStore } from "./tiered/store.ts";

export interface NearOptions {
  /**
   * How long a session may be read here after it was changed, revoked or ended elsewhere: 1 ms to 1 minute. There is no
   * default, since nobody else can say what a revocation is worth. Writing is refused at once, whatever this says.
   */
  readonly maxAge: Duration;
  /** The memory that copies may take, in bytes. Default 32 MiB, some 18,000 sessions of half a kilobyte. */
  readonly maxBytes?: number;
  /**
   * Who tells of changes elsewhere, so that a copy goes as soon as the message is here and `maxAge` is only the bound
   * for when messages stay away unnoticed. While the connection is known to be lost, every read goes to the store.
   * `redisInvalidations`, `postgresInvalidations`, or your own. Default: nobody.
   */
  readonly invalidations?: Invalidations;
}

const LONGEST_MS = 60_000;
const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;

/**
 * Answers reads of requests from copies in this process for up to `near.maxAge`, and passes everything else on to
 * `far`, which decides every write. Guarantees are those of `far`, with `staleFor`. `close()` closes `far`.
 *
 * A copy is not served past a deadline of its session, nor after a change made through this object. A token whose secret
 * a copy does not know is judged by `far`.
 *
 * Throws `InvalidOptionError` at once for an impossible option.
 */
export function tiered(near: NearOptions, far: SessionStore): TieredStore {
  refuseUnknownKeys(near, ["maxAge", "maxBytes", "invalidations"], "tiered");
  const { maxAge, maxBytes = DEFAULT_MAX_BYTES, invalidations } = near;
  const maxAgeMs = durationOption("tiered.maxAge", maxAge, Number.NaN);
  if (!(maxAgeMs <= LONGEST_MS)) throw new InvalidOptionError("tiered.maxAge", "must be given, 1m at most");
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) {
    throw new InvalidOptionError("tiered.maxBytes", "must be a whole number of bytes, 1 or more");
  }
  if (invalidations !== undefined && typeof invalidations?.listen !== "function") {
    throw new InvalidOptionError("tiered.invalidations", "must be an object with listen()");
  }
  if (typeof far?.load !== "function" || typeof far.guarantees !== "object") {
    throw new InvalidOptionError("far", "must be a store");
  }
  if (far.carrying)
    throw new InvalidOptionError("far", "keeps no session that could be copied: clients carry them");
  const copies = new Near({ maxAgeMs, maxBytes }, () => performance.now());
  const staleFor = maxAgeMs + (far.guarantees.staleFor ?? 0); // a copy may be one of a copy
  const guarantees = Object.freeze({ ...far.guarantees, staleFor });
  return new TieredSessionStore(copies, far, new Push(copies, invalidations ?? null), guarantees);
}
