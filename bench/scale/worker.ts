// Measures one store in a process of its own, so that no store pays for the garbage of another. Started by bench/scale.ts
// with what to do as JSON; sends progress and, at last, what it measured.
import { PAYLOAD } from "../stores/samples.ts";
import { type Filled, measureCosts } from "./cost.ts";
import { measureCrowd } from "./crowd.ts";
import { fill } from "./filling.ts";
import { Fleet } from "./fleet.ts";
import type { Site } from "./place.ts";
import { PLACES, type StoreName } from "./places.ts";
import type { Part, Size, StoreResults } from "./results.ts";
import { measureSweep } from "./sweeping.ts";
import { endedBySignals, work } from "./working.ts";

const MOST_BESIDE_A_CROWD = 100_000;
const MOST_TO_SWEEP = 1_000_000;

export interface Task {
  readonly store: StoreName;
  readonly sizes: readonly number[];
  readonly parts: readonly Part[];
  /** Of each operation in each size. */
  readonly calls: number;
  readonly crowd: number;
  readonly sweepSeconds: number;
}

export type Message =
  | { readonly progress: string }
  | { readonly results: StoreResults }
  | { readonly missing: string };

const task = JSON.parse(process.argv[2] ?? "") as Task;

const opened = endedBySignals();
await work(opened, async () => ({ results: await measure() }), tell);

async function measure(): Promise<StoreResults> {
  const { store, parts } = task;
  const place = opened.use(await PLACES[store].open());
  const sizes: Size[] = [];
  const filled: Filled[] = [];
  for (const sessions of task.sizes) {
    const one = await filledTo(opened.use(await place.make()), sessions);
    sizes.push(one.size);
    filled.push(one.filled);
  }
  const { title, version } = place;
  const costs = parts.includes("cost") ? await measureCosts(filled, task.calls, tellRound) : [];
  const crowded = largestUpTo(MOST_BESIDE_A_CROWD, filled);
  const crowd = parts.includes("crowd") ? await measureCrowd(crowded, task.crowd) : null;
  const expiring = largestUpTo(MOST_TO_SWEEP, filled);
  const isSwept = parts.includes("sweep") && expiring.site.store.guarantees.expiry === "sweep";
  if (isSwept) tell({ progress: "sweeping" });
  const sweep = isSwept ? await measureSweep(expiring, task.sweepSeconds) : null;
  return { title, version, sizes, costs, crowd, sweep };
}

async function filledTo(
  site: Site,
  sessions: number,
): Promise<{ readonly size: Size; readonly filled: Filled }> {
  const fleet = new Fleet(sessions);
  const empty = await site.bytes();
  const started = performance.now();
  await fill(site, fleet, (done) => tell({ progress: `filling, ${done} of ${sessions}` }));
  const secondsToFill = (performance.now() - started) / 1000;
  const bytesBeside = ((await site.bytes()) - empty) / sessions - PAYLOAD;
  return { size: { sessions, bytesBeside, secondsToFill }, filled: { site, fleet } };
}

function largestUpTo(most: number, filled: readonly Filled[]): Filled {
  const found = filled.findLast(({ fleet }) => fleet.size <= most) ?? filled[0];
  if (!found) throw new Error("no size was asked for");
  return found;
}

function tellRound(done: number, all: number): void {
  tell({ progress: `calls, round ${done} of ${all}` });
}

function tell(message: Message): void {
  process.send?.(message);
}
