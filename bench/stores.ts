// How many operations a second each store does, beside what its driver does alone: `node bench/stores.ts [store ...]`, all
// by default. Prints the table of docs/stores.md. Nothing here passes or fails.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bench, HEAD, measure, measureHolds } from "./stores/measure.ts";
import { memoryBench } from "./stores/memory.ts";
import { sqliteBench } from "./stores/sqlite.ts";

const SESSIONS = 50_000;

const wanted = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "sojourn-stores-"));

const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  memory: () => memoryBench(SESSIONS),
  sqlite: () => sqliteBench(SESSIONS, folder),
};

console.log(HEAD);
const made: Bench[] = [];
for (const [name, make] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const bench = await make();
  await measure(bench);
  made.push(bench);
}
console.log("\nCalls one after the other:");
for (const bench of made) {
  if (bench.inFlight === 1) await measureHolds(bench);
  await bench.close();
}
rmSync(folder, { recursive: true });
