// What each step of a request costs by itself, so that a regression has an address: `npm run bench:micro`.
// `--only cookie` measures what has that in its name, `--against <file>` sets the times beside those of an earlier
// run, `--rounds` and `--seconds` (for each piece in each round) say how long. Whole runs write bench/results/micro.json
// and the section of docs/benchmarks.md. Nothing here passes or fails.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { changes } from "./micro/changes.ts";
import { cookies } from "./micro/cookies.ts";
import { csrf } from "./micro/csrf.ts";
import { type Measured, measureAll } from "./micro/measuring.ts";
import { memory } from "./micro/memory.ts";
import { payloads } from "./micro/payloads.ts";
import type { Group } from "./micro/piece.ts";
import { requests } from "./micro/requests.ts";
import { microTable } from "./micro/table.ts";
import { tokens } from "./micro/tokens.ts";
import { DOCS, fillPage } from "./report/page.ts";
import { machine } from "./shared/machine.ts";
import { positiveNumber } from "./shared/options.ts";
import { progress } from "./shared/progress.ts";
import { resultsPath, writeResults } from "./shared/results.ts";

interface MicroResults {
  readonly startedAt: string;
  readonly machine: ReturnType<typeof machine>;
  readonly pieces: readonly Measured[];
}

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    against: { type: "string" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "0.1" },
  },
});
const { only, against } = values;
const effort = {
  rounds: Math.ceil(positiveNumber("rounds", values.rounds)),
  seconds: positiveNumber("seconds", values.seconds),
};
const earlier = against ? (JSON.parse(readFileSync(against, "utf8")) as MicroResults).pieces : [];

const startedAt = new Date().toISOString();
const all = [tokens(), cookies(), payloads(), changes(), csrf(), await memory(), await requests()];
const wanted = all
  .map(
    ({ title, pieces }): Group => ({
      title,
      pieces: pieces.filter(({ name }) => !only || name.includes(only)),
    }),
  )
  .filter(({ pieces }) => pieces.length > 0);
if (wanted.length === 0) throw new Error(`Nothing has "${only}" in its name.`);

const pieces = await measureAll(wanted, effort, progress("micro"));
console.log(microTable(pieces, earlier));
if (!only) {
  const results: MicroResults = { startedAt, machine: machine(), pieces };
  writeResults(resultsPath("micro"), results);
  const { cpu, node } = results.machine;
  const run = `The best of ${effort.rounds} rounds on ${cpu} with Node ${node}, ${startedAt.slice(0, 10)}.`;
  await fillPage(join(DOCS, "benchmarks.md"), { micro: `${run}\n\n${microTable(pieces)}` });
}
process.exit(); // the manager's sweep and the rest of the stores have nothing more to do
