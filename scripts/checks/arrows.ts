// Who may import whom in src/ (the picture is in docs/architecture.md):
//   core <- codecs, transports, stores, csrf, devices <- adapters;  core <- cli
import { dirname, join } from "node:path/posix";
import { filesUnder, importsOf } from "./imports.ts";

const PARTS = ["stores", "codecs", "transports", "csrf", "devices", "telemetry", "headers"];
const LEAVES = new Set(["errors.ts"]); // files beside index.ts that anyone may import

/** The forbidden imports of the sources under `src`, one sentence each. */
export function findWrongArrows(src: string): string[] {
  const problems: string[] = [];
  for (const file of filesUnder(src)) {
    if (!file.endsWith(".ts") || file.endsWith(".test.ts")) continue;
    for (const { specifier, typeOnly } of importsOf(join(src, file))) {
      if (!specifier.startsWith(".")) continue;
      const target = join(dirname(file), specifier);
      const why = refuse(file, target, typeOnly);
      if (why) problems.push(`src/${file} imports src/${target}: ${why}`);
    }
  }
  return problems;
}

function refuse(file: string, target: string, typeOnly: boolean): string | null {
  if (target.startsWith("../")) return "it leaves src";
  if (target.endsWith(".test.ts")) return "that is a test";
  const from = layerOf(file);
  const to = layerOf(target);
  if (from === to || from === "root" || from === "testing" || LEAVES.has(target)) return null;
  if (to === "root") return "only errors.ts may be imported from the top level";
  if (to === "cli") return "commands are run, not imported";
  if (to === "testing") return "nothing in the product depends on the test kit";
  if (from === "adapters") return null;
  const isContract = PARTS.includes(to) && target.endsWith("/contract.ts");
  if (from === "core") {
    if (!isContract) return "core imports nothing from outside core but contracts";
    return typeOnly ? null : "core takes contracts with `import type` only";
  }
  if (PARTS.includes(from)) {
    if (to === "core" || isContract) return null;
    return `${from} may import core and contracts only`;
  }
  if (from === "cli") return to === "core" ? null : "cli may import core only";
  return `the folder ${from} is unknown; say in scripts/checks/arrows.ts what it may import`;
}

function layerOf(file: string): string {
  return file.includes("/") ? file.slice(0, file.indexOf("/")) : "root";
}
