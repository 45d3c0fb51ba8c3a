// The sites of all stores that are wanted.
import type { Probe } from "../../../test/support/requires.ts";
import type { Store } from "../subject.ts";
import { inFolders, nowhere } from "./local.ts";
import { mysqlSite } from "./mysql.ts";
import { postgresSite } from "./postgres.ts";
import { redisSite } from "./redis.ts";
import type { Site } from "./site.ts";

const FINDERS: Readonly<Record<Store, () => Probe<() => Promise<Site>>>> = {
  memory: () => ({ found: async () => nowhere() }),
  cookie: () => ({ found: async () => nowhere() }),
  sqlite: () => ({ found: async () => inFolders() }),
  file: () => ({ found: async () => inFolders() }),
  redis: redisSite,
  postgres: postgresSite,
  mysql: mysqlSite,
};

export interface Sites extends AsyncDisposable {
  /** That of the bare framework for `null`; `undefined` where this machine has no server for it. */
  of(store: Store | null): Site | undefined;
  /** Why some are not there. */
  readonly missing: ReadonlyMap<Store, string>;
}

export async function openSites(stores: Iterable<Store>): Promise<Sites> {
  const sites = new Map<Store, Site>();
  const missing = new Map<Store, string>();
  const bare = nowhere();
  const close = async (): Promise<void> => {
    for (const site of sites.values()) await site[Symbol.asyncDispose]();
  };
  try {
    for (const store of new Set(stores)) {
      const probe = FINDERS[store]();
      if ("found" in probe) sites.set(store, await probe.found());
      else missing.set(store, probe.missing);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    of: (store) => (store === null ? bare : sites.get(store)),
    missing,
    [Symbol.asyncDispose]: close,
  };
}
