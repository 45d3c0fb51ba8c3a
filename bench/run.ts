// Sojourn beside other libraries, over HTTP: `npm run bench`. What it measures is in http/results.ts, how and why in
// docs/decisions/046-how-it-is-measured.md. Nothing here passes or fails, but a cell whose answers are wrong is void.
import { allPlans, choose, nameOf, type Plan } from "./http/cells.ts";
import { CAN_PIN, leaveServerCore } from "./http/children.ts";
import { Collected } from "./http/collect.ts";
import { machineOf } from "./http/machine.ts";
import { measure } from "./http/measure.ts";
import { type Options, readOptions, USAGE } from "./http/options.ts";
import type { BenchResults } from "./http/results.ts";
import type { Site } from "./http/sites/site.ts";
import { openSites, type Sites } from "./http/sites/sites.ts";
import { tableOf } from "./http/table.ts";
import { writeReport } from "./report/index.ts";
import { progress, say } from "./shared/progress.ts";
import { resultsPath, writeResults } from "./shared/results.ts";

const options = readOrExplain();
const plans = choose(await allPlans(), options.only);
if (plans.length === 0) refuse(`no cell has all of these words: ${options.only}`);
if (options.list) console.log(plans.map(nameOf).join("\n"));
else await bench(options, plans);

async function bench({ rounds, seconds, output, whole }: Options, wanted: readonly Plan[]): Promise<void> {
  const path = output ?? resultsPath(whole ? "http" : "http-partial");
  const startedAt = new Date().toISOString();
  const stop = stopSignal();
  await leaveServerCore();
  const stores = wanted.map(({ store }) => store).filter((store) => store !== null);
  const sites = await openSites(stores);
  let failed = 0;
  try {
    for (const [store, reason] of sites.missing) say(`without ${store}: ${reason}`);
    if (!CAN_PIN) say("server and load share their cores, so requests per second say little");
    const machine = machineOf(sites, stores);
    const collected = new Collected(wanted);
    const results = (): BenchResults => {
      return { startedAt, machine, rounds, secondsPerRound: seconds, cells: collected.cells() };
    };
    const turns = turnsOf(wanted, sites, rounds);
    const tell = progress("bench");
    for (const [done, { plan, site }] of turns.entries()) {
      tell(done, turns.length, nameOf(plan));
      try {
        collected.add(plan, await measure(plan, site, { seconds, stop }));
        writeResults(path, results());
      } catch (error) {
        if (stop.aborted) break;
        failed++;
        say(reasonOf(error));
      }
    }
    if (!stop.aborted) tell(turns.length, turns.length);
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

interface Turn {
  readonly plan: Plan;
  readonly site: Site;
}

/** There and back, so that what changes with time does not always change the same. */
function turnsOf(wanted: readonly Plan[], sites: Sites, rounds: number): readonly Turn[] {
  const round = wanted.flatMap((plan): readonly Turn[] => {
    const site = sites.of(plan.store);
    return site ? [{ plan, site }] : [];
  });
  return Array.from({ length: rounds }, (_, index) => (index % 2 === 0 ? round : round.toReversed())).flat();
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
