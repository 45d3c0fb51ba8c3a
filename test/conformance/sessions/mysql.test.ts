/** The promises about sessions, on the MySQL store. */
import { it } from "vitest";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { sessionContract } from "../../../src/testing/session-contract/index.ts";
import { describeOnMysql, storesOn } from "../../support/servers/mysql.ts";

describeOnMysql("sessions in MySQL", (place) => {
  const stores = storesOn(place);
  // Opened here: some cases give the store little time, and its tables are no part of that.
  const open = async (): Promise<SessionStore> => {
    const store = await stores.emptied();
    await store.open();
    return store;
  };
  for (const { name, run } of sessionContract({ open })) it(name, run);
});
