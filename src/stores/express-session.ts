/** `sojourn/stores/express-session`: sessions in any store made for express-session, as far as it can keep them. */
import { refuseUnknownKeys } from "../core/option-checks.ts";
import { InvalidOptionError } from "../errors.ts";
import { ExpressForeign, type ExpressStoreLike } from "./bridge/express.ts";
import { bridgeGuarantees } from "./bridge/guarantees.ts";
import { BridgedStore } from "./bridge/store.ts";
import type { SessionStore } from "./contract.ts";

export type { ExpressStoreLike } from "./bridge/express.ts";

export interface FromExpressStoreOptions {
  /**
   * Whether no other process uses the foreign store. Then the calls of this one, which are taken in turn, are all there
   * are, and `cas` and `noRevival` are kept. Default `false`. Wrongly `true` loses writes and revives sessions.
   */
  readonly onlyProcess?: boolean;
}

/**
 * Keeps sessions in a store of express-session: connect-redis, connect-pg-simple, express-mysql-session,
 * session-file-store, memorystore, or any other. It stays yours: nothing here closes it.
 *
 * Such a store can get, set and destroy, and no more. So `cas`, `noRevival`, `revokeUser` and `userIndex` are not kept,
 * and `createSessions` refuses it unless `accept` names the first three; `list` and `actAs` throw `StoreLacksError`.
 * See `docs/stores/bridges.md` for what is left of each promise.
 *
 * Throws `InvalidOptionError` at once for what is no such store.
 */
export function fromExpressStore(
  store: ExpressStoreLike,
  options: FromExpressStoreOptions = {},
): SessionStore {
  refuseUnknownKeys(options, ["onlyProcess"], "fromExpressStore");
  for (const name of ["get", "set", "destroy"] as const) {
    if (typeof store?.[name] !== "function") {
      throw new InvalidOptionError(
        "fromExpressStore.store",
        `must be a store of express-session: it has no ${name}()`,
      );
    }
  }
  return new BridgedStore(new ExpressForeign(store), bridgeGuarantees("fromExpressStore", options, "native"));
}
