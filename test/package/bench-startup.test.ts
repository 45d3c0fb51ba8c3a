// What `bench/startup.ts` weighs: modules in a fresh process, and packages on the disk.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bytesIn, footprintOf } from "../../bench/startup/footprint.ts";
import { load, medianOf } from "../../bench/startup/load.ts";

const folder = mkdtempSync(join(tmpdir(), "sojourn-startup-"));
const at = (name: string): string => join(folder, "node_modules", name);

/** A package with a file of so many bytes; its manifest comes on top. */
function addPackage(path: string, bytes: number, manifest: object): void {
  const files = { "package.json": JSON.stringify(manifest), "lib/index.js": `//${"x".repeat(bytes - 2)}` };
  for (const [name, text] of Object.entries(files)) {
    const file = join(at(path), name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
const manifestBytes = (path: string): number => bytesIn(at(path)) - bytesIn(join(at(path), "lib"));

beforeAll(() => {
  addPackage("app", 1000, { dependencies: { a: "1", "@scope/b": "1" }, peerDependencies: { big: "1" } });
  addPackage("a", 100, { dependencies: { "@scope/b": "2" }, optionalDependencies: { absent: "1" } });
  addPackage("a/node_modules/@scope/b", 20, { dependencies: { a: "1" } });
  addPackage("@scope/b", 10, {});
  addPackage("big", 99_999, {});
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("what is installed", () => {
  test("is the package with all it depends on, each version once, without peers", () => {
    const names = ["app", "a", "a/node_modules/@scope/b", "@scope/b"];
    const manifests = names.reduce((sum, name) => sum + manifestBytes(name), 0);
    expect(footprintOf([at("app")])).toEqual({ packages: 4, bytes: 1130 + manifests });
  });

  test("counts what two need once", () => {
    expect(footprintOf([at("app"), at("a")])).toEqual(footprintOf([at("app")]));
  });
});

describe("what loading takes", () => {
  test("is time and memory of a process of its own", () => {
    const [none, crypto] = [load(folder, []), load(folder, ["node:crypto"])];
    expect(none.heapBytes).toBeGreaterThan(1_000_000);
    expect(crypto.heapBytes).toBeGreaterThan(none.heapBytes + 100_000);
    expect(crypto.rssBytes).toBeGreaterThan(crypto.heapBytes);
  });

  test("names what cannot be loaded", () => {
    expect(() => load(folder, ["not-there"])).toThrow(
      /^not-there cannot be loaded: [\s\S]*ERR_MODULE_NOT_FOUND/,
    );
  });

  test("is told by the middle of each measure", () => {
    const of = (millis: number, heapBytes: number) => ({ millis, cpuMillis: 1, heapBytes, rssBytes: 1 });
    expect(medianOf([of(3, 10), of(1, 30), of(2, 20)])).toEqual(of(2, 20));
  });
});
