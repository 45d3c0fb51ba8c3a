/** Where results go: one file for each kind of run, the last one's. */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../results/", import.meta.url));

export function resultsPath(name: string): string {
  return `${FOLDER}${name}.json`;
}

/** `path`: that of `resultsPath`, or any. The file is complete or not there: somebody may read it meanwhile. */
export function writeResults(path: string, results: object): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, `${JSON.stringify(results, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}
