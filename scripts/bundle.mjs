// Makes few files of many: each entry of the package stays one file, and what several entries share goes to `shared/`.
// Loading a hundred small modules costs Node twice what loading their code does; see docs/decisions/047-bundled-build.md.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { rolldown } from "rolldown";

/**
 * Replaces the JavaScript under `folder/dist`, as tsc wrote it, by bundles. Types stay as they are. Each file ends with
 * the names of the modules in it, for checks that ask what an entry loads: `// contains dist/core/token.js`.
 *
 * @param folder the parent of `dist`
 * @param entries files that keep their place, as `dist/...`
 */
export async function bundle(folder, entries) {
  const input = Object.fromEntries(entries.map((file) => [file.replace(/\.js$/, ""), join(folder, file)]));
  const bundled = await rolldown({ input, cwd: folder, platform: "node", external: /^[^./]/ });
  const { output } = await bundled.generate({ format: "esm", chunkFileNames: "dist/shared/[name].js" });
  await bundled.close();

  for (const file of readdirSync(join(folder, "dist"), { recursive: true })) {
    if (file.endsWith(".js")) rmSync(join(folder, "dist", file));
  }
  for (const { fileName, code, moduleIds } of output) {
    const contents = moduleIds.map((id) => `// contains ${relative(folder, id).replaceAll(sep, "/")}\n`);
    mkdirSync(dirname(join(folder, fileName)), { recursive: true });
    writeFileSync(join(folder, fileName), code + contents.join(""));
  }
}
