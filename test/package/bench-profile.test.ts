// From V8's samples of a benchmark's server to the parts of its CPU time.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { profileOf, sharesOf } from "../../bench/http/profile/attribution.ts";
import { beginsOf } from "../../bench/http/profile/modules.ts";
import { ownerOf } from "../../bench/http/profile/owners.ts";
import type { ByPart } from "../../bench/http/profile/parts.ts";
import { createSources } from "../../bench/http/profile/sources.ts";

const folder = mkdtempSync(join(tmpdir(), "sojourn-profile-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ["node:internal/crypto/hash", "crypto"],
  ["node:internal/fs/promises", "files"],
  ["node:_http_outgoing", "network"],
  ["node:internal/streams/writable", "network"],
  ["node:internal/process/task_queues", "node"],
  ["dist/core/token.js", "tokens"],
  ["dist/core/commit.js", "core"],
  ["dist/core/csrf-gate.js", "origin"],
  ["dist/codecs/tagged-json.js", "codec"],
  ["dist/stores/memory/table.js", "store"],
  ["dist/create-sessions.js", "core"],
  ["file:///any/bench/http/subjects/sojourn-express.ts", "routes"],
  ["file:///any/bench/node_modules/@fastify/session/lib/store.js", "library"],
  ["file:///any/node_modules/express-mysql-session/node_modules/mysql2/lib/pool.js", "drivers"],
  ["file:///any/node_modules/express/lib/express.js", "framework"],
  ["file:///any/node_modules/cookie/index.js", null],
])("the code of %s counts as %s", (place, part) => {
  expect(ownerOf(place)).toBe(part);
});

describe("a line of a built file", () => {
  const built = [
    "import x from 'y';",
    "// dist/core/token.js",
    "// dist/csrf/policy.js is a comment, no heading",
    "const parse = 1;",
    "var Column = class {",
    "// dist/core/commit.js",
    "const b = JSON.parse(a);",
    "// contains dist/core/token.js",
    "// contains dist/stores/memory/column.js",
    "// contains dist/core/types.js",
    "// contains dist/core/commit.js",
  ];

  test("is that of the module whose heading is above it, or whose declaration, where it has none", () => {
    const sourceOf = (module: string): string[] =>
      module.endsWith("column.js") ? ["export const NONE = -1;", "export class Column {"] : [];
    expect(beginsOf(built, sourceOf)).toEqual([
      { module: "dist/core/token.js", line: 1 },
      { module: "dist/stores/memory/column.js", line: 4 },
      { module: "dist/core/commit.js", line: 5 },
    ]);
  });

  test("has a place and a text; what is no file of ours is its own place", () => {
    writeFileSync(join(folder, "shared.js"), built.join("\n"));
    const sources = createSources(`${pathToFileURL(folder).href}/`);
    const url = pathToFileURL(join(folder, "shared.js")).href;
    expect(sources.placeOf(url, 1)).toBe("dist/shared.js");
    expect(sources.placeOf(url, 7)).toBe("dist/core/commit.js");
    expect(sources.placeOf("node:net", 7)).toBe("node:net");
    expect(sources.textOf(url, 7)).toBe("const b = JSON.parse(a);");
    expect(sources.textOf("file:///no/such/file.js", 7)).toBe("");
  });
});

describe("samples", () => {
  type Frame = readonly [name: string, url: string, samples: number, callees?: readonly Frame[]];
  const SOURCES = {
    placeOf: (url: string) => url,
    textOf: (url: string, line: number) =>
      url.endsWith("codecs/json.js") && line === 7 ? "return JSON.parse(text);" : "",
  };
  const EXPRESS = "file:///a/node_modules/express/index.js";
  const PEER = "file:///a/node_modules/express-session/index.js";
  const COOKIE = "file:///a/node_modules/cookie/index.js";

  /** `busy`: of the time that went by. */
  function counted(tops: readonly Frame[], busy = 1): ByPart {
    type Node = Parameters<typeof sharesOf>[0]["nodes"][number];
    const nodes: Node[] = [];
    const add = ([functionName, url, hitCount, callees = []]: Frame): number => {
      const id = nodes.length + 1;
      const children: number[] = [];
      nodes.push({
        id,
        callFrame: { functionName, url, scriptId: "0", lineNumber: 2, columnNumber: 0 },
        hitCount,
        children,
        positionTicks: [{ line: 7, ticks: hitCount }],
      });
      children.push(...callees.map(add));
      return id;
    };
    add(["(root)", "", 0, tops]);
    return sharesOf({ nodes, seconds: 2, busySeconds: 2 * busy }, SOURCES);
  }

  test("count where they were taken, and native functions as their caller", () => {
    const shares = counted([
      ["(garbage collector)", "", 10],
      ["(program)", "", 10],
      ["handle", EXPRESS, 20, [["digest", "node:internal/crypto/hash", 20, [["update", "", 40]]]]],
    ]);
    expect(shares).toEqual({ garbage: 0.1, engine: 0.1, framework: 0.2, crypto: 0.6 });
  });

  test("in a package that many use count as its user, even where Node lies between", () => {
    const parse: Frame = ["parse", COOKIE, 30];
    expect(counted([["session", PEER, 10, [["emit", "node:events", 10, [parse]]]], parse])).toEqual({
      library: 0.5,
      network: 0.125,
      framework: 0.375,
    });
  });

  test("on a line that calls JSON count as JSON", () => {
    const parts = counted([
      ["decode", "dist/codecs/json.js", 30],
      ["encode", "dist/codecs/xml.js", 10],
    ]);
    expect(parts).toEqual({ JSON: 0.75, codec: 0.25 });
  });

  test("in a statement of SQLite count as files, whoever called it", () => {
    const get: Frame = ["get", "", 50];
    expect(counted([["load", "dist/stores/sqlite/statements.js", 50, [get]]])).toEqual({
      store: 0.5,
      files: 0.5,
    });
  });

  test("while Node polls count as the engine's as far as the thread worked then", () => {
    const frames: readonly Frame[] = [
      ["(idle)", "", 60],
      ["handle", EXPRESS, 40],
    ];
    expect(counted(frames, 0.4)).toEqual({ framework: 1 });
    expect(counted(frames, 0.8)).toEqual({ framework: 0.5, engine: 0.5 });
    expect(counted(frames, 0.3)).toEqual({ framework: 1 });
  });
});

test("a profile comes to the CPU time of a request, with a part for all threads but the main one", () => {
  expect(profileOf({ codec: 0.25, core: 0.75 }, 100, 0.5)).toEqual({ codec: 12.5, core: 37.5, threads: 50 });
});
