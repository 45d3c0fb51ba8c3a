/**
 * The promises of the README as far as they are about sessions and a store, for any store: races with parked
 * requests, every kind of fault, expiry to the millisecond, the cost of a request.
 */
import type { ContractCase } from "../store-contract/harness.ts";
import { reasonToSkip } from "../store-contract/needs.ts";
import { accountCompany } from "./account-company.ts";
import { accountRaces } from "./account-races.ts";
import { severalAccounts } from "./accounts.ts";
import { acting } from "./acting.ts";
import { actingEnds } from "./acting-ends.ts";
import { addresses } from "./addresses.ts";
import { around } from "./around.ts";
import { breaker } from "./breaker.ts";
import type { Case } from "./case.ts";
import { devices } from "./devices.ts";
import { erasing } from "./erasing.ts";
import { events } from "./events.ts";
import { faults, outages } from "./faults.ts";
import { handoffs } from "./handoffs.ts";
import { held } from "./held.ts";
import { endings, inFlight } from "./in-flight.ts";
import { levels } from "./levels.ts";
import { lifetimes } from "./lifetimes.ts";
import { logins } from "./login.ts";
import { mixing } from "./mixing.ts";
import { reading } from "./reading.ts";
import { rotation } from "./rotation.ts";
import { sealing } from "./sealing.ts";
import { secondFactors } from "./second-factors.ts";
import { shapes } from "./shapes.ts";
import { sharing } from "./sharing.ts";
import { signals } from "./signals.ts";
import { inWorld, type SessionHarness } from "./world.ts";
import { writing } from "./writing.ts";

export type { SessionHarness } from "./world.ts";

const CASES: readonly Case[] = [
  ...writing,
  ...around,
  ...inFlight,
  ...endings,
  ...erasing,
  ...rotation,
  ...logins,
  ...secondFactors,
  ...handoffs,
  ...levels,
  ...acting,
  ...actingEnds,
  ...held,
  ...addresses,
  ...mixing,
  ...lifetimes,
  ...devices,
  ...signals,
  ...reading,
  ...shapes,
  ...sealing,
  ...sharing,
  ...severalAccounts,
  ...accountRaces,
  ...accountCompany,
  ...faults,
  ...outages,
  ...breaker,
  ...events,
];

/**
 * The cases, to be run by any test runner. Each opens a store of its own through the harness. One that needs a guarantee
 * which the store lacks carries that as its reason to be skipped.
 */
export function sessionContract(harness: SessionHarness): readonly ContractCase[] {
  return CASES.map(({ name, options = {}, needs = [], run }) => {
    const skip = reasonToSkip(harness.guarantees ?? {}, needs);
    return { name, ...(skip && { skip }), run: () => inWorld(harness, options, run) };
  });
}
