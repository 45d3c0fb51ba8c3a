/** The store contract on PostgreSQL, through both libraries. */
import { test } from "vitest";
import { storeContract } from "../../src/testing/store-contract/index.ts";
import { register } from "../../src/testing/store-contract/register.ts";
import { DRIVERS, describeOnPostgres, storesOn } from "../support/servers/postgres.ts";

for (const driver of DRIVERS) {
  describeOnPostgres(`the PostgreSQL store through ${driver}`, (url) => {
    const stores = storesOn(url, driver);
    const cases = storeContract({
      guarantees: stores.open().guarantees,
      open: () => stores.emptied(),
      reopen: async (store) => stores.again(store),
      second: async (store) => stores.again(store),
      remains: (store) => stores.remains(store),
      scan: true,
      many: 2000,
    });
    register(cases, test);
  });
}
