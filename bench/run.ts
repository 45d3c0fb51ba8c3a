// Sojourn beside other libraries, over HTTP: `npm run bench`. What it measures is in http/results.ts, how and why in
// docs/decisions/046-how-it-is-measured.md. Nothing here passes or fails, but a cell whose answers are wrong is void.
import { allPlans, choose, groupsOf, nameOf, type Plan } from "./http/cells.ts";
import { CAN_PIN, leaveServerCore } from "./http/children.ts";
import { Collected } from "./http/collect.ts";
import { machineOf } from "./http/machine.ts";
import { measureGroup } from "./http/measure-group.ts";
import { type Options, readOptions, USAGE } from "./http/options.ts";
import type { BenchResults } from "./http/results.ts";
import type { Pace } from "./http/running-cell.ts";
import { openSites } from "./http/sites/sites.ts";
import { tableOf } from "./http/table.ts";
import { writeReport } from "./report/index.ts";
import { progress, say } from "./shared/progress.ts";
import { resultsPath, writeResults } from "./shared/results.ts";

const options = readOrExplain();
const plans = choose(await allPlans(), options.only);
if (plans.length === 0) refuse(`no cell has all of these words: ${options.only}`);
if (options.list) console.log(plans.map(nameOf).join("\n"));
else await bench(plans, options);

async function bench(wanted: readonly Plan[], { output, whole, ...paced }: Options): Promise<void> {
  const path = output ?? resultsPath(whole ? "http" : "http-partial");
  const startedAt = new Date().toISOString();
  const stop = stopSignal();
  const pace: Pace = { ...paced, stop };
  await leaveServerCore();
  const stores = wanted.map(({ store }) => store).filter((store) => store !== null);
  const sites = await openSites(stores);
  let failed = 0;
  const fail = (error: unknown): void => {
    if (stop.aborted) return;
    failed++;
    say(reasonOf(error));
  };
  try {
    for (const [store, reason] of sites.missing) say(`without ${store}: ${reason}`);
    if (!CAN_PIN) say("server and load share their cores, so requests per second say little");
    const machine = machineOf(sites, stores);
    const collected = new Collected();
    const results = (): BenchResults => {
      const { rounds, seconds } = pace;
      return { startedAt, machine, rounds, secondsPerRound: seconds, cells: collected.cells() };
    };
    const groups = groupsOf(wanted.filter(({ store }) => sites.of(store)));
    const tell = steps(groups, pace.rounds);
    for (const group of groups) {
      if (stop.aborted) break;
      collected.add(await measureGroup(group, sites, pace, { tell, fail }));
      writeResults(path, results());
    }
    if (whole && !stop.aborted) {
      if (failed === 0 && sites.missing.size === 0) await writeReport(results());
      else say("docs/benchmarks.md stays as it was: not everything was measured");
    }
    console.log(`${tableOf(results())}\n\n${path}`);
  } finally {
    await sites[Symbol.asyncDispose]();
  }
  if (stop.aborted) process.exitCode = 130;
  else if (failed > 0) process.exitCode = 1;
}

/** One step for the start of each cell, one for each of its rounds, and one for its profile. */
function steps(groups: readonly (readonly Plan[])[], rounds: number): (name: string) => void {
  const all = groups.flat().length * (2 + rounds);
  const tell = progress("bench");
  let done = 0;
  return (name) => tell(done++, all, name);
}

/** Aborted by the first signal; from then on everything comes to its end by itself. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => controller.abort());
  return controller.signal;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${reasonOf(error.cause)}`;
}

function readOrExplain(): Options {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    return refuse(reasonOf(error));
  }
}

function refuse(reason: string): never {
  console.error(`${reason}\n\n${USAGE}`);
  process.exit(2);
}
