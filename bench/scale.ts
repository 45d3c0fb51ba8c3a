// How stores behave as they grow, and what the rest notices of heavy work: `npm run bench:scale`.
//   --sizes 1000,100000    how many sessions; each store takes those that it can hold here
//   --stores memory,redis  all by default; each runs in a process, and on a server, of its own
//   --only cost,sweep      cost (of single calls), crowd (a user with very many sessions), sweep
//   --calls 2000           of each operation in each size
//   --crowd 10000          sessions of the one user
//   --sweep-seconds 20     at most, for the sweep
//   --results <file>       bench/results/scale-partial.json, written as it goes
// A whole run ends in bench/results/scale.json and its part of docs/benchmarks.md. Nothing here passes or fails.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { DOCS, fillPage } from "./report/page.ts";
import { isFleetSize, ORIGINALS } from "./scale/fleet.ts";
import { PLACES, STORE_NAMES } from "./scale/places.ts";
import { scaleText } from "./scale/report.ts";
import { PARTS, type ScaleResults, type StoreResults } from "./scale/results.ts";
import type { Message, Task } from "./scale/worker.ts";
import { machine } from "./shared/machine.ts";
import { namesIn, positiveNumber } from "./shared/options.ts";
import { status } from "./shared/progress.ts";
import { resultsPath, writeResults } from "./shared/results.ts";

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "1000,10000,100000,1000000,10000000" },
    stores: { type: "string", default: STORE_NAMES.join() },
    only: { type: "string", default: PARTS.join() },
    calls: { type: "string", default: "2000" },
    crowd: { type: "string", default: "10000" },
    "sweep-seconds": { type: "string", default: "20" },
    results: { type: "string", default: resultsPath("scale-partial") },
  },
});
const sizes = values.sizes.split(",").map((text) => positiveNumber("sizes", text));
if (!sizes.every(isFleetSize)) throw new Error(`--sizes must be up to ${ORIGINALS}, or multiples of it`);
const stores = namesIn("stores", values.stores, STORE_NAMES);
const common = {
  parts: namesIn("only", values.only, PARTS),
  calls: positiveNumber("calls", values.calls),
  crowd: positiveNumber("crowd", values.crowd),
  sweepSeconds: positiveNumber("sweep-seconds", values["sweep-seconds"]),
};

const WORKER = fileURLToPath(new URL("./scale/worker.ts", import.meta.url));
const HEAP_MIB = 6144;

const startedAt = new Date().toISOString();
const done: StoreResults[] = [];
const missing: string[] = [
  "the cookie store: no session is kept anywhere, so nothing grows with their number",
];
const results = (): ScaleResults => ({ startedAt, machine: machine(), stores: done, missing });

let worker: ChildProcess | null = null;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    worker?.kill(signal); // it ends its servers
    process.exitCode = 130;
    stores.length = 0;
  });
}

while (stores.length > 0) {
  const store = stores.shift();
  if (!store) break;
  const { largest, because } = PLACES[store];
  const fitting = sizes.filter((size) => size <= largest);
  if (fitting.length < sizes.length) missing.push(`${store} with more than ${largest} sessions: ${because}`);
  if (fitting.length === 0) continue;
  await measure({ store, sizes: fitting, ...common });
  writeResults(values.results, results());
}
status("");
console.log(scaleText(results()));
if (isWhole()) {
  writeResults(resultsPath("scale"), results());
  const { cpu, cores, node } = machine();
  const run = `On ${cpu} (${cores} cores) with Node ${node}, ${startedAt.slice(0, 10)}.`;
  await fillPage(join(DOCS, "benchmarks.md"), { scale: `${run}\n\n${scaleText(results())}` });
}

async function measure(task: Task): Promise<void> {
  worker = fork(WORKER, [JSON.stringify(task)], { execArgv: [`--max-old-space-size=${HEAP_MIB}`] });
  worker.on("message", (message: Message) => {
    if ("progress" in message) status(`${task.store}: ${message.progress}`);
    else if ("results" in message) done.push(message.results);
    else missing.push(`${task.store}: ${message.missing}`);
  });
  const [code] = await once(worker, "exit");
  if (code !== 0 && process.exitCode === undefined) missing.push(`${task.store}: it failed, see above`);
}

function isWhole(): boolean {
  return done.length === STORE_NAMES.length && common.parts.length === PARTS.length;
}
