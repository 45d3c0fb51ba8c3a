// What loading each entry of the package may pull in, found by walking the imports of the built files. A built file may
// be made of several modules, which it names at its end: `// contains dist/core/token.js`.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path/posix";
import type { ExportMap } from "./export-map.ts";
import { importsOf } from "./imports.ts";

type Rules = Readonly<Record<string, readonly (string | RegExp)[]>>;

const FILES = /^node:fs(\/|$)/;
const SQLITE = "node:sqlite";
const NETWORK = /^node:(http|https|http2|tls|dgram)$/; // node:net also parses addresses
const RUNNERS = /^(node:test|vitest|jest|mocha|chai|ava|tap|bun:test|expect)(\/|$)/;
const ADAPTERS = /^dist\/adapters\//;
const PARTS = /^dist\/(csrf|transports|adapters)\//;
const SOME_STORE = /^dist\/stores\/(?!contract\.js$)/;
/** Built files that are no modules themselves, so they must name those that they are made of. */
const SHARED = /^dist\/shared\//;
const MODULE_LINE = /^\/\/ contains (dist\/[\w./-]+\.js)$/gm;
const KIT = /^(dist\/testing\/|node:assert(\/|$))/;

/** Names that must not turn up behind an entry: modules, ours as `dist/...`. */
const FORBIDDEN: Rules = {
  ".": [SQLITE, FILES, NETWORK, ADAPTERS, SOME_STORE],
  "./fetch": [SQLITE, FILES, NETWORK, SOME_STORE],
  "./node": [SQLITE, FILES, SOME_STORE],
  "./express": [SQLITE, FILES, SOME_STORE],
  "./express/merge": [SQLITE, FILES, SOME_STORE],
  "./hono": [SQLITE, FILES, NETWORK, SOME_STORE, /^(@hono|hono)(\/|$)/],
  "./fastify": [SQLITE, FILES, SOME_STORE, /^@?fastify(\/|$)/],
  "./fastify/merge": [SQLITE, FILES, NETWORK, SOME_STORE, /^@?fastify(\/|$)/],
  "./express-session": [SQLITE, FILES, NETWORK, SOME_STORE, "express-session"],
  "./koa": [SQLITE, FILES, SOME_STORE],
  "./headers": [SQLITE, FILES, NETWORK, SOME_STORE],
  "./audit": [SQLITE, FILES, NETWORK, PARTS, SOME_STORE],
  "./pino": [SQLITE, FILES, NETWORK, PARTS, SOME_STORE, "pino"],
  "./opentelemetry": [SQLITE, FILES, NETWORK, PARTS, SOME_STORE, /^@opentelemetry\//],
  "./stores/memory": [SQLITE, FILES, NETWORK, PARTS],
  "./stores/sqlite": [NETWORK, PARTS],
  "./stores/file": [SQLITE, NETWORK, PARTS],
  "./stores/cookie": [SQLITE, FILES, NETWORK, PARTS],
  "./stores/redis": [SQLITE, FILES, NETWORK, PARTS, /^(redis|ioredis|iovalkey)$/],
  "./stores/postgres": [SQLITE, FILES, NETWORK, PARTS, "pg", "postgres"],
  "./stores/mysql": [SQLITE, FILES, NETWORK, PARTS, /^mysql2(\/|$)/],
  "./stores/tiered": [SQLITE, FILES, NETWORK, PARTS],
  "./stores/express-session": [SQLITE, FILES, NETWORK, PARTS, "express-session"],
  "./stores/unstorage": [SQLITE, FILES, NETWORK, PARTS, /^unstorage/],
  "./stores/copy": [SQLITE, FILES, NETWORK, PARTS],
  "./transports/header": [SQLITE, FILES, NETWORK, ADAPTERS, SOME_STORE],
  "./codecs/tagged-json": [SQLITE, FILES, NETWORK, PARTS, SOME_STORE],
  "./codecs/json": [SQLITE, FILES, NETWORK, PARTS, SOME_STORE],
  "./codecs/msgpack": [SQLITE, FILES, NETWORK, PARTS, SOME_STORE],
  "./codecs/xml": [SQLITE, FILES, NETWORK, PARTS, SOME_STORE],
  "./codecs/v8": [SQLITE, FILES, NETWORK, PARTS, SOME_STORE],
  "./codecs/encrypted": [SQLITE, FILES, NETWORK, PARTS, SOME_STORE],
  "./devices": [SQLITE, FILES, NETWORK, PARTS, SOME_STORE],
  "./testing": [SQLITE],
  "bin sojourn": [SQLITE, NETWORK, PARTS, SOME_STORE],
};

/** The optional peers that entries load: without them, importing these fails and names what is missing. */
export const PEERS: Readonly<Record<string, readonly string[]>> = {
  "./codecs/msgpack": ["@msgpack/msgpack"],
  "./codecs/xml": ["fast-xml-parser"],
  "./devices": ["bowser"],
};

/** Every forbidden module behind an entry, with the chain of imports that brings it in. */
export function findBleeds(
  root: string,
  exportsMap: ExportMap,
  dependencies: readonly string[] = [],
  forbidden: Rules = FORBIDDEN,
  peers: typeof PEERS = PEERS,
): string[] {
  const problems: string[] = [];
  for (const [key, target] of Object.entries(exportsMap)) {
    if (typeof target === "string") continue; // ./package.json
    const rules = forbidden[key];
    if (!rules) {
      problems.push(`${key} has no rule; add one to scripts/checks/bleed.ts`);
      continue;
    }
    const common = key === "./testing" ? [RUNNERS] : [RUNNERS, KIT];
    for (const { name, chain } of loadedBy(root, target.default.replace(/^\.\//, ""))) {
      const isOurs = name.startsWith("dist/");
      const known = [...dependencies, ...(peers[key] ?? [])];
      const isKnown = isOurs || name.startsWith("node:") || known.includes(packageOf(name));
      const hit = [...common, ...rules].some((rule) =>
        rule instanceof RegExp ? rule.test(name) : rule === name,
      );
      const isUnclear = SHARED.test(name) && partsOf(join(root, name)).length === 0;
      if (hit) problems.push(`${key} must not load ${name}: ${chain.join(" -> ")}`);
      else if (!isKnown)
        problems.push(`${key} loads ${name}, no dependency of the package: ${chain.join(" -> ")}`);
      else if (isUnclear)
        problems.push(`${key} loads ${name}, which does not say what modules it is made of`);
    }
  }
  return problems;
}

/** Everything an entry loads, at once or by `import()`, nearest first. */
function loadedBy(root: string, entry: string): { name: string; chain: readonly string[] }[] {
  const seen = new Map<string, readonly string[]>([[entry, [entry]]]);
  for (const [name, chain] of seen) {
    if (!name.startsWith("dist/")) continue;
    if (!existsSync(join(root, name))) continue; // the export map check names it
    for (const part of partsOf(join(root, name))) if (!seen.has(part)) seen.set(part, [...chain, part]);
    for (const { specifier, typeOnly } of importsOf(join(root, name))) {
      if (typeOnly) continue;
      const next = specifier.startsWith(".") ? normalize(join(dirname(name), specifier)) : specifier;
      if (!seen.has(next)) seen.set(next, [...chain, next]);
    }
  }
  return [...seen].map(([name, chain]) => ({ name, chain }));
}

/** The modules of ours that a built file is made of. */
function partsOf(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(MODULE_LINE)].map(([, part = ""]) => part);
}

function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
