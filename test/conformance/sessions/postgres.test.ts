/** The promises about sessions, on the PostgreSQL store, through both libraries. */
import { it } from "vitest";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { sessionContract } from "../../../src/testing/session-contract/index.ts";
import { DRIVERS, describeOnPostgres, storesOn } from "../../support/servers/postgres.ts";

for (const driver of DRIVERS) {
  describeOnPostgres(`sessions in PostgreSQL through ${driver}`, (url) => {
    const stores = storesOn(url, driver);
    // Opened here: some cases give the store little time, and its tables are no part of that.
    const open = async (): Promise<SessionStore> => {
      const store = await stores.emptied();
      await store.open();
      return store;
    };
    for (const { name, run } of sessionContract({ open })) it(name, run);
  });
}
