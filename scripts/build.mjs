// Builds dist/: tsc, then one bundle for each entry. The new tree replaces the old one as a whole, and only when it
// compiled: nothing stale stays behind, and a command that reads dist/ meanwhile sees one version or the other.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const work = join(root, `dist.next-${process.pid}`);
const next = join(work, "dist");
const old = join(root, `dist.old-${process.pid}`);
const { exports, bin } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const commands = Object.values(bin);

const tsc = join(root, "node_modules/typescript/bin/tsc");
const args = [tsc, "--project", join(root, "tsconfig.build.json"), "--outDir", next];
const { status } = spawnSync(process.execPath, args, { stdio: "inherit", cwd: root });
try {
  if (status === 0) {
    await bundle(work, [...entriesOf(exports), ...commands]);
    // npm does so where it installs a command; other ways to unpack the tarball keep the mode they find in it.
    for (const file of commands) chmodSync(join(work, file), 0o755);
    replace();
  } else console.error("[build] TypeScript found errors; dist/ is unchanged.");
} finally {
  rmSync(work, { recursive: true, force: true });
  rmSync(old, { recursive: true, force: true });
}
process.exitCode = status ?? 1;

function entriesOf(exportMap) {
  return Object.values(exportMap)
    .filter((target) => typeof target !== "string") // ./package.json
    .map((target) => target.default.replace(/^\.\//, ""));
}

function replace() {
  for (;;) {
    try {
      if (existsSync(dist)) renameSync(dist, old);
      renameSync(next, dist);
      return;
    } catch (error) {
      // Another build put its own tree there in between; it is as new as ours, but take turns properly.
      if (!["ENOENT", "ENOTEMPTY", "EEXIST"].includes(error.code) || !existsSync(next)) throw error;
      rmSync(old, { recursive: true, force: true });
    }
  }
}
