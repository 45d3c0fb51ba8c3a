// Builds dist/ with tsc. The new tree replaces the old one as a whole, and only when it compiled:
// nothing stale stays behind, and a command that reads dist/ meanwhile sees one version or the other.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const next = join(root, `dist.next-${process.pid}`);
const old = join(root, `dist.old-${process.pid}`);

const tsc = join(root, "node_modules/typescript/bin/tsc");
const args = [tsc, "--project", join(root, "tsconfig.build.json"), "--outDir", next];
const { status } = spawnSync(process.execPath, args, { stdio: "inherit", cwd: root });
if (status === 0) makeExecutable();
if (status === 0) replace();
else console.error("[build] TypeScript found errors; dist/ is unchanged.");
rmSync(next, { recursive: true, force: true });
rmSync(old, { recursive: true, force: true });
process.exit(status ?? 1);

/** npm does so where it installs a command; other ways to unpack the tarball keep the mode they find in it. */
function makeExecutable() {
  const { bin } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const file of Object.values(bin)) chmodSync(join(next, relative("dist", file)), 0o755);
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
