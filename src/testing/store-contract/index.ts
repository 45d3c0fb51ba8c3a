/** The rules of `SessionStore` as cases that any test runner can run. */
import assert from "node:assert/strict";
import { InvalidArgumentError } from "../../errors.ts";
import type { SessionStore } from "../../stores/contract.ts";
import { byteCases } from "./bytes.ts";
import { creatingCases } from "./creating.ts";
import { deletingCases } from "./deleting.ts";
import { durabilityCases } from "./durability.ts";
import { erasingCases } from "./erasing.ts";
import { expiryCases } from "./expiry.ts";
import type { ContractCase, Definition, Scene, StoreHarness } from "./harness.ts";
import { hostileCases } from "./hostile.ts";
import { lifecycleCases } from "./lifecycle.ts";
import { limitCases } from "./limits.ts";
import { listingCases } from "./listing.ts";
import { type Need, reasonToSkip } from "./needs.ts";
import { outageCases } from "./outage.ts";
import { forStore } from "./records.ts";
import { remainsCases } from "./remains.ts";
import { replacingCases } from "./replacing.ts";
import { revocationCases } from "./revocation.ts";
import { revokingCases } from "./revoking.ts";
import { savingCases } from "./saving.ts";
import { scanningCases } from "./scanning.ts";
import { slotCases } from "./slots.ts";
import { sweepingCases } from "./sweeping.ts";
import { touchingCases } from "./touching.ts";

const DEFINITIONS: readonly Definition[] = [
  ...lifecycleCases,
  ...creatingCases,
  ...replacingCases,
  ...limitCases,
  ...savingCases,
  ...touchingCases,
  ...expiryCases,
  ...deletingCases,
  ...revocationCases,
  ...revokingCases,
  ...erasingCases,
  ...remainsCases,
  ...listingCases,
  ...scanningCases,
  ...slotCases,
  ...sweepingCases,
  ...byteCases,
  ...hostileCases,
  ...durabilityCases,
  ...outageCases,
];

const OPTIONAL = ["outage", "remains", "scan"] as const;

const DEFAULT_MANY = 10_000;

/**
 * Every rule of the store contract as a named case on stores of this harness. A case opens a fresh store, closes it
 * and shares nothing with others. Throws `InvalidArgumentError` when the harness lacks what its guarantees call for.
 *
 * ```ts
 * import { register, storeContract } from "sojourn/testing";
 * import { test } from "vitest"; // or node:test
 *
 * const files = new WeakMap<SessionStore, string>();
 * const openFile = async (file: string) => {
 *   const store = myStore(file);
 *   files.set(store, file);
 *   return store;
 * };
 * const again = async (store: SessionStore) => openFile(files.get(store) ?? "");
 * const cases = storeContract({
 *   guarantees: myStore("unused").guarantees,
 *   open: () => openFile(freshFile()),
 *   reopen: again,
 *   second: again,
 * });
 * register(cases, test);
 * ```
 */
export function storeContract(harness: StoreHarness): readonly ContractCase[] {
  const { guarantees } = harness;
  if (guarantees.durable !== "no" && !harness.reopen) {
    throw new InvalidArgumentError('storeContract(): a store with durable other than "no" needs reopen().');
  }
  if (guarantees.shared !== "process" && !harness.second) {
    throw new InvalidArgumentError(
      'storeContract(): a store with shared other than "process" needs second().',
    );
  }
  return DEFINITIONS.filter((definition) => isOffered(harness, definition)).flatMap((definition) => {
    const cases = [caseOf(harness, definition, false)];
    if (definition.races && harness.second) cases.push(caseOf(harness, definition, true));
    return cases;
  });
}

/** Some cases are there only for a harness that can do more than it must. */
function isOffered(harness: StoreHarness, { needs = [] }: Definition): boolean {
  if (needs.includes("slots") && !harness.guarantees.slots) return false;
  return OPTIONAL.every((need) => !needs.includes(need) || harness[need] !== undefined);
}

function caseOf(harness: StoreHarness, definition: Definition, withTwo: boolean): ContractCase {
  // Without operations that act in one step a race has no outcome to insist on.
  const needs: readonly Need[] = [
    ...(definition.needs ?? []),
    ...(definition.races ? (["cas"] as const) : []),
  ];
  const skip = reasonToSkip(harness.guarantees, needs);
  return {
    name: withTwo ? `${definition.name} (from two handles)` : definition.name,
    ...(skip && { skip }),
    run: () => play(harness, definition, withTwo),
  };
}

async function play(harness: StoreHarness, definition: Definition, withTwo: boolean): Promise<void> {
  const opened: SessionStore[] = [];
  const ready = async (store: SessionStore): Promise<SessionStore> => {
    opened.push(store);
    await store.open();
    return store;
  };
  const missing = (): never => {
    throw new InvalidArgumentError("storeContract(): the harness lacks what this case asks for.");
  };
  const store = await ready(await harness.open());
  try {
    assert.deepEqual(
      store.guarantees,
      harness.guarantees,
      "the store and its harness name the same guarantees",
    );
    const scene: Scene = {
      store,
      other: withTwo ? await ready(await (harness.second ?? missing)(store)) : store,
      many: harness.many ?? DEFAULT_MANY,
      async restart() {
        await store.close();
        return ready(await (harness.reopen ?? missing)(store));
      },
      async unrelated() {
        return ready(await harness.open());
      },
      outage: async () => (harness.outage ?? missing)(store),
      remains: async () => (harness.remains ?? missing)(store),
    };
    await forStore(store, () => definition.run(scene));
  } finally {
    for (const each of opened.reverse()) await each.close();
  }
}
