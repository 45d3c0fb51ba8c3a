// scripts/setup.mjs in a small repository of its own, with a stand-in for npm that installs nothing.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Ran, root, run } from "../support/consumer.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sojourn-setup-"));
  mkdirSync(join(folder, "scripts"));
  cpSync(join(root, "scripts/setup.mjs"), join(folder, "scripts/setup.mjs"));
  write("package-lock.json", lock("1.0.0"));
  // Takes its time, so that two of them would overlap.
  write(
    "npm.mjs",
    `import { appendFileSync, cpSync, mkdirSync } from "node:fs";
     import { setTimeout as sleep } from "node:timers/promises";
     appendFileSync("npm.log", process.argv.slice(2).join(" ") + "\\n");
     if (process.env.NPM_FAILS) process.exit(7);
     await sleep(300);
     mkdirSync("node_modules", { recursive: true });
     cpSync("package-lock.json", "node_modules/.package-lock.json");`,
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (path: string, text: string): void => writeFileSync(join(folder, path), text);
const lock = (version: string): string =>
  JSON.stringify({
    packages: {
      "": { name: "x" },
      "node_modules/a": { version },
      "node_modules/other-platform": { version: "1.0.0", optional: true },
    },
  });
const installs = (): number =>
  existsSync(join(folder, "npm.log"))
    ? readFileSync(join(folder, "npm.log"), "utf8").trim().split("\n").length
    : 0;
const setup = (env: NodeJS.ProcessEnv = {}): Promise<Ran> =>
  run(process.execPath, ["scripts/setup.mjs"], folder, {
    ...process.env,
    npm_execpath: join(folder, "npm.mjs"),
    npm_node_execpath: process.execPath,
    ...env,
  });

describe("setup", () => {
  test("installs into a fresh clone with npm ci, development dependencies included, and says so", async () => {
    const { code, output } = await setup();
    expect(output).toContain("Running `npm ci`");
    expect(code).toBe(0);
    expect(readFileSync(join(folder, "npm.log"), "utf8")).toMatch(/^ci --include=dev /);
  });

  test("says nothing and does nothing when what the lock file names is there", async () => {
    await setup();
    expect(await setup()).toMatchObject({ code: 0, output: "" });
    expect(installs()).toBe(1);
  });

  test("installs again after the lock file changed", async () => {
    await setup();
    write("package-lock.json", lock("1.0.1"));
    await setup();
    expect(installs()).toBe(2);
  });

  test("two at once install once, and the second waits for the first", async () => {
    const both = await Promise.all([setup(), setup()]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(installs()).toBe(1);
    expect(both.map(({ output }) => output).join()).toContain("Another command is installing");
    expect(existsSync(join(folder, ".setup-lock"))).toBe(false);
  });

  test("a lock left behind by a killed install does not block for ever", async () => {
    write(".setup-lock", "1\n");
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(join(folder, ".setup-lock"), longAgo, longAgo);
    expect((await setup()).code).toBe(0);
    expect(installs()).toBe(1);
  });

  test("a failed install fails, says what to do, and leaves no lock", async () => {
    const { code, output } = await setup({ NPM_FAILS: "1" });
    expect(code).toBe(1);
    expect(output).toContain("`npm ci` failed");
    expect(existsSync(join(folder, ".setup-lock"))).toBe(false);
  });

  test.each([
    ["20.20.2", 1],
    ["22.17.1", 1],
    ["22.18.0", 0],
    ["24.0.0", 0],
  ])("scripts that would run on Node %s: exit code %d", async (version, expected) => {
    await setup();
    mkdirSync(join(folder, "node_modules/.bin"));
    write("node_modules/.bin/node", `#!/bin/sh\necho ${version}\n`);
    chmodSync(join(folder, "node_modules/.bin/node"), 0o755);
    const { code, output } = await setup();
    expect(code).toBe(expected);
    if (expected === 1) {
      expect(output).toContain(`would run on Node ${version}`);
      expect(output).toContain("npm ci --ignore-scripts=false");
    }
  });
});
