// What having the package costs before the first request, beside its peers: `node bench/startup.ts [rounds]`, after a
// build. Loads each entry and each peer in fresh processes, taking turns, weighs what is installed, and fills the tables
// of docs/benchmarks.md. Nothing here passes or fails.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { measureEntries } from "../scripts/checks/entry-sizes.ts";
import { DOCS, fillPage } from "./report/page.ts";
import { counted, table, whole } from "./report/text.ts";
import { machine } from "./shared/machine.ts";
import { bytesIn, type Footprint, footprintOf } from "./startup/footprint.ts";
import { type Loaded, load, medianOf } from "./startup/load.ts";

/** Modules that are loaded together. */
type Modules = readonly string[];

const ROUNDS = Number(process.argv[2] ?? 21);
/** Gzipped, of an application's entries together. */
const BUDGET_BYTES = 25_000;

const APPLICATIONS: readonly Modules[] = [
  ["sojourn", "sojourn/express", "sojourn/stores/sqlite"],
  ["sojourn", "sojourn/fetch", "sojourn/stores/memory"],
];
/** With what its own documentation uses each with, less the framework. */
const PEERS: readonly Modules[] = [
  ["express-session"],
  ["@fastify/session", "@fastify/cookie"],
  ["koa-session"],
  ["hono-sessions"],
  ["iron-session"],
  ["cookie-session"],
  ["h3"],
  ["better-auth"],
];

/** What nearly all of them load of Node itself, to see how much of a row that is. */
const OF_NODE: Modules = ["node:crypto"];

const root = fileURLToPath(new URL("..", import.meta.url));
const manifest: {
  readonly files: readonly string[];
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
} = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
/** The built file of each entry. */
const entries = new Map<string, string>();
for (const [key, target] of Object.entries(manifest.exports)) {
  if (typeof target !== "string") entries.set(`sojourn${key.slice(1)}`, join(root, target.default));
}

const ours: readonly Modules[] = [...APPLICATIONS, ...[...entries.keys()].map((name) => [name])];
const loads = loadInTurns([OF_NODE, ...PEERS, ...ours]);
const sizes = await measureEntries(
  root,
  ours.map((modules) => ({ name: titleOf(modules), path: modules.map((name) => entries.get(name) ?? "") })),
);

const peersTable = table(
  ["Modules", ">Import, ms", ">CPU, ms", ">Heap, KB", ">Resident, KB", ">Packages", ">Installed, KB"],
  [
    ...[...APPLICATIONS, ...PEERS].map((modules) => {
      const { packages, bytes } = installed(modules);
      return [titleOf(modules), ...figuresOf(modules), `${packages}`, kilobytes(bytes)];
    }),
    [`for comparison: ${titleOf(OF_NODE)}`, ...figuresOf(OF_NODE), "", ""],
  ],
);
const entriesTable = table(
  ["Entry", ">Gzipped, KB", ">Import, ms", ">CPU, ms", ">Heap, KB", ">Resident, KB"],
  ours.map((modules, index) => [
    titleOf(modules),
    ((sizes[index]?.bytes ?? 0) / 1000).toFixed(1),
    ...figuresOf(modules),
  ]),
);
const within = sizes.slice(0, APPLICATIONS.length).every(({ bytes }) => bytes <= BUDGET_BYTES);
const budget = `The budget of ${kilobytes(BUDGET_BYTES)} KB for an application's entries together is ${within ? "met" : "**not met**"}.`;
const { cpu, cores, node } = machine();
const when = `${new Date().toISOString().slice(0, 10)}, Node ${node}, ${cpu}, ${counted(cores, "core")}, ${counted(ROUNDS, "round")}.`;
await fillPage(join(DOCS, "benchmarks.md"), {
  startup: `${when}\n\n${peersTable}`,
  entries: `${entriesTable}\n\n${budget}`,
});
console.log(`${peersTable}\n\n${entriesTable}\n\n${budget}`);

/** What each takes beyond a process that loads nothing, as the median of the rounds. */
function loadInTurns(all: readonly Modules[]): ReadonlyMap<Modules, Loaded> {
  const nothing: Modules = [];
  const rounds = new Map<Modules, Loaded[]>([nothing, ...all].map((modules) => [modules, []]));
  for (let round = 1; round <= ROUNDS; round++) {
    process.stderr.write(`\rround ${round} of ${ROUNDS}`);
    for (const [modules, loaded] of rounds) loaded.push(load(root, modules));
  }
  process.stderr.write("\n");
  const base = medianOf(rounds.get(nothing) ?? []);
  return new Map(
    [...rounds].map(([modules, loaded]) => {
      const { millis, cpuMillis, heapBytes, rssBytes } = medianOf(loaded);
      const memory = { heapBytes: heapBytes - base.heapBytes, rssBytes: rssBytes - base.rssBytes };
      return [modules, { millis, cpuMillis: cpuMillis - base.cpuMillis, ...memory }];
    }),
  );
}

function figuresOf(modules: Modules): string[] {
  const loaded = loads.get(modules);
  if (!loaded) throw new Error(`${titleOf(modules)} was not loaded`);
  const { millis, cpuMillis, heapBytes, rssBytes } = loaded;
  return [millis.toFixed(1), cpuMillis.toFixed(1), kilobytes(heapBytes), kilobytes(rssBytes)];
}

function titleOf(modules: Modules): string {
  return modules.map((name) => `\`${name}\``).join(" + ");
}

/** Of ours, only what is packed: what `files` names, and package.json. */
function installed(modules: Modules): Footprint {
  const packed = (): number =>
    ["package.json", ...manifest.files].reduce((sum, name) => sum + bytesOf(join(root, name)), 0);
  const folders = modules.map((name) => (entries.has(name) ? root : join(root, "node_modules", name)));
  return footprintOf(folders, (folder) => (folder === root ? packed() : bytesIn(folder)));
}

function bytesOf(path: string): number {
  return statSync(path).isDirectory() ? bytesIn(path) : statSync(path).size;
}

function kilobytes(bytes: number): string {
  return whole(bytes / 1000);
}
