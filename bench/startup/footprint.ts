// What installing a library puts on the disk: its own files and those of everything it depends on.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

export interface Footprint {
  readonly packages: number;
  readonly bytes: number;
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Of the packages in these folders, as their dependencies lie in the folders of modules around; peers are left out. */
export function footprintOf(folders: readonly string[], sizeOf = bytesIn): Footprint {
  const seen = new Set(folders);
  for (const folder of seen) {
    const { dependencies, optionalDependencies } = readManifest(folder);
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const found = find(name, folder);
      if (found !== null) seen.add(found);
    }
  }
  return { packages: seen.size, bytes: [...seen].reduce((sum, folder) => sum + sizeOf(folder), 0) };
}

/** The files of a package, without the packages nested in it. */
export function bytesIn(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isFile()) bytes += statSync(path).size;
    else if (entry.isDirectory() && entry.name !== "node_modules") bytes += bytesIn(path);
  }
  return bytes;
}

/** The folder that Node would load a package from; `null` where an optional one is not installed. */
function find(name: string, from: string): string | null {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, "node_modules", name);
    if (existsSync(join(folder, "package.json"))) return folder;
    if (dirname(at) === at) return null;
  }
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}
