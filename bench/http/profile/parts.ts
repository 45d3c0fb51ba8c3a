// What the CPU time of a request is told apart into. docs/benchmarks.md says in words what each is.

/** In the order of the page's columns. */
export const PARTS = [
  "engine",
  "garbage",
  "threads",
  "network",
  "node",
  "crypto",
  "files",
  "JSON",
  "framework",
  "routes",
  "drivers",
  "store",
  "library",
  "adapter",
  "origin",
  "cookies",
  "tokens",
  "codec",
  "core",
] as const;

export type Part = (typeof PARTS)[number];

/** Of some whole, by part; what is not there is none of it. */
export type ByPart = Readonly<Partial<Record<Part, number>>>;
