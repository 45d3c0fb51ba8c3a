// The lines of files that a profile names, each file read once.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const read = new Map<string, readonly string[]>();

/** None where it is no file: Node's own modules, and what was made in memory. */
export function linesOf(url: string): readonly string[] {
  const lines = read.get(url) ?? readLines(url);
  read.set(url, lines);
  return lines;
}

function readLines(url: string): readonly string[] {
  try {
    return url.startsWith("file:") ? readFileSync(fileURLToPath(url), "utf8").split("\n") : [];
  } catch {
    return [];
  }
}
