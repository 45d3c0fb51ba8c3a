// What each entry of the package weighs for its user: bundled alone, minified and gzipped, against its limit in
// .size-limit.json. Libraries and modules of Node stay outside. size-limit measures; its plugin that bundles is here.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import filePlugins from "@size-limit/file";
import { rolldown } from "rolldown";
import sizeLimit, { type Plugin, type PluginCheck } from "size-limit";
import type { ExportMap } from "./export-map.ts";

/** One weight with its limit. Several paths are weighed as one bundle, as an application has them. */
export interface EntryLimit {
  /** `sojourn/stores/sqlite` for an entry, any other text for several together. */
  readonly name: string;
  /** Built files, from the root of the project. */
  readonly path: string | readonly string[];
  /** In kilobytes of 1000 bytes, such as `8.5 kB`. */
  readonly limit: string;
  readonly gzip: true;
}

export interface EntrySize {
  readonly name: string;
  /** Gzipped. */
  readonly bytes: number;
}

/** The limits of .size-limit.json, in the shape that size-limit gives it. */
function readLimits(root: string): readonly EntryLimit[] {
  return JSON.parse(readFileSync(join(root, ".size-limit.json"), "utf8"));
}

/** The gzipped bytes of each, in the order given. */
export async function measureEntries(
  root: string,
  limits: readonly Pick<EntryLimit, "name" | "path">[],
): Promise<EntrySize[]> {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-sizes-"));
  const checks = limits.map(
    ({ name, path }): PluginCheck => ({
      name,
      gzip: true,
      files: [path].flat().map((file) => resolve(root, file)),
    }),
  );
  try {
    await sizeLimit([bundler(folder), filePlugins], { checks });
  } finally {
    rmSync(folder, { recursive: true });
  }
  return checks.map(({ name = "", size = 0 }) => ({ name, bytes: size }));
}

/** Entries without a limit, limits without an entry, and what weighs more than its limit. */
export async function findOutgrown(
  root: string,
  exportsMap: ExportMap,
  limits: readonly EntryLimit[] = readLimits(root),
): Promise<string[]> {
  const entries = new Map<string, string>();
  for (const [key, target] of Object.entries(exportsMap)) {
    if (typeof target !== "string") entries.set(nameOf(key), target.default.replace(/^\.\//, ""));
  }
  const problems: string[] = [];
  for (const { name, path, limit } of limits) {
    if (typeof path === "string" && entries.get(name) !== path)
      problems.push(`${name} with the path ${path} is no entry of package.json; mend it in .size-limit.json`);
    if (Number.isNaN(bytesOf(limit)))
      problems.push(`${name}: the limit "${limit}" does not read like "8.5 kB"`);
  }
  const named = new Set(limits.map(({ name }) => name));
  const unlimited = [...entries].filter(([name]) => !named.has(name)).map(([name, path]) => ({ name, path }));
  if (problems.length > 0) return problems;

  const sizes = await measureEntries(root, [...limits, ...unlimited]);
  for (const [index, { name, bytes }] of sizes.entries()) {
    const limit = limits[index]?.limit;
    if (limit === undefined)
      problems.push(`${name} (${inKilobytes(bytes)}) has no limit; add one to .size-limit.json`);
    else if (bytes > bytesOf(limit))
      problems.push(
        `${name} has ${inKilobytes(bytes)} gzipped, more than its limit of ${limit} in .size-limit.json`,
      );
  }
  return problems;
}

/** Makes one minified file of each check's files. */
function bundler(folder: string): Plugin {
  let count = 0;
  return {
    name: "size-limit-bundler",
    async step40(_config, check) {
      const file = join(folder, `${count++}.js`);
      const bundle = await rolldown({
        input: "together",
        platform: "node",
        logLevel: "silent",
        external: (id) => !/^(together$|[./\\]|[a-z]:\\)/i.test(id),
        plugins: [
          {
            name: "together",
            resolveId: (id) => (id === "together" ? id : null),
            load: (id) => (id === "together" ? togetherOf(check.files ?? []) : null),
          },
        ],
      });
      await bundle.write({ file, format: "esm", minify: true, codeSplitting: false });
      check.bundles = [file];
    },
  };
}

function togetherOf(files: readonly string[]): string {
  return files.map((file, index) => `export * as entry${index} from ${JSON.stringify(file)};`).join("\n");
}

function nameOf(key: string): string {
  return `sojourn${key.slice(1)}`;
}

function bytesOf(limit: string): number {
  return Number(/^(\d+(?:\.\d+)?) kB$/.exec(limit)?.[1] ?? Number.NaN) * 1000;
}

function inKilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
