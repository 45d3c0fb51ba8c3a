/** The public names of `sojourn/testing`, listed one by one. Nothing here imports a test runner. */

export { type FakeClock, fakeClock, seededRandom } from "./clock.ts";
export type { FaultHandle, FaultKind, StoreOperation } from "./fault-script.ts";
export { type Faults, type FaultyStore, withFaults } from "./faulty-store.ts";
