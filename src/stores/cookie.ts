/** `sojourn/stores/cookie`: sessions that their browsers carry, sealed, with revocation kept in another store. */
import { durationOption } from "../core/duration.ts";
import { createKeyRing, type Keys } from "../core/key-ring.ts";
import { refuseUnknownKeys } from "../core/option-checks.ts";
import type { Duration } from "../core/types.ts";
import { InvalidOptionError } from "../errors.ts";
import type { Guarantees, SessionStore } from "./contract.ts";
import type { CarryingStore } from "./cookie/contract.ts";
import { Epochs } from "./cookie/epochs.ts";
import { PURPOSE, Sealing } from "./cookie/sealing.ts";
import { CookieSessionStore } from "./cookie/store.ts";

export { type Keys, newKey } from "../core/key-ring.ts";

export interface CookieStoreOptions {
  /** The keys that seal, as `npx sojourn keys` makes them. The first one seals, all of them open. */
  readonly keys: Keys;
  /**
   * The most that a session's data may take, in bytes. Default 4096, which makes a Cookie header of some 6 KB; at most
   * 8192, some 12 KB, which nginx and Apache refuse unless told to take it. More fails with `DataTooLargeError`.
   */
  readonly maxBytes?: number;
}

export interface RevocableCookieStoreOptions extends CookieStoreOptions {
  /**
   * Any store that compares and swaps, used for nothing else: it remembers who was logged out and revoked, and keeps
   * what is for one use. It is closed with this one.
   */
  readonly epochs: SessionStore;
  /**
   * For how long a reading request believes what was read of the epochs before. Default 0: every request of a session
   * asks them, and a revocation counts at once everywhere. With `"10s"` one that another process made counts for reading
   * after ten seconds at most (the guarantee `staleFor`); for writing at once. At most `"5m"`.
   */
  readonly epochTtl?: Duration;
}

const DEFAULT_MAX_BYTES = 4096;
const LEAST_MAX_BYTES = 256;
const MOST_MAX_BYTES = 8192;
const LONGEST_TTL_MS = 5 * 60_000;

const UNREVOCABLE =
  "cookieStore without epochs: logout only takes the cookie away. A copy of it stays good until its session's absolute end.";
const LARGE =
  "cookieStore: maxBytes above 4096 makes Cookie headers above 8 KB, which proxies refuse unless told to take them.";

/**
 * Seals each session into the cookies of its browser (AES-256-GCM). Needs no server, and keeps no promise that needs one:
 * two writes at once lose one of them, so `cas` has to be accepted; without `epochs` nothing can be revoked, and
 * `noRevival` and `revokeUser` have to be accepted too. Throws `InvalidOptionError` at once.
 */
export function cookieStore(options: RevocableCookieStoreOptions): CarryingStore<true>;
export function cookieStore(options: CookieStoreOptions & { readonly epochs?: never }): CarryingStore<false>;
export function cookieStore(
  options: CookieStoreOptions & Partial<RevocableCookieStoreOptions>,
): CarryingStore<true> | CarryingStore<false> {
  refuseUnknownKeys(options, ["keys", "maxBytes", "epochs", "epochTtl"], "cookieStore");
  const { keys, maxBytes = DEFAULT_MAX_BYTES, epochs = null } = options;
  const sealing = new Sealing(createKeyRing(keys, PURPOSE, "cookieStore.keys"));
  if (!Number.isSafeInteger(maxBytes) || maxBytes < LEAST_MAX_BYTES || maxBytes > MOST_MAX_BYTES) {
    throw new InvalidOptionError(
      "cookieStore.maxBytes",
      `must be a whole number from ${LEAST_MAX_BYTES} to ${MOST_MAX_BYTES}`,
    );
  }
  if (epochs) checkEpochs(epochs);
  const ttlMs = readTtl(options);
  const guarantees: Guarantees = {
    cas: false,
    noRevival: epochs !== null,
    revokeUser: epochs !== null,
    userIndex: false,
    slots: false,
    expiry: epochs?.guarantees.expiry ?? "native",
    shared: epochs?.guarantees.shared ?? "network",
    durable: epochs?.guarantees.durable ?? "power-loss",
    maxBytes,
    ...(ttlMs > 0 && { staleFor: ttlMs }),
  };
  return new CookieSessionStore({
    sealing,
    epochs: epochs && new Epochs(epochs, ttlMs),
    guarantees,
    revocation: revocationAs(epochs !== null, ttlMs),
    warnings: [...(epochs ? [] : [UNREVOCABLE]), ...(maxBytes > DEFAULT_MAX_BYTES ? [LARGE] : [])],
  }) as CarryingStore<true> | CarryingStore<false>;
}

function checkEpochs(epochs: SessionStore): void {
  if (typeof epochs?.load !== "function" || typeof epochs.guarantees !== "object") {
    throw new InvalidOptionError(
      "cookieStore.epochs",
      'must be a store, such as sqliteStore("data/epochs.db")',
    );
  }
  checkSlots(epochs);
  const { cas, noRevival } = epochs.guarantees;
  if (epochs.carrying || !cas || !noRevival) {
    throw new InvalidOptionError(
      "cookieStore.epochs",
      `"${epochs.name}" cannot remember what ended: it lacks the guarantee cas or noRevival`,
    );
  }
}

/** What is remembered of a session stands under the session's own id, which is of no user's slot. */
function checkSlots({ name, guarantees }: SessionStore): void {
  if (!guarantees.slots) return;
  throw new InvalidOptionError(
    "cookieStore.epochs",
    `"${name}" wants ids of its own making, as Redis Cluster does (guarantees.slots)`,
  );
}

function readTtl({ epochs, epochTtl }: Partial<RevocableCookieStoreOptions>): number {
  if (epochTtl === undefined) return 0;
  if (!epochs) throw new InvalidOptionError("cookieStore.epochTtl", "means nothing without epochs");
  const ttlMs = epochTtl === 0 ? 0 : durationOption("cookieStore.epochTtl", epochTtl, 0);
  if (ttlMs > LONGEST_TTL_MS) throw new InvalidOptionError("cookieStore.epochTtl", 'is at most "5m"');
  return ttlMs;
}

function revocationAs(remembers: boolean, ttlMs: number): string {
  if (!remembers) return "none: a copied cookie is good until the absolute end of its session";
  return ttlMs === 0 ? "at once" : `at once; for reading in other processes after at most ${ttlMs} ms`;
}
