// Builds the package and runs every vitest project; arguments go on to vitest (`npm test -- src/core`).
// The last line always reads `N passed, N failed, N skipped`.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const args = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), "sojourn-test-"));
const totalsFile = join(scratch, "totals.json");

const build = await run(["scripts/build.mjs"]);
const vitest = await run(
  [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--reporter=default",
    "--reporter=scripts/totals-reporter.mjs",
    ...args,
  ],
  { SOJOURN_TOTALS: totalsFile },
);
const totals = readTotals();
rmSync(scratch, { recursive: true, force: true });

const notes = [];
if (build !== 0) {
  totals.failed++;
  notes.push("Failed: the build of dist/ (errors above); tests that use dist/ saw an old one or none.");
}
if (vitest !== 0 && totals.failed === 0) {
  totals.failed++;
  notes.push(`Failed: vitest ended with code ${vitest}, see above.`);
}
for (const name of totals.notRun) notes.push(`Not run: ${name}`);
for (const cause of totals.causes) notes.push(`Failed: ${cause}`); // last, where everybody looks
// With arguments, tests that do not match a filter count as skipped too; that is not silence.
if (args.length === 0) {
  for (const name of totals.silent) notes.push(`Failed: skipped without a reason: ${name}`);
  totals.failed += totals.silent.length;
  totals.skipped -= totals.silent.length;
}
if (notes.length > 0) console.log(`${notes.join("\n")}\n`);
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed === 0 ? 0 : 1;

function run(command, env = {}) {
  const child = spawn(process.execPath, command, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  const forward = () => child.kill("SIGTERM"); // Ctrl-C reaches it anyway, a plain kill does not
  process.on("SIGTERM", forward);
  return new Promise((done) => {
    child.once("error", () => done(1));
    child.once("exit", (code) => {
      process.off("SIGTERM", forward);
      done(code ?? 1);
    });
  });
}

function readTotals() {
  try {
    return JSON.parse(readFileSync(totalsFile, "utf8"));
  } catch {
    return { passed: 0, failed: 0, skipped: 0, notRun: [], silent: [], causes: [] };
  }
}
