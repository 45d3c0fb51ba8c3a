// The checks of `npm run check` are only worth something if each can fail.
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { findWrongArrows } from "../../scripts/checks/arrows.ts";
import { findBleeds } from "../../scripts/checks/bleed.ts";
import { findOutgrown, measureEntries } from "../../scripts/checks/entry-sizes.ts";
import { findExportProblems } from "../../scripts/checks/export-map.ts";
import { measureFiles } from "../../scripts/checks/file-sizes.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function project(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-checks-"));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

describe("import arrows", () => {
  const allowed = {
    "errors.ts": "",
    "index.ts": 'export { a } from "./core/a.ts"; import { s } from "./stores/memory.ts";',
    "core/a.ts":
      'import type { C } from "../stores/contract.ts"; import { E } from "../errors.ts"; import "./b.ts";',
    "stores/memory.ts":
      'import { a } from "../core/a.ts"; import { c } from "../codecs/contract.ts"; import "node:fs";',
    "adapters/node.ts":
      'import "../core/a.ts"; import "../stores/memory.ts"; import "./fetch.ts"; import "express";',
    "testing/index.ts": 'import "../adapters/node.ts"; import "../core/a.ts"; import "../index.ts";',
    "core/a.test.ts": 'import "../adapters/node.ts";',
    "cli/main.ts": 'import "./run.ts"; import "../core/a.ts"; import "../errors.ts"; import "node:util";',
  };

  test("the allowed ones pass", () => {
    expect(findWrongArrows(project(allowed))).toEqual([]);
  });

  test.each([
    ["core/x.ts", 'import { a } from "../adapters/node.ts";'],
    ["core/x.ts", 'import { c } from "../stores/contract.ts";'],
    ["core/x.ts", 'import { type C } from "../stores/contract.ts";'],
    ["core/x.ts", 'import type { M } from "../stores/memory.ts";'],
    ["core/x.ts", 'type M = import("../stores/memory.ts").M;'],
    ["core/x.ts", 'const m = await import("../csrf/token.ts");'],
    ["core/x.ts", 'export * from "../codecs/json.ts";'],
    ["core/x.ts", 'import "../index.ts";'],
    ["stores/x.ts", 'import "../codecs/json.ts";'],
    ["stores/x.ts", 'import "../adapters/node.ts";'],
    ["csrf/x.ts", 'import "../transports/cookie.ts";'],
    ["adapters/x.ts", 'import "../testing/index.ts";'],
    ["adapters/x.ts", 'import "../../test/support/x.ts";'],
    ["core/x.ts", 'import "./a.test.ts";'],
    ["cli/x.ts", 'import "../stores/memory.ts";'],
    ["cli/x.ts", 'import "../adapters/node.ts";'],
    ["core/x.ts", 'import "../cli/main.ts";'],
    ["adapters/x.ts", 'import "../cli/main.ts";'],
    ["elsewhere/x.ts", 'import "../core/a.ts";'],
  ])("%s: %s is refused", (file, text) => {
    const problems = findWrongArrows(project({ ...allowed, [file]: text }));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`src/${file} imports`);
  });
});

