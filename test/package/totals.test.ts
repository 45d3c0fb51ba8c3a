// `npm test` itself, run in a small repository: its last line must be true whatever happens.
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { root, run } from "../support/consumer.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sojourn-totals-"));
  mkdirSync(join(folder, "scripts"));
  mkdirSync(join(folder, "test/support"), { recursive: true });
  for (const file of ["scripts/test.mjs", "scripts/totals-reporter.mjs", "test/support/requires.ts"]) {
    cpSync(join(root, file), join(folder, file));
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  write("package.json", '{"type":"module"}');
  write("scripts/build.mjs", "");
  write("vitest.config.ts", 'export default { test: { include: ["*.test.ts"], allowOnly: false } };');
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (path: string, text: string): void => writeFileSync(join(folder, path), text);
const suite = (text: string): string =>
  `import { beforeAll, describe, expect, test } from "vitest";\n${text}`;
const GOOD = suite('test("good", () => {}); test("also good", () => {});');

async function npmTest(env: NodeJS.ProcessEnv = {}, ...args: string[]) {
  const { CI: _, VITEST: __, ...rest } = process.env;
  const { code, stdout, output } = await run(process.execPath, ["scripts/test.mjs", ...args], folder, {
    ...rest,
    ...env,
  });
  return { code, output, stdout, last: stdout.trimEnd().split("\n").at(-1) };
}

describe("the last line of npm test", () => {
  test("counts what passed", async () => {
    write("a.test.ts", GOOD);
    expect(await npmTest()).toMatchObject({ code: 0, last: "2 passed, 0 failed, 0 skipped" });
  });

  test("counts failed tests, files that do not load, broken hooks and stray rejections", async () => {
    write("a.test.ts", GOOD);
    write("b.test.ts", suite('test("bad", () => expect(1).toBe(2));'));
    write("c.test.ts", suite('throw new Error("does not load");'));
    write(
      "d.test.ts",
      suite('describe("x", () => { beforeAll(() => { throw new Error("hook"); }); test("y", () => {}); });'),
    );
    write("e.test.ts", suite('test("z", () => { void Promise.reject(new Error("stray")); });'));
    const { code, stdout, last } = await npmTest();
    expect({ code, last }).toEqual({ code: 1, last: "3 passed, 4 failed, 1 skipped" });
    // Named again below everything else, where somebody with the end of a long log looks.
    for (const cause of [
      "b.test.ts: bad: expected 1 to be 2",
      "c.test.ts: does not load",
      "d.test.ts: x: hook",
      "outside of any test: stray",
    ]) {
      expect(stdout.slice(-600)).toContain(`Failed: ${cause}`);
    }
  });

  test("is a failure when the build fails or no test is found", async () => {
    write("scripts/build.mjs", "process.exit(2);");
    const { code, output, last } = await npmTest();
    expect({ code, last }).toEqual({ code: 1, last: "0 passed, 1 failed, 0 skipped" });
    expect(output).toContain("the build of dist/");
    write("scripts/build.mjs", "");
    expect(await npmTest()).toMatchObject({ code: 1, last: "0 passed, 1 failed, 0 skipped" });
  });

  test("counts a test skipped without a reason, or a forgotten .only, as failed", async () => {
    write("a.test.ts", suite('test("good", () => {}); test.skip("lazy", () => {});'));
    const { code, output, last } = await npmTest();
    expect({ code, last }).toEqual({ code: 1, last: "1 passed, 1 failed, 0 skipped" });
    expect(output).toContain("skipped without a reason: a.test.ts: lazy");
    write("a.test.ts", suite('test.only("good", () => {}); test("forgotten", () => {});'));
    expect((await npmTest()).code).toBe(1);
  });

  test("names a test that was skipped with a reason", async () => {
    write("a.test.ts", suite('test("good", () => {}); test("odd", (t) => t.skip("the moon is full"));'));
    const { code, output, last } = await npmTest();
    expect({ code, last }).toEqual({ code: 0, last: "1 passed, 0 failed, 1 skipped" });
    expect(output).toContain("Not run: a.test.ts: odd (the moon is full)");
  });

  test("passes arguments on to vitest", async () => {
    write("a.test.ts", GOOD);
    write("b.test.ts", suite('test("bad", () => expect(1).toBe(2));'));
    expect(await npmTest({}, "a.test.ts", "-t", "also")).toMatchObject({
      code: 0,
      last: "1 passed, 0 failed, 1 skipped",
    });
  });
});

describe("requireOrExplain", () => {
  const needs = (probe: string): string =>
    `import { expect, test } from "vitest";
     import { executable, requireOrExplain } from "./test/support/requires.ts";
     requireOrExplain("a browser", () => ${probe})("pages", (found) => {
       test("one", () => expect(found).toBe(process.execPath));
       test("two", () => {});
     });`;

  test("runs the suite where the thing is there, and hands it over", async () => {
    write("a.test.ts", needs("executable('/nowhere', process.execPath)"));
    expect(await npmTest({ CI: "1" })).toMatchObject({ code: 0, last: "2 passed, 0 failed, 0 skipped" });
  });

  test("elsewhere says which suite did not run and why; with CI set that is a failure", async () => {
    write("a.test.ts", needs("executable('/nowhere')"));
    const here = await npmTest();
    expect(here).toMatchObject({ code: 0, last: "0 passed, 0 failed, 1 skipped" });
    expect(here.output).toContain(
      "Not run: a.test.ts: pages > needs a browser (none of these can be executed: /nowhere)",
    );
    expect(await npmTest({ CI: "1" })).toMatchObject({ code: 1, last: "0 passed, 1 failed, 0 skipped" });
  });
});
