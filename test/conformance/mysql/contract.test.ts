/** The store contract on MySQL and MariaDB, through a pool of mysql2. */
import { test } from "vitest";
import { storeContract } from "../../../src/testing/store-contract/index.ts";
import { register } from "../../../src/testing/store-contract/register.ts";
import { describeOnMysql, storesOn } from "../../support/servers/mysql.ts";

describeOnMysql("the MySQL store", (place) => {
  const stores = storesOn(place);
  const cases = storeContract({
    guarantees: stores.open().guarantees,
    open: () => stores.emptied(),
    reopen: async (store) => stores.again(store),
    second: async (store) => stores.again(store),
    remains: (store) => stores.remains(store),
    scan: true,
    many: 1200,
    ...(place.outage ? { outage: place.outage } : {}),
  });
  register(cases, test);
});
