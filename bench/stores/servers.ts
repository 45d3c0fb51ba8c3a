/** What the benches of the stores on servers have in common: two sets of the same sessions, the store's and the driver's. */
import type { SessionRecord } from "../../src/core/record.ts";
import type { CallOptions, SessionStore } from "../../src/stores/contract.ts";
import { recordOf } from "./samples.ts";

/** How many calls are under way at a time. */
export const IN_FLIGHT = 64;

/** As a manager makes it: each call with a signal of its own. */
export function callNow(): CallOptions {
  return { now: Date.now(), signal: new AbortController().signal };
}

/** Puts `count` sessions into each of the stores, the same into all. */
export async function fill(count: number, ...stores: readonly SessionStore[]): Promise<SessionRecord[]> {
  const records = Array.from({ length: count }, (_, index) => recordOf(index));
  for (const store of stores) {
    await store.open();
    for (let from = 0; from < count; from += IN_FLIGHT) {
      const some = records.slice(from, from + IN_FLIGHT);
      const since = { startedAt: Date.now() };
      await Promise.all(some.map((record) => store.create(record, { now: record.createdAt, since })));
    }
  }
  return records;
}
