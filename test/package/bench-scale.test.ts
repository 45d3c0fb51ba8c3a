// `npm run bench:scale` and `npm run bench:soak` measure real stores, and say what they mean to say.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { copyOfId, Fleet, ORIGINALS } from "../../bench/scale/fleet.ts";
import { scaleText } from "../../bench/scale/report.ts";
import type { ScaleResults, StoreResults } from "../../bench/scale/results.ts";
import { type Sample, trendOf } from "../../bench/soak/trend.ts";
import { isSessionId } from "../../src/core/token.ts";
import { root, run } from "../support/consumer.ts";
import { requireOrExplain } from "../support/requires.ts";
import { findMariaDb } from "../support/servers/mariadb.ts";
import { findPostgresServer } from "../support/servers/postgres-server.ts";
import { findRedisServer } from "../support/servers/redis.ts";

const folder = mkdtempSync(join(tmpdir(), "sojourn-bench-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Sizes on both sides of where copies begin. */
async function scale(store: string): Promise<StoreResults | undefined> {
  const results = join(folder, `${store}.json`);
  const few = ["--sizes", "40,3000", "--calls", "25", "--crowd", "1000", "--sweep-seconds", "1"];
  const args = ["bench/scale.ts", "--stores", store, ...few, "--results", results];
  const { code, output } = await run(process.execPath, args, root);
  expect(output).toContain("| revoke-all |");
  expect(code).toBe(0);
  return (JSON.parse(readFileSync(results, "utf8")) as ScaleResults).stores[0];
}

function expectAll(found: StoreResults | undefined): void {
  expect(found?.sizes.map(({ sessions }) => sessions)).toEqual([40, 3000]);
  expect(found?.costs.filter(({ sessions }) => sessions === 3000).map(({ operation }) => operation)).toEqual(
    expect.arrayContaining(["load", "save", "touch", "list", "login", "logout", "revoke-all"]),
  );
  expect(found?.crowd?.sessions).toBe(1000);
}

describe("a short run finds every session of a store it filled:", () => {
  test.each(["memory", "sqlite", "file"])("%s", async (store) => {
    const found = await scale(store);
    expectAll(found);
    expect(found?.sweep?.expired).toBe(3000);
  });

  requireOrExplain("redis-server", findRedisServer)("Redis", () => {
    test("which expires by itself", async () => {
      const found = await scale("redis");
      expectAll(found);
      expect(found?.sweep).toBeNull();
    });
  });

  requireOrExplain("a PostgreSQL server", findPostgresServer)("PostgreSQL", () => {
    test("and sweeps", async () => expectAll(await scale("postgres")));
  });

  requireOrExplain("a MariaDB server", findMariaDb)("MySQL", () => {
    test("and sweeps", async () => expectAll(await scale("mysql")));
  });
});

test("a minute's worth of traffic in a second ends with a verdict for each store", async () => {
  const results = join(folder, "soak.json");
  const args = ["bench/soak.ts", "--seconds", "1", "--stores", "memory,sqlite", "--results", results];
  const { output } = await run(process.execPath, args, root);
  expect(output).toMatch(/\| memory .* \| (flat|\*\*growing\*\*) \|/);
  expect(output).toMatch(/\| SQLite .* 200: [\d,]+/);
  expect(output).not.toContain("unexpected");
});

test.each([
  [
    "bench/scale.ts",
    "--stores",
    "mongodb",
    '--stores knows memory, sqlite, file, redis, postgres, mysql, not "mongodb"',
  ],
  ["bench/scale.ts", "--sizes", "1500", "--sizes must be up to 1000, or multiples of it"],
  ["bench/scale.ts", "--sizes", "many", '--sizes must be a number above 0, not "many"'],
  ["bench/soak.ts", "--seconds", "-1", '--seconds must be a number above 0, not "-1"'],
])("%s %s %s is refused", async (file, option, value, message) => {
  const { code, output } = await run(process.execPath, [file, `${option}=${value}`], root);
  expect(output).toContain(message);
  expect(code).not.toBe(0);
});

describe("a fleet", () => {
  const fleet = new Fleet(3 * ORIGINALS);

  test("has an id of its own for every session, and four sessions to a user", () => {
    const all = Array.from({ length: fleet.size }, (_, place) => fleet.record(place));
    expect(all.every(({ id }) => isSessionId(id))).toBe(true);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(new Set(all.map(({ userId }) => userId)).size).toBe(all.length / 4);
  });

  test("knows the places of a user, and the version a session was left with", () => {
    const [first = -1, , , last = -1] = fleet.placesOfUser(ORIGINALS + 4);
    expect(fleet.record(first).userId).toBe(fleet.record(last).userId);
    expect(fleet.record(first - 1).userId).not.toBe(fleet.record(first).userId);
    fleet.saved(first, "another");
    expect(fleet.record(first)).toMatchObject({ version: "another", userId: fleet.record(last).userId });
  });

  test("copies ids as MD5 over their hexadecimal form, which every server can", () => {
    expect(copyOfId("AAAAAAAAAAAAAAAAAAAAAA", 7)).toBe("FV1xfab8_kTmNQ93oS0OGg");
  });
});

describe("memory", () => {
  const samples = (bytesAt: (second: number) => number): readonly Sample[] =>
    Array.from({ length: 60 }, (_, at) => ({ seconds: 10 * (at + 1), bytes: bytesAt(10 * (at + 1)) }));

  test("that goes up and down is flat", () => {
    const trend = trendOf(samples((second) => 1e8 + 1e7 * Math.sin(second)));
    expect(trend.verdict).toBe("flat");
  });

  test("that rises while the process warms up is flat", () => {
    expect(trendOf(samples((second) => 1e8 + 1e6 * Math.min(second, 150))).verdict).toBe("flat");
  });

  test("that rises by a tenth is growing, however noisy", () => {
    const trend = trendOf(samples((second) => 1e8 + 3e4 * second + 1e6 * Math.sin(second)));
    expect(trend.verdict).toBe("growing");
    expect(trend.bytesPerHour / 1e6).toBeCloseTo(108, -1);
  });
});

test("growth beyond the budget stands out in the table", () => {
  const cost = { operation: "load", p95: 9, calls: 1 } as const;
  const store = {
    title: "any",
    version: "1",
    sizes: [1000, 1_000_000].map((sessions) => ({ sessions, bytesBeside: 1, secondsToFill: 1 })),
    costs: [
      { ...cost, sessions: 1000, median: 4 },
      { ...cost, sessions: 1_000_000, median: 5.6 },
    ],
    crowd: null,
    sweep: null,
  };
  const text = scaleText({
    startedAt: "",
    machine: { cpu: "", cores: 1, memoryGiB: 1, node: "" },
    stores: [store],
    missing: [],
  });
  expect(text).toContain("| load | 4.0 / 9.0 | 5.6 / 9.0 | **1.40** |");
});
