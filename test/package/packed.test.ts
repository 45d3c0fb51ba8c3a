import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PEERS } from "../../scripts/checks/bleed.ts";
import { type Consumer, createConsumer, root } from "../support/consumer.ts";

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const entries = Object.keys(manifest.exports)
  .filter((key) => key !== "./package.json")
  .map((key) => `sojourn${key.slice(1)}`);
const peersOf = (entry: string): readonly string[] => PEERS[entry.replace("sojourn", ".")] ?? [];

/** What users have who follow the pages: the optional peers that entries load. */
let consumer: Consumer;
/** What users have who installed nothing beside. */
let bare: Consumer;
beforeAll(async () => {
  consumer = await createConsumer(Object.values(PEERS).flat());
  bare = await createConsumer();
});
afterAll(async () => {
  await consumer?.[Symbol.asyncDispose]();
  await bare?.[Symbol.asyncDispose]();
});

describe("the packed tarball", () => {
  test("holds the built package and nothing else", () => {
    const unexpected = consumer.files.filter(
      (file) =>
        !/^dist\/.+\.(js|d\.ts)$/.test(file) &&
        !["package.json", "README.md", "LICENSE", "CHANGELOG.md"].includes(file),
    );
    expect(unexpected).toEqual([]);
    expect(consumer.files.filter((file) => /\.test\.|testdata|fixture/.test(file))).toEqual([]);
  });

  test("holds the files its readers look for", () => {
    expect(consumer.files).toEqual(
      expect.arrayContaining(["package.json", "README.md", "LICENSE", "CHANGELOG.md", "dist/index.js"]),
    );
  });

  test("runs no script on the machines it is installed on", () => {
    for (const script of ["preinstall", "install", "postinstall"])
      expect(manifest.scripts).not.toHaveProperty(script);
  });

  test("reaches users without the toolchain", () => {
    expect(Object.keys(manifest.dependencies)).toEqual(["@standard-schema/spec"]);
    for (const name of Object.keys(manifest.peerDependencies)) {
      expect(manifest.peerDependenciesMeta[name], `peer ${name}`).toEqual({ optional: true });
    }
  });

  test("hides its inner files", async () => {
    const { code, output } = await consumer.node("-e", 'import("sojourn/dist/index.js")');
    expect(code).not.toBe(0);
    expect(output).toContain("ERR_PACKAGE_PATH_NOT_EXPORTED");
  });
});

test("bundlers are told of the one file that acts by being imported", () => {
  expect(manifest.sideEffects).toEqual([manifest.exports["./express/merge"].default]);
});

describe.each(entries)("importing %s", (entry) => {
  test("works, prints nothing, and leaves nothing running", async () => {
    // A timer or handle left behind would keep the process alive until the test times out.
    expect(await consumer.node("--input-type=module", "-e", `await import("${entry}")`)).toMatchObject({
      code: 0,
      output: "",
    });
  });

  const peers = peersOf(entry);
  test(`works without any peer${peers.length > 0 ? ` but ${peers.join()}, and names that one` : ""}`, async () => {
    const { code, output } = await bare.node("--input-type=module", "-e", `await import("${entry}")`);
    expect(code === 0, output).toBe(peers.length === 0);
    for (const name of peers) expect(output).toContain(`Cannot find package '${name}'`);
  });

  test("works with require, on a Node that can require modules", async () => {
    const { code, output } = await consumer.node("--input-type=commonjs", "-e", `require("${entry}")`);
    expect({ code, output }).toEqual({ code: 0, output: "" });
  });

  if (entry !== "sojourn/stores/sqlite")
    test("does not load the SQLite engine", async () => {
      const script = `await import("${entry}"); console.log(process.moduleLoadList.filter((n) => /sqlite/.test(n)).join())`;
      expect(await consumer.node("--input-type=module", "-e", script)).toMatchObject({
        code: 0,
        stdout: "\n",
      });
    });
});

test("importing the main entry asks for no time, no randomness, no timer and no network", async () => {
  const script = `
    const touched = [];
    const watch = (object, name) => {
      const original = object[name];
      object[name] = function (...args) { touched.push(name); return Reflect.apply(original, this, args); };
    };
    watch(Date, "now"); watch(Math, "random"); watch(globalThis.crypto, "getRandomValues");
    watch(globalThis, "setTimeout"); watch(globalThis, "setInterval"); watch(globalThis, "fetch");
    await import("sojourn");
    console.log(JSON.stringify(touched));
  `;
  expect(await consumer.node("--input-type=module", "-e", script)).toMatchObject({ code: 0, stdout: "[]\n" });
});

test("every entry exports values by name and no default; those to be merged export none", async () => {
  for (const entry of entries) {
    const script = `console.log(JSON.stringify(Object.keys(await import("${entry}"))))`;
    const { output } = await consumer.node("--input-type=module", "-e", script);
    const names: unknown = JSON.parse(output);
    if (entry.endsWith("/merge")) expect(names, entry).toEqual([]);
    else expect(names, entry).not.toEqual([]);
    expect(names, entry).not.toContain("default");
  }
});
