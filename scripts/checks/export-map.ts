// The export map of package.json against the sources and the build, in both directions.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { filesUnder } from "./imports.ts";

/** The `exports` of package.json, as this package writes them. */
export type ExportMap = Readonly<
  Record<string, string | { readonly types: string; readonly default: string }>
>;

/** Which files of src/ are public: all of these must have a key, and nothing else may. */
function isPublic(file: string): boolean {
  if (/\.test\.ts$|contract\.ts$/.test(file)) return false;
  return file === "index.ts" || file === "testing/index.ts" || /^(adapters|stores)\/[^/]+\.ts$/.test(file);
}

/** Files in a public folder that are meant for inside only, each with its reason. */
const INTERNAL: ReadonlyMap<string, string> = new Map();

export function findExportProblems(
  root: string,
  exportsMap: ExportMap,
  internal: ReadonlyMap<string, string> = INTERNAL,
): string[] {
  const problems: string[] = [];
  const sources = new Map<string, string>();
  for (const [key, target] of Object.entries(exportsMap)) {
    if (typeof target === "string") {
      if (key !== "./package.json" || target !== key) problems.push(`${key} must have "types" and "default"`);
      continue;
    }
    if (Object.keys(target).join() !== "types,default") {
      problems.push(`${key} must have exactly "types" and "default", in this order`);
      continue;
    }
    const source = target.default.replace(/^\.\/dist\//, "").replace(/\.js$/, ".ts");
    if (target.default !== `./dist/${source.replace(/\.ts$/, ".js")}`)
      problems.push(`${key}: ${target.default} is not a built file`);
    if (target.types !== target.default.replace(/\.js$/, ".d.ts"))
      problems.push(`${key}: types and default name different files`);
    if (keyFor(source) !== key)
      problems.push(`${key} points at src/${source}, whose key would be ${keyFor(source)}`);
    if (sources.has(source)) problems.push(`${key} and ${sources.get(source)} are the same file`);
    sources.set(source, key);
    if (!existsSync(join(root, "src", source))) problems.push(`${key}: src/${source} does not exist`);
    for (const built of [target.types, target.default]) {
      if (!existsSync(join(root, built))) problems.push(`${key}: ${built} is not built`);
    }
  }
  for (const file of filesUnder(join(root, "src"))) {
    if (isPublic(file) && !sources.has(file) && !internal.has(file)) {
      problems.push(
        `src/${file} has no export key (expected ${keyFor(file)}), nor a reason in scripts/checks/export-map.ts`,
      );
    }
  }
  for (const file of internal.keys()) {
    if (sources.has(file)) problems.push(`src/${file} is listed as internal and exported`);
    if (!existsSync(join(root, "src", file)))
      problems.push(`src/${file} is listed as internal and does not exist`);
  }
  return problems;
}

/** One key per file: adapters lose their folder, `index` its name, `express-merge` reads `express/merge`. */
function keyFor(source: string): string {
  if (source === "index.ts") return ".";
  const path = source.replace(/\.ts$/, "").replace(/\/index$/, "");
  return `./${path.replace(/^adapters\//, "").replace(/-merge$/, "/merge")}`;
}
