// The export map of package.json against the sources and the build, in both directions.
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { filesUnder, importsOf } from "./imports.ts";

/** The `exports` of package.json, as this package writes them. */
export type ExportMap = Readonly<
  Record<string, string | { readonly types: string; readonly default: string }>
>;

/**
 * What is wrong with the map. A source that no other source imports is there for users, so it must have a key or be a
 * command of `bin`; and each key names one source, by the rule of `keyFor`, and its two built files.
 */
export function findExportProblems(
  root: string,
  exportsMap: ExportMap,
  commands: Readonly<Record<string, string>> = {},
): string[] {
  const problems: string[] = [];
  const sources = new Map<string, string>();
  for (const [command, built] of Object.entries(commands)) {
    problems.push(...commandProblems(root, command, built));
    sources.set(sourceOf(built), command);
  }
  for (const [key, target] of Object.entries(exportsMap)) {
    if (typeof target === "string") {
      if (key !== "./package.json" || target !== key) problems.push(`${key} must have "types" and "default"`);
      continue;
    }
    if (Object.keys(target).join() !== "types,default") {
      problems.push(`${key} must have exactly "types" and "default", in this order`);
      continue;
    }
    const source = sourceOf(target.default);
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
    if (!sources.has(file))
      problems.push(`src/${file} is imported by no other source, has no export key and is no command`);
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

function sourceOf(built: string): string {
  return built.replace(/^(\.\/)?dist\//, "").replace(/\.js$/, ".ts");
}

/** A command of `bin` is a file that the shell can start. */
function commandProblems(root: string, command: string, built: string): string[] {
  const file = join(root, built);
  if (!existsSync(file)) return [`the command ${command}: ${built} is not built`];
  const problems: string[] = [];
  if (!readFileSync(file, "utf8").startsWith("#!/usr/bin/env node\n"))
    problems.push(`the command ${command}: ${built} does not begin with #!/usr/bin/env node`);
  if (process.platform !== "win32" && (statSync(file).mode & 0o111) === 0)
    problems.push(`the command ${command}: ${built} is not executable`);
  return problems;
}

/** One key per file: adapters and telemetry lose their folder, `index` its name, `express-merge` reads `express/merge`. */
function keyFor(source: string): string {
  if (source === "index.ts") return ".";
  const path = source.replace(/\.ts$/, "").replace(/\/index$/, "");
  return `./${path.replace(/^(adapters|telemetry)\//, "").replace(/-merge$/, "/merge")}`;
}