describe("bleed", () => {
  const map = {
    ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
    "./package.json": "./package.json",
  };
  const rules = { ".": ["node:sqlite", /^node:fs(\/|$)/] };
  const files = {
    "dist/index.js": 'export { a } from "./core/a.js";',
    "dist/core/a.js": 'import { randomBytes } from "node:crypto"; export const a = randomBytes;',
  };

  test("a clean graph passes", () => {
    expect(findBleeds(project(files), map, [], rules)).toEqual([]);
  });

  test.each([
    'import "node:sqlite";',
    'import { readFile } from "node:fs/promises";',
    'const s = await import("node:sqlite");',
    'const s = process.getBuiltinModule("node:sqlite");',
    'import "express";',
    'import "vitest";',
    "const s = await import(someName);",
  ])("%s behind the entry is found, with the way there", (text) => {
    const problems = findBleeds(project({ ...files, "dist/core/a.js": text }), map, [], rules);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain("dist/index.js -> dist/core/a.js -> ");
  });

  test("what a shared file is made of counts like what is imported", () => {
    const shared = { ...files, "dist/index.js": 'export { a } from "./shared/a.js";' };
    const made = (of: string) => project({ ...shared, "dist/shared/a.js": `${of}export const a = 1;` });
    const noStore = { ".": [/^dist\/stores\//] };
    expect(findBleeds(made("// contains dist/core/a.js\n"), map, [], noStore)).toEqual([]);
    expect(
      findBleeds(made("// contains dist/core/a.js\n// contains dist/stores/redis.js\n"), map, [], noStore),
    ).toEqual([expect.stringContaining("dist/index.js -> dist/shared/a.js -> dist/stores/redis.js")]);
    expect(findBleeds(made(""), map, [], noStore)).toEqual([
      expect.stringContaining("does not say what modules"),
    ]);
  });

  test("an optional peer is for its own entry alone", () => {
    const withPeer = project({ ...files, "dist/core/a.js": 'import "express";' });
    expect(findBleeds(withPeer, map, [], rules, { ".": ["express"] })).toEqual([]);
    expect(findBleeds(withPeer, map, [], rules, { "./other": ["express"] })).toHaveLength(1);
  });

  test("an entry without a rule is found", () => {
    expect(findBleeds(project(files), map, [], {})).toEqual([expect.stringContaining(". has no rule")]);
  });
});

describe("export map", () => {
  const entry = (path: string) => ({ types: `./dist/${path}.d.ts`, default: `./dist/${path}.js` });
  const map = {
    ".": entry("index"),
    "./node": entry("adapters/node"),
    "./express/merge": entry("adapters/express-merge"),
    "./stores/memory": entry("stores/memory"),
    "./testing": entry("testing/index"),
    "./package.json": "./package.json",
  };
  const sources = ["index", "adapters/node", "adapters/express-merge", "stores/memory", "testing/index"];
  const files: Record<string, string> = {
    "src/stores/memory.test.ts": 'import "./memory.ts";',
    "src/core/a.ts": "",
  };
  for (const path of sources) {
    for (const file of [`src/${path}.ts`, `dist/${path}.js`, `dist/${path}.d.ts`]) files[file] = "";
  }
  files["src/index.ts"] = 'export { a } from "./core/a.ts";';

  test("a map that says what is there passes", () => {
    expect(findExportProblems(project(files), map)).toEqual([]);
  });

  test("a command needs no key, but a file that the shell can start", () => {
    const command = { ...files, "src/cli/main.ts": "", "dist/cli/main.js": "#!/usr/bin/env node\n" };
    const problems = (changed: Record<string, string>, mode = 0o755): readonly string[] => {
      const root = project(changed);
      if (changed["dist/cli/main.js"] !== undefined) chmodSync(join(root, "dist/cli/main.js"), mode);
      return findExportProblems(root, map, { sojourn: "dist/cli/main.js" });
    };
    expect(problems(command)).toEqual([]);
    expect(problems({ ...files, "src/cli/main.ts": "" })).toEqual([expect.stringContaining("not built")]);
    expect(problems({ ...command, "dist/cli/main.js": "" })).toEqual([
      expect.stringContaining("#!/usr/bin/env node"),
    ]);
    if (process.platform !== "win32")
      expect(problems(command, 0o644)).toEqual([expect.stringContaining("not executable")]);
  });

  test("a source that no other source imports, and that has no key, is found", () => {
    const redis = { ...files, "src/stores/redis.ts": 'import "../core/a.ts";' };
    expect(findExportProblems(project(redis), map)).toEqual([expect.stringContaining("src/stores/redis.ts")]);
    const importedByTestsOnly = { ...redis, "src/stores/redis.test.ts": 'import "./redis.ts";' };
    expect(findExportProblems(project(importedByTestsOnly), map)).toHaveLength(1);
    const helper = { ...redis, "src/stores/memory.ts": 'import type { R } from "./redis.ts";' };
    expect(findExportProblems(project(helper), map)).toEqual([]);
  });

  test.each([
    ["a key without a source", { ...map, "./stores/redis": entry("stores/redis") }],
    ["a key that names another file", { ...map, "./memory": entry("stores/memory") }],
    ["types of another file", { ...map, ".": { types: "./dist/node.d.ts", default: "./dist/index.js" } }],
    ["default before types", { ...map, ".": { default: "./dist/index.js", types: "./dist/index.d.ts" } }],
    ["a further condition", { ...map, ".": { ...entry("index"), require: "./dist/index.cjs" } }],
  ])("%s is found", (_, changed) => {
    expect(findExportProblems(project(files), changed)).not.toEqual([]);
  });

  test("a source that was not built is found", () => {
    const { "dist/index.js": _, ...unbuilt } = files;
    expect(findExportProblems(project(unbuilt), map)).toEqual([".: ./dist/index.js is not built"]);
  });
});

describe("entry sizes", () => {
  const map = {
    ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
    "./node": { types: "./dist/adapters/node.d.ts", default: "./dist/adapters/node.js" },
    "./package.json": "./package.json",
  };
  const hashes = Array.from({ length: 100 }, (_, index) =>
    createHash("sha256").update(`${index}`).digest("hex"),
  );
  const files = {
    "dist/index.js": 'import { heavy } from "./core/heavy.js"; export const light = () => heavy;',
    "dist/core/heavy.js": `export const heavy = "${hashes.join("")}";`,
    "dist/adapters/node.js": 'import "node:http"; export { pino } from "pino"; // a comment is not shipped\n',
  };
  const main = { name: "sojourn", path: "dist/index.js", limit: "20 kB", gzip: true } as const;
  const node = { name: "sojourn/node", path: "dist/adapters/node.js", limit: "0.3 kB", gzip: true } as const;

  test("entries within their limits pass, libraries and modules of Node left outside", async () => {
    expect(await findOutgrown(project(files), map, [main, node])).toEqual([]);
  });

  test("what an entry imports counts, and counts once in a bundle of several", async () => {
    const both = { name: "both", path: ["dist/index.js", "dist/core/heavy.js"] };
    const [alone, together] = await measureEntries(project(files), [main, both]);
    expect(alone?.bytes).toBeGreaterThan(3000);
    expect(together?.bytes).toBeLessThan((alone?.bytes ?? 0) * 1.1);
  });

  test("an entry that outgrew its limit is named", async () => {
    const problems = await findOutgrown(project(files), map, [{ ...main, limit: "2.5 kB" }, node]);
    expect(problems).toEqual([
      expect.stringMatching(/^sojourn has [\d.]+ kB gzipped, more than its limit of 2\.5 kB/),
    ]);
  });

  test("an entry without a limit is found", async () => {
    expect(await findOutgrown(project(files), map, [main])).toEqual([
      expect.stringMatching(/^sojourn\/node \(0\.\d kB\) has no limit/),
    ]);
  });

  test.each([
    ["for an entry that is gone", { ...main, name: "sojourn/gone", path: "dist/gone.js" }],
    ["for another file than the entry's", { ...main, path: "dist/core/heavy.js" }],
    ["that does not read as one", { ...main, limit: "20 KiB" }],
  ])("a limit %s is found", async (_, wrong) => {
    const problems = await findOutgrown(project(files), map, [wrong, node]);
    expect(problems).toEqual([expect.stringContaining(wrong.name)]);
  });

  test("a file that cannot be bundled is an error, not a small entry", async () => {
    const broken = { ...files, "dist/adapters/node.js": 'export { gone } from "../core/gone.js";' };
    await expect(findOutgrown(project(broken), map, [main, node])).rejects.toThrow("gone.js");
  });
});

test("file sizes: over 300 lines is a warning, over 500 a failure, tests are exempt", () => {
  const lines = (count: number) => "\n".repeat(count);
  const measured = measureFiles(
    project({ "a.ts": lines(300), "b.ts": lines(301), "c.ts": lines(501), "c.test.ts": lines(900) }),
  );
  expect(measured.warnings).toEqual([expect.stringContaining("src/b.ts")]);
  expect(measured.problems).toEqual([expect.stringContaining("src/c.ts")]);
});
