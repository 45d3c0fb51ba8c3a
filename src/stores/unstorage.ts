/** `sojourn/stores/unstorage`: sessions in any driver of unstorage, as far as it can keep them. */
import { refuseUnknownKeys } from "../core/option-checks.ts";
import { InvalidOptionError } from "../errors.ts";
import { bridgeGuarantees } from "./bridge/guarantees.ts";
import { BridgedStore } from "./bridge/store.ts";
import { expiresByItself, UnstorageForeign, type UnstorageLike } from "./bridge/unstorage.ts";
import type { SessionStore } from "./contract.ts";

export type { UnstorageLike } from "./bridge/unstorage.ts";

export interface FromUnstorageOptions {
  /**
   * Whether no other process uses the foreign store. Then the calls of this one, which are taken in turn, are all there
   * are, and `cas` and `noRevival` are kept. Default `false`. Wrongly `true` loses writes and revives sessions.
   */
  readonly onlyProcess?: boolean;
  /**
   * Whether the driver frees what is past the `ttl` it was given. Default: `true` for the drivers of unstorage that are
   * known to, `false` for all others: then each sweep, one a minute, lists the keys. Wrongly `true` fills the store.
   */
  readonly expires?: boolean;
}

/**
 * Keeps sessions in a storage of unstorage 1, as made by `createStorage`, under the keys `sojourn:...`. Use
 * `prefixStorage` to put them elsewhere. It stays yours: nothing here disposes of it.
 *
 * A driver can get, set, remove and list keys, and no more: what `fromExpressStore` says of guarantees holds here too.
 *
 * Throws `InvalidOptionError` at once for what is no such storage.
 */
export function fromUnstorage(storage: UnstorageLike, options: FromUnstorageOptions = {}): SessionStore {
  refuseUnknownKeys(options, ["onlyProcess", "expires"], "fromUnstorage");
  for (const name of ["getItem", "setItem", "removeItem", "getKeys"] as const) {
    if (typeof storage?.[name] !== "function") {
      throw new InvalidOptionError(
        "fromUnstorage.storage",
        `must be made by createStorage: it has no ${name}()`,
      );
    }
  }
  const { expires = expiresByItself(storage) } = options;
  if (typeof expires !== "boolean") {
    throw new InvalidOptionError("fromUnstorage.expires", "must be true or false");
  }
  const guarantees = bridgeGuarantees("fromUnstorage", options, expires ? "native" : "sweep");
  return new BridgedStore(new UnstorageForeign(storage, !expires), guarantees);
}
