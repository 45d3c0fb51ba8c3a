/** Fills a store with the sessions of a fleet: by its own `create`, and what goes beyond that by copies. */
import type { Fleet } from "./fleet.ts";
import { ORIGINALS } from "./fleet.ts";
import type { Site } from "./place.ts";

const IN_FLIGHT = 64;
const COPIES_AT_A_TIME = 20;

export async function fill(site: Site, fleet: Fleet, onProgress: (done: number) => void): Promise<void> {
  const created = Math.min(fleet.size, site.copy ? (site.createsUpTo ?? fleet.size) : fleet.size);
  await createAll(site, fleet, created, onProgress);
  for (
    let copy = Math.ceil(created / ORIGINALS);
    copy <= fleet.lastCopy && site.copy;
    copy += COPIES_AT_A_TIME
  ) {
    await site.copy(fleet, copy, Math.min(copy + COPIES_AT_A_TIME - 1, fleet.lastCopy));
    onProgress(Math.min(fleet.size, (copy + COPIES_AT_A_TIME) * ORIGINALS));
  }
  await site.settle?.();
}

async function createAll(
  { store }: Site,
  fleet: Fleet,
  count: number,
  onProgress: (done: number) => void,
): Promise<void> {
  let next = 0;
  async function work(): Promise<void> {
    while (next < count) {
      const record = fleet.record(next++);
      const now = record.createdAt;
      const result = await store.create(record, { now, since: { startedAt: now } });
      if (!result.ok) throw new Error(`A session could not be made: ${result.reason}.`);
      if (next % 1000 === 0) {
        onProgress(next);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
}
