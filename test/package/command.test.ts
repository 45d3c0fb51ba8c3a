// The command of the packed package, as npm installs it: `npx sojourn keys`.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Ran, root, run } from "../support/consumer.ts";

const folder = mkdtempSync(join(tmpdir(), "sojourn-command-"));
const npm = (...args: readonly string[]): Promise<Ran> => run("npm", args, folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  const packed = await run(
    "npm",
    ["pack", "--ignore-scripts", "--loglevel=error", "--pack-destination", folder],
    root,
  );
  expect(packed).toMatchObject({ code: 0 });
  const [tarball = ""] = readdirSync(folder).filter((file) => file.endsWith(".tgz"));
  // The one dependency comes from the repository's own install, so that no registry is asked.
  const spec = join(root, "node_modules/@standard-schema/spec");
  const dependencies = { "@standard-schema/spec": `file:${spec}`, sojourn: `file:${tarball}` };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies }));
  const installed = await npm(
    "install",
    "--offline",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
  );
  expect(installed).toMatchObject({ code: 0 });
});

const npx = (...args: readonly string[]): Promise<Ran> =>
  run("npx", ["--no-install", "sojourn", ...args], folder);

test("prints a key and nothing else", async () => {
  const { code, output } = await npx("keys");
  expect(output).toMatch(/^sojourn1_[\w-]{43}\n$/);
  expect(code).toBe(0);
});

test("says how to rotate, its version, and what is wrong", async () => {
  const [rotate, version, wrong] = [
    await npx("keys", "rotate"),
    await npx("--version"),
    await npx("nonsense"),
  ];
  expect(rotate).toMatchObject({ code: 0, output: expect.stringContaining("SESSION_KEYS=") });
  expect(version).toMatchObject({ code: 0, output: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  expect(wrong).toMatchObject({ code: 2, stdout: "", output: expect.stringContaining("sojourn --help") });
});

test("is started by the shell itself, without npm", async () => {
  const { code, stdout } = await run(join(folder, "node_modules/.bin/sojourn"), ["keys"], folder);
  expect([code, stdout.length]).toEqual([0, 53]);
});
