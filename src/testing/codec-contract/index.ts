/** The rules of `Codec` as cases that any test runner can run. */
import type { ContractCase } from "../store-contract/harness.ts";
import { attackCases, ownAttacks } from "./attacks.ts";
import { type CodecHarness, type Definition, type Need, sceneOf } from "./harness.ts";
import { hostileCases, sealingCases } from "./hostile.ts";
import { limitCases } from "./limits.ts";
import { isReadable } from "./readable.ts";
import { kindCases, refusalCases } from "./refusals.ts";
import { roundTripCases } from "./round-trips.ts";

export type { CodecHarness } from "./harness.ts";
export { type CodecKind, codecKinds } from "./kinds.ts";

const REASONS: Readonly<Record<Need, string>> = {
  untrustedSafe: "the codec is for authenticated bytes only",
  sealed: "the codec does not seal",
  readable: "the codec's bytes do not show keys as they are",
};

/**
 * Every rule of the codec contract as a named case. Values and damage come from a seed, which a failure names. A reader
 * that stalls on hostile bytes shows as a case that runs into the runner's own time limit.
 *
 * ```ts
 * import { codecContract, register } from "sojourn/testing";
 * import { test } from "vitest"; // or node:test
 *
 * register(codecContract({ create: () => myCodec, carries: ["date", "undefined"] }), test);
 * ```
 */
export function codecContract(harness: CodecHarness): readonly ContractCase[] {
  const given = givenBy(harness);
  const definitions: readonly Definition[] = [
    ...kindCases(harness.carries),
    ...roundTripCases,
    ...refusalCases,
    ...limitCases,
    ...hostileCases,
    ...attackCases,
    ...(harness.hostile ? [ownAttacks] : []),
    ...sealingCases,
  ];
  return definitions.map(({ name, needs = [], run }) => {
    const missing = needs.find((need) => !given[need]);
    return {
      name,
      ...(missing && { skip: REASONS[missing] }),
      run: async () => run(sceneOf(harness)),
    };
  });
}

function givenBy(harness: CodecHarness): Readonly<Record<Need, boolean>> {
  const codec = harness.create();
  return {
    untrustedSafe: codec.untrustedSafe,
    sealed: codec.sealed === true,
    readable: codec.sealed !== true && isReadable(codec),
  };
}
