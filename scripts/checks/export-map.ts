// The export map of package.json against the sources and the build, in both directions.
import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { filesUnder, importsOf } from "./imports.ts";

/** The `exports` of package.json, as this package writes them. */
export type ExportMap = Readonly<
  Record<string, string | { readonly types: string; readonly default: string }>
>;

/**
 * What is wrong with the map. A source that no other source imports is there for users, so it must have a key;
 * and each key names one source, by the rule of `keyFor`, and its two built files.
 */
export function findExportProblems(root: string, exportsMap: ExportMap): string[] {
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
  for (const file of unimportedSources(join(root, "src"))) {
    if (!sources.has(file)) problems.push(`src/${file} is imported by no other source and has no export key`);
  }
  return problems;
}

function unimportedSources(src: string): string[] {
  const files = filesUnder(src).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  const imported = new Set<string>();
  for (const file of files) {
    for (const { specifier } of importsOf(join(src, file))) {
      if (specifier.startsWith(".")) imported.add(posix.join(posix.dirname(file), specifier));
    }
  }
  return files.filter((file) => !imported.has(file));
}

/** One key per file: adapters lose their folder, `index` its name, `express-merge` reads `express/merge`. */
function keyFor(source: string): string {
  if (source === "index.ts") return ".";
  const path = source.replace(/\.ts$/, "").replace(/\/index$/, "");
  return `./${path.replace(/^adapters\//, "").replace(/-merge$/, "/merge")}`;
}
