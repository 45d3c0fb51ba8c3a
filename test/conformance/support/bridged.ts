/**
 * Both contracts on a bridge: two handles and a restart are two bridges to one foreign store. Cases that need what no
 * bridge has are left out; `weaker.test.ts` shows that each is skipped for a guarantee, and for no other reason.
 */
import { it } from "vitest";
import type { Guarantees, SessionStore } from "../../../src/stores/contract.ts";
import { sessionContract } from "../../../src/testing/session-contract/index.ts";
import type { ContractCase } from "../../../src/testing/store-contract/harness.ts";
import { storeContract } from "../../../src/testing/store-contract/index.ts";

type Empty<F> = () => Promise<F>;
type Bridge<F> = (foreign: F) => SessionStore;

export function registerStoreContract<F extends object>(
  empty: Empty<F>,
  bridge: Bridge<F>,
  guarantees: Guarantees,
  scans = true,
): void {
  const behind = new WeakMap<SessionStore, F>();
  const to = (foreign: F): SessionStore => {
    const store = bridge(foreign);
    behind.set(store, foreign);
    return store;
  };
  const again = async (store: SessionStore): Promise<SessionStore> => {
    const foreign = behind.get(store);
    if (!foreign) throw new Error("this store was not bridged here");
    return to(foreign);
  };
  const open = async (): Promise<SessionStore> => to(await empty());
  declare(
    storeContract({
      guarantees,
      open,
      reopen: again,
      second: again,
      many: 200,
      ...(scans && { scan: true }),
    }),
  );
}

export function registerSessionContract<F>(empty: Empty<F>, bridge: Bridge<F>, guarantees: Guarantees): void {
  const open = async (): Promise<SessionStore> => bridge(await empty());
  declare(sessionContract({ guarantees, open }));
}

function declare(cases: readonly ContractCase[]): void {
  for (const { name, skip, run } of cases) if (skip === undefined) it(name, run);
}
