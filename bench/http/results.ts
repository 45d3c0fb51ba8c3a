// What the benchmark over HTTP measures and writes: the shape of bench/results/*.json.
import type { ByPart } from "./profile/parts.ts";

/**
 * - `untouched`: GET with the cookie of a signed-in session, to a route that never asks for the session.
 * - `anonymous`: GET without a cookie, to a route that reads the session.
 * - `read`: signed-in GET that reads the user and one value of a session of 500 bytes.
 * - `write`: signed-in POST that changes one value.
 * - `login`: POST without a cookie that signs a user in, with about 500 bytes of data.
 * - `logout`: POST that ends a signed-in session, a fresh one each time.
 */
export const WORKLOADS = ["untouched", "anonymous", "read", "write", "login", "logout"] as const;

export const STORES = ["memory", "sqlite", "file", "redis", "postgres", "mysql", "cookie"] as const;

/** The middle, least and greatest of the rounds. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** One library on one framework and one store, doing one workload. */
export interface Cell {
  /** The package's name, or "bare" for the framework alone. */
  readonly library: string;
  readonly version: string;
  /** With its major version: "Express 5". */
  readonly framework: string;
  /** `null` for the bare framework. */
  readonly store: (typeof STORES)[number] | null;
  readonly workload: (typeof WORKLOADS)[number];
  readonly requestsPerSecond: Spread;
  /** CPU time of the server's process per request. */
  readonly cpuMicros: Spread;
  /** What a quarter of the rounds stayed within. Earlier results have none, and their medians in its place. */
  readonly calmMicros?: number;
  /** `calmMicros` less that of the bare framework in the rounds beside it; `null` for the bare one. */
  readonly addedMicros: number | null;
  /**
   * How much of its core the server's process used. Where it is well below 1, `requestsPerSecond` is what the store, its
   * disk or the load let through, and `cpuMicros` is what to compare.
   */
  readonly busy: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
  /** Commands per request, counted at the store's server; `null` where nothing can be counted. */
  readonly storeCommands: number | null;
  /** After a garbage collection, with the sessions of the workload alive. */
  readonly heapBytes: number | null;
  /** Answers with an unexpected status: 0, or the cell is void. */
  readonly failures: number;
  /**
   * The median of `cpuMicros` by what it was spent on, from one round more, under V8's sampling profiler; `null` for the
   * bare framework. Earlier results have none.
   */
  readonly profile?: ByPart | null;
}

export interface BenchResults {
  /** ISO 8601. */
  readonly startedAt: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGiB: number;
    readonly node: string;
    /** Whether server and load each had a core of their own. */
    readonly pinned: boolean;
    /** Version by name, of the stores' servers. */
    readonly servers: Readonly<Record<string, string>>;
  };
  readonly rounds: number;
  readonly secondsPerRound: number;
  readonly cells: readonly Cell[];
}
