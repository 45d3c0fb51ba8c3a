// A folder outside the repository in which the files of a document run, with the package as it is built.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Consumer, root, run } from "../../support/consumer.ts";

/** Like a consumer of the tarball, but made at once: the package is a link to the repository and its `dist/`. */
export type Workspace = Omit<Consumer, "files">;

/** Node 22 says that its SQLite is an experiment; that is its business. */
export const QUIET = "--disable-warning=ExperimentalWarning";

/** `packages` are those it has beside sojourn, lent by the repository's own install. */
export function createWorkspace(
  files: ReadonlyMap<string, string>,
  packages: readonly string[] = [],
): Workspace {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-docs-"));
  const link = (name: string, target: string): void => {
    const path = join(folder, "node_modules", name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(target, path, "junction");
  };
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  link("sojourn", root);
  for (const name of packages) link(name, join(root, "node_modules", name));
  write("package.json", '{ "private": true, "type": "module" }');
  for (const [path, text] of files) write(path, text);
  return {
    folder,
    write: async (path, text) => write(path, text),
    node: (...args) => run(process.execPath, [QUIET, ...args], folder),
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  };
}
