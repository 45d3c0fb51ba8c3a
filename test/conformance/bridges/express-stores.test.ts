/** What is left of both contracts on stores made for express-session, each with its real server. */
import session, { type Store } from "express-session";
import { afterAll, beforeAll, describe } from "vitest";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { fromExpressStore } from "../../../src/stores/express-session.ts";
import { requireOrExplain } from "../../support/requires.ts";
import { EXPRESS_STORES, type ExpressStores } from "../../support/servers/express-stores.ts";
import { registerSessionContract, registerStoreContract } from "../support/bridged.ts";

const none = { get() {}, set() {}, destroy() {} };
const WEAK = fromExpressStore(none).guarantees;
const alone = (store: Store): SessionStore => fromExpressStore(store, { onlyProcess: true });
const ALONE = fromExpressStore(none, { onlyProcess: true }).guarantees;

for (const { name, find } of EXPRESS_STORES) {
  requireOrExplain(name, find)(`sessions in ${name}`, (start) => {
    let stores: ExpressStores;
    beforeAll(async () => {
      stores = await start();
    });
    afterAll(() => stores[Symbol.asyncDispose]());
    const empty = (): Promise<Store> => stores.empty();

    registerStoreContract(empty, (store) => fromExpressStore(store), WEAK, name !== "connect-pg-simple");
    // Between a manager and these stores stands the same bridge: one that waits for a server shows what there is to see.
    if (name === "connect-redis") registerSessionContract(empty, (store) => fromExpressStore(store), WEAK);
    // And one that cannot list its sessions, with nothing left out: it has a mark for everyone beside them.
    if (name === "connect-pg-simple") registerSessionContract(empty, alone, ALONE);
  });
}

describe("sessions in the MemoryStore of express-session, for one process", () => {
  const empty = async (): Promise<Store> => new session.MemoryStore();
  registerStoreContract(empty, alone, ALONE);
  registerSessionContract(empty, alone, ALONE);
});
