// The step of the build that makes few files of many.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { filesUnder } from "../../scripts/checks/imports.ts";

const { bundle }: { bundle(folder: string, entries: readonly string[]): Promise<void> } = await import(
  pathToFileURL(join(import.meta.dirname, "../../scripts/bundle.mjs")).href
);

const folder = mkdtempSync(join(tmpdir(), "sojourn-bundle-"));
const modules: Readonly<Record<string, string>> = {
  "index.js": 'export { Token } from "./core/token.js"; export { one } from "./core/one.js";',
  "index.d.ts": "export declare const one: () => number;",
  "core/one.js": 'import { two } from "./two.js"; export const one = () => two().length;',
  "core/two.js": "export const two = () => [2];",
  "core/two.d.ts": "export declare const two: () => number[];",
  "core/token.js": "/** A token. */\nexport class Token {}",
  "stores/some.js":
    'import { sep } from "node:path"; import { Token } from "../core/token.js"; export const make = () => [new Token(), sep];',
  "cli/main.js": '#!/usr/bin/env node\nconsole.log("run");',
};

beforeAll(async () => {
  for (const [name, text] of Object.entries(modules)) {
    const file = join(folder, "dist", name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  await bundle(folder, ["dist/index.js", "dist/stores/some.js", "dist/cli/main.js"]);
});
afterAll(() => rmSync(folder, { recursive: true }));

const built = (name: string): string => readFileSync(join(folder, "dist", name), "utf8");

test("entries keep their place, types stay, and of other modules nothing is left but what is shared", () => {
  const files = filesUnder(join(folder, "dist"));
  const shared = files.filter((file) => file.startsWith("shared/"));
  expect(shared).toHaveLength(1);
  expect(files.filter((file) => !shared.includes(file))).toEqual([
    "cli/main.js",
    "core/two.d.ts",
    "index.d.ts",
    "index.js",
    "stores/some.js",
  ]);
  expect(existsSync(join(folder, "dist/core/two.js"))).toBe(false);
});

test("what two entries share is one thing", async () => {
  const main: { Token: Function } = await import(pathToFileURL(join(folder, "dist/index.js")).href);
  const some: { make(): unknown[] } = await import(pathToFileURL(join(folder, "dist/stores/some.js")).href);
  expect(some.make()[0]).toBeInstanceOf(main.Token);
  expect(main.Token.name).toBe("Token");
});

test("each file says at its end what it contains, and keeps its comments and its first line", () => {
  expect(built("index.js")).toMatch(
    /\n\/\/ contains dist\/core\/two\.js\n\/\/ contains dist\/core\/one\.js\n/,
  );
  expect(built("shared/token.js")).toMatch(
    /\/\*\* A token\. \*\/[\s\S]*\n\/\/ contains dist\/core\/token\.js\n$/,
  );
  expect(built("cli/main.js")).toMatch(/^#!\/usr\/bin\/env node\n/);
});
