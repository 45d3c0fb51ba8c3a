// Length of the source files: from 300 lines a file wants a reason, over 500 it must be split.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { filesUnder } from "./imports.ts";

const LONG = 300;
const TOO_LONG = 500;

export function measureFiles(src: string): { problems: string[]; warnings: string[] } {
  const problems: string[] = [];
  const warnings: string[] = [];
  for (const file of filesUnder(src)) {
    if (!file.endsWith(".ts") || file.endsWith(".test.ts")) continue;
    const lines = readFileSync(join(src, file), "utf8").split("\n").length - 1;
    if (lines > TOO_LONG) problems.push(`src/${file} has ${lines} lines, more than ${TOO_LONG}: split it`);
    else if (lines > LONG) warnings.push(`src/${file} has ${lines} lines, more than ${LONG}`);
  }
  return { problems, warnings };
}
