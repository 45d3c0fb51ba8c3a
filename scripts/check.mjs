// `npm run check`: everything that can be said about the code without running its tests.
// Names each step with its time; prints a step's output only when it has something to say.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findWrongArrows } from "./checks/arrows.ts";
import { findBleeds } from "./checks/bleed.ts";
import { findOutgrown } from "./checks/entry-sizes.ts";
import { findExportProblems } from "./checks/export-map.ts";
import { measureFiles } from "./checks/file-sizes.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const packed = mkdtempSync(join(tmpdir(), "sojourn-check-"));
/** As entries of the export map, for the walk over what they load. */
const commands = Object.fromEntries(
  Object.entries(manifest.bin).map(([name, built]) => [`bin ${name}`, { types: "", default: built }]),
);
const dependencies = Object.keys(manifest.dependencies ?? {});

const NEED_BUILD = new Set([
  "export map",
  "bleed",
  "entry sizes",
  "pack",
  "package (publint)",
  "published types (attw)",
]);
const NOT_BUILT = { ok: false, output: "not run: the build failed" };

const steps = [
  ["format and lint (biome)", () => bin("biome", "check", "--error-on-warnings", "--colors=off")],
  ["lint with types (oxlint)", () => bin("oxlint", "--type-aware", "--deny-warnings", "--format=unix")],
  ["types (tsc)", () => node("node_modules/typescript/bin/tsc", "--project", "tsconfig.json")],
  ["build", () => node("scripts/build.mjs")],
  ["import arrows", () => list(findWrongArrows(join(root, "src")))],
  ["file sizes", () => report(measureFiles(join(root, "src")))],
  ["export map", () => list(findExportProblems(root, manifest.exports, manifest.bin))],
  ["bleed", () => list(findBleeds(root, { ...manifest.exports, ...commands }, dependencies))],
  ["entry sizes", async () => list(await findOutgrown(root, manifest.exports))],
  ["unused code (knip)", () => bin("knip", "--no-progress", "--treat-config-hints-as-errors")],
  ["pack", () => bin("npm", "pack", "--ignore-scripts", "--loglevel=error", "--pack-destination", packed)],
  ["package (publint)", () => bin("publint", "run", tarball(), "--strict")],
  [
    "published types (attw)",
    () => bin("attw", tarball(), "--profile", "esm-only", "--no-color", "--no-emoji"),
  ],
];

const started = performance.now();
const failed = [];
for (const [name, run] of steps) {
  const from = performance.now();
  const { ok, output } = NEED_BUILD.has(name) && failed.includes("build") ? NOT_BUILT : await attempt(run);
  console.log(`${ok ? "ok    " : "FAILED"}  ${name.padEnd(26)} ${seconds(from)}`);
  if (!ok) failed.push(name);
  if (output) console.log(`${output.trim().replaceAll(/^/gm, "        ")}`);
}
rmSync(packed, { recursive: true, force: true });
console.log(
  failed.length === 0
    ? `\nAll ${steps.length} checks passed in ${seconds(started)}.`
    : `\n${failed.length} of ${steps.length} checks failed: ${failed.join(", ")}. \`npm run lint:fix\` mends what can be mended by itself.`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

async function attempt(run) {
  try {
    return await run();
  } catch (error) {
    return { ok: false, output: String(error.message) };
  }
}

function bin(command, ...args) {
  const options = { cwd: root, encoding: "utf8", shell: process.platform === "win32", maxBuffer: 1 << 26 };
  const { status, stdout, stderr, error } = spawnSync(command, args, options);
  if (error) throw error;
  return { ok: status === 0, output: status === 0 ? "" : `${stdout}${stderr}` };
}

function node(...args) {
  return bin(process.execPath, ...args);
}

function list(problems) {
  return { ok: problems.length === 0, output: problems.join("\n") };
}

function report({ problems, warnings }) {
  return {
    ok: problems.length === 0,
    output: [...problems, ...warnings.map((text) => `warning: ${text}`)].join("\n"),
  };
}

function tarball() {
  const [file] = readdirSync(packed);
  if (!file) throw new Error("nothing was packed");
  return join(packed, file);
}

function seconds(from) {
  return `${((performance.now() - from) / 1000).toFixed(1)} s`;
}
