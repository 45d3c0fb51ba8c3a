// From the figures of a run to docs/benchmarks.md and its plots: `node bench/report/index.ts bench/results/<file>.json`.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BenchResults, WORKLOADS } from "../http/results.ts";
import { DOCS, fillPage } from "./page.ts";
import { plotOf } from "./plot.ts";
import { partsOf } from "./tables.ts";

/** Fills the page's generated parts and draws a plot for each workload. Throws where the page lacks a place. */
export async function writeReport(results: BenchResults, docs: string = DOCS): Promise<void> {
  await fillPage(join(docs, "benchmarks.md"), partsOf(results));
  const images = join(docs, "images/benchmarks");
  await mkdir(images, { recursive: true });
  for (const workload of WORKLOADS)
    await writeFile(join(images, `${workload}.svg`), plotOf(results, workload));
}

if (import.meta.main) {
  const [file] = process.argv.slice(2);
  if (file === undefined) {
    console.error("usage: node bench/report/index.ts bench/results/<file>.json");
    process.exitCode = 1;
  } else {
    await writeReport(JSON.parse(await readFile(file, "utf8")));
  }
}
