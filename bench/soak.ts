// Mixed traffic on a manager for ten minutes, which has to end with memory as flat as it began: `npm run bench:soak`.
// SOAK_SECONDS or `--seconds` for another time, `--stores memory,sqlite,redis` for others. All run at the same time, each
// in a process of its own, with a clock that runs so fast that sessions expire, are swept, and secrets rotate.
// Writes bench/results/soak-partial.json; ten minutes or more end in bench/results/soak.json and a part of
// docs/benchmarks.md. Ends with 1 where memory grows, or an answer was none that this traffic may get.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { DOCS, fillPage } from "./report/page.ts";
import { STORE_NAMES } from "./scale/places.ts";
import { machine } from "./shared/machine.ts";
import { namesIn, positiveNumber } from "./shared/options.ts";
import { status } from "./shared/progress.ts";
import { resultsPath, writeResults } from "./shared/results.ts";
import { soakTable } from "./soak/report.ts";
import { trendOf } from "./soak/trend.ts";
import type { Message, Soaked, Task } from "./soak/worker.ts";

const MINUTES_THAT_COUNT = 10;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: process.env.SOAK_SECONDS ?? String(MINUTES_THAT_COUNT * 60) },
    stores: { type: "string", default: "memory,sqlite,redis" },
    results: { type: "string", default: resultsPath("soak-partial") },
  },
});
const seconds = positiveNumber("seconds", values.seconds);
const stores = namesIn("stores", values.stores, STORE_NAMES);

const WORKER = fileURLToPath(new URL("./soak/worker.ts", import.meta.url));

const startedAt = new Date().toISOString();
const workers: ChildProcess[] = [];
const missing: string[] = [];
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    for (const worker of workers) worker.kill(signal);
  });
}

const found = await Promise.all(stores.map((store) => soak({ store, seconds })));
const soaked = found.filter((one) => one !== null);
status("");
if (soaked.length > 0) console.log(soakTable(soaked));
for (const text of missing) console.log(`Not measured: ${text}`);
const isWell = soaked.every((one) => one.unexpected === 0 && trendOf(one.samples).verdict === "flat");
process.exitCode = isWell && soaked.length + missing.length === stores.length ? 0 : 1;
const results = { startedAt, machine: machine(), seconds, stores: soaked };
if (soaked.length > 0) writeResults(values.results, results);
if (seconds >= MINUTES_THAT_COUNT * 60 && soaked.length === stores.length) {
  writeResults(resultsPath("soak"), results);
  const { cpu, cores, node } = results.machine;
  const run = `On ${cpu} (${cores} cores) with Node ${node}, ${startedAt.slice(0, 10)}, for ${seconds} seconds.`;
  await fillPage(join(DOCS, "benchmarks.md"), { soak: `${run}\n\n${soakTable(soaked)}` });
}

async function soak(task: Task): Promise<Soaked | null> {
  const worker = fork(WORKER, [JSON.stringify(task)]);
  workers.push(worker);
  let result: Soaked | null = null;
  worker.on("message", (message: Message) => {
    if ("soaked" in message) result = message.soaked;
    else if ("missing" in message) missing.push(`${task.store}: ${message.missing}`);
    else {
      const { bytes, requests } = message.sample;
      const left = Math.max(0, Math.round(seconds - message.sample.seconds));
      status(`${task.store}: ${requests} requests, ${(bytes / 2 ** 20).toFixed(1)} MiB, ${left} s left`);
    }
  });
  await once(worker, "exit");
  return result;
}
