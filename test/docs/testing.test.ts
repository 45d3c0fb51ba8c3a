// The test files that the documentation shows, run as they stand by Node's own runner.
import { createRequire } from "node:module";
import { afterAll, describe, expect, test } from "vitest";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { createWorkspace } from "./support/workspace.ts";

const require = createRequire(import.meta.url);

/** What the examples import beside ours; resolving them here names one that is missing. */
const PACKAGES = { express: require.resolve("express"), supertest: require.resolve("supertest") };

const PAGES = {
  "docs/testing.md": [],
  // The kits skip, with the reason, what a store or framework does not have.
  "docs/store-contract.md": [/ # the store does not outlive its process$/],
  "docs/adapter-contract.md": [/ # there is no Response to throw$/],
} as const satisfies Record<string, readonly RegExp[]>;

describe.each(Object.keys(PAGES) as (keyof typeof PAGES)[])("the tests in %s", (page) => {
  const files = filesOf(readDocument(page));
  const workspace = createWorkspace(files, Object.keys(PACKAGES));
  afterAll(() => workspace[Symbol.asyncDispose]());

  const names = [...files.keys()].filter((name) => name.endsWith(".test.ts"));
  test.concurrent.each(names)("%s pass", async (name) => {
    const { code, stdout, output } = await workspace.node("--test-reporter=tap", name);
    expect({ code, failed: output.match(/^\s*not ok .*$/gm) }, output.slice(-2000)).toEqual({
      code: 0,
      failed: null,
    });
    const written = [...(files.get(name) ?? "").matchAll(/^(?:test|describe)\(/gm)].length;
    const ran = Number(/^# (?:tests|pass) (\d+)$/m.exec(stdout)?.[1]);
    expect(ran, "tests that ran").toBeGreaterThanOrEqual(written);
    const skipped = [...stdout.matchAll(/^\s*ok .* # SKIP.*$/gm)].map(([line]) =>
      line.replace("# SKIP", "#"),
    );
    expect(skipped.filter((line) => !PAGES[page].some((reason: RegExp) => reason.test(line)))).toEqual([]);
  });
});
