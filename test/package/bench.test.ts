// `npm run bench` measures what it is asked to, refuses what it does not understand, and leaves nothing behind.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Collected, type Life } from "../../bench/http/collect.ts";
import { CookieJar } from "../../bench/http/cookie-jar.ts";
import type { BenchResults } from "../../bench/http/results.ts";
import { Latencies, spreadOf } from "../../bench/http/stats.ts";
import { root, run } from "../support/consumer.ts";

const folder = mkdtempSync(join(tmpdir(), "sojourn-bench-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bench = (...args: readonly string[]) => run(process.execPath, ["bench/run.ts", ...args], root);

test("a cell is measured beside its peers and the bare framework, and its results are complete", async () => {
  const path = join(folder, "results.json");
  const args = ["--only", "Express 5 memory read", "--seconds", "0.2"];
  const { code, output } = await bench(...args, "--rounds", "2", "--warm-up", "500", "--output", path);
  expect(code, output).toBe(0);
  const { cells, ...run }: BenchResults = JSON.parse(readFileSync(path, "utf8"));
  expect(run).toMatchObject({ rounds: 2, secondsPerRound: 0.2, machine: { node: process.versions.node } });
  expect(cells.map(({ library, store }) => [library, store])).toEqual([
    ["bare", null],
    ["express-session", "memory"],
    ["sojourn", "memory"],
  ]);
  for (const cell of cells) {
    expect(cell).toMatchObject({
      framework: "Express 5",
      workload: "read",
      failures: 0,
      storeCommands: null,
    });
    for (const value of [cell.requestsPerSecond, cell.cpuMicros]) expect(value.median).toBeGreaterThan(0);
    expect(cell.heapBytes).toBeGreaterThan(1_000_000);
    const parts = Object.values(cell.profile ?? {}).reduce((sum, part) => sum + part, 0);
    expect(parts).toBeCloseTo(cell.library === "bare" ? 0 : cell.cpuMicros.median);
    expect(typeof cell.addedMicros).toBe(cell.library === "bare" ? "object" : "number");
    expect(output).toContain([cell.framework, cell.library, cell.store ?? ""].join(" "));
  }
});

test("cells are named without being measured, those of the bare framework beside the others", async () => {
  const { code, output } = await bench("--list", "--only", "cookie-session write");
  expect(output.trim().split("\n")).toEqual([
    "bare Express 5 write",
    "cookie-session Express 5 cookie write",
  ]);
  expect(code).toBe(0);
});

test.each([
  [["--only", "no such words"], "no cell has all of these words: no such words"],
  [["--rounds", "1.5"], "--rounds must be a whole number"],
  [["--rounds", "0"], "--rounds must be from 1 to 20"],
  [["--warm-up=-1"], "--warm-up must be from 0 to 1000000"],
  [["--seconds", "soon"], "--seconds must be from 0.1 to 60"],
  [["--sconds", "1"], "Unknown option '--sconds'"],
])("%j is refused, with how it is used", async (args, message) => {
  const { code, output } = await bench(...args);
  expect(output).toContain(message);
  expect(output).toContain("npm run bench -- [options]");
  expect(code).toBe(2);
});

test("stopped in the middle, it keeps what it has and leaves no process behind", async (context) => {
  if (process.platform === "win32") context.skip("there are no process groups here");
  const path = join(folder, "stopped.json");
  const quick = ["--seconds", "0.1", "--rounds", "1", "--warm-up", "0"];
  const child = spawn(
    process.execPath,
    ["bench/run.ts", "--only", "cookie-session", ...quick, "--output", path],
    { cwd: root, detached: true, stdio: ["ignore", "ignore", "pipe"] }, // with a group, which all that it starts is in
  );
  const ended = once(child, "exit");
  const kept = new Promise<void>((resolve) => {
    child.stderr.on("data", () => existsSync(path) && resolve()); // a group of cells is done, and more are to come
  });
  await kept;
  child.kill("SIGINT");
  expect(await ended).toEqual([130, null]);
  expect(() => process.kill(-(child.pid ?? 0), 0)).toThrow("ESRCH");
  const { cells }: BenchResults = JSON.parse(readFileSync(path, "utf8"));
  expect(cells.length).toBeGreaterThan(1);
});

test("the bare framework is taken away as it was beside each, and its own figure is of one manner of load", () => {
  const collected = new Collected();
  const life = (
    library: string,
    store: Life["plan"]["store"],
    isAwake: boolean,
    cpuMicros: number,
  ): Life => ({
    plan: {
      file: library,
      subject: { library, framework: "Express 5", stores: [], start: () => Promise.reject() },
      version: "1",
      store,
      workload: "read",
    },
    census: { storeCommands: null, heapBytes: 1, failures: 0 },
    rounds: [
      { requestsPerSecond: 1, cpuMicros, mainShare: 1, p50Millis: 1, p99Millis: 1, failures: 0, busy: 1 },
    ],
    isAwake,
    profile: null,
  });
  const groups = [
    ["memory", true, 10] as const,
    ["redis", false, 30] as const,
    ["sqlite", true, 12] as const,
  ];
  for (const [store, isAwake, bare] of groups)
    collected.add([life("bare", null, isAwake, bare), life("ours", store, isAwake, bare + 5)]);
  expect(
    collected.cells().map(({ store, cpuMicros, addedMicros }) => [store, cpuMicros.median, addedMicros]),
  ).toEqual([
    [null, 11, null],
    ["memory", 15, 5],
    ["redis", 35, 5],
    ["sqlite", 17, 5],
  ]);
});

describe("what the load is made of", () => {
  test("a jar holds the cookies that were set last, and none that were taken away", () => {
    const jar = new CookieJar();
    jar.take("HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\nset-cookie: b=2; Max-Age=0\r\nset-cookie: c=3");
    jar.take("HTTP/1.1 200 OK\r\nset-cookie: a=4\r\nset-cookie: c=x; expires=Thu, 01 Jan 1970 00:00:00 GMT");
    expect(String(jar)).toBe("a=4");
  });

  test("the middle of an even number of rounds lies between two", () => {
    expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, low: 1, high: 4 });
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, low: 1, high: 3 });
  });

  test("percentiles are those of the answers, to a hundredth of a millisecond", () => {
    const latencies = new Latencies();
    for (let millis = 1; millis <= 100; millis++) latencies.add(millis - 0.005);
    expect(latencies.at(0.5)).toBe(50);
    expect(latencies.at(0.99)).toBe(99);
  });
});
