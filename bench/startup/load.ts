// What loading modules costs a process that has loaded nothing before: time, and memory that stays.
import { spawnSync } from "node:child_process";

export interface Loaded {
  /** From before the first import to after the last. */
  readonly millis: number;
  /** Of all threads, over the same time; what else the machine does changes it less. */
  readonly cpuMillis: number;
  /** Heap and buffers after garbage collection. */
  readonly heapBytes: number;
  /** Resident memory of the process. */
  readonly rssBytes: number;
}

/** Plain JavaScript: a TypeScript file would load what strips its types, and be counted with it. */
const CHILD = `
const specifiers = process.argv.slice(1);
const before = process.cpuUsage();
const started = performance.now();
for (const specifier of specifiers) await import(specifier);
const millis = performance.now() - started;
const { user, system } = process.cpuUsage(before);
gc();
const { heapUsed, external, rss } = process.memoryUsage();
console.log(JSON.stringify({ millis, cpuMillis: (user + system) / 1000, heapBytes: heapUsed + external, rssBytes: rss }));
`;

/** In a process of its own, started in `folder`, from where names of packages are looked up. */
export function load(folder: string, specifiers: readonly string[]): Loaded {
  const args = ["--expose-gc", "--input-type=module", "--eval", CHILD, "--", ...specifiers];
  const options = { cwd: folder, encoding: "utf8", env: { ...process.env, NODE_ENV: "production" } } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
  if (status !== 0) throw new Error(`${specifiers.join(", ")} cannot be loaded: ${stderr}`);
  return JSON.parse(stdout);
}

/** The middle of many values, each measure for itself. */
export function medianOf(all: readonly Loaded[]): Loaded {
  const middle = (of: (each: Loaded) => number): number =>
    all.map(of).toSorted((one, other) => one - other)[Math.floor(all.length / 2)] ?? Number.NaN;
  return {
    millis: middle(({ millis }) => millis),
    cpuMillis: middle(({ cpuMillis }) => cpuMillis),
    heapBytes: middle(({ heapBytes }) => heapBytes),
    rssBytes: middle(({ rssBytes }) => rssBytes),
  };
}
