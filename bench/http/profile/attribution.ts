// From V8's samples of a server's main thread to the parts its CPU time is made of.
import type { Profiler } from "node:inspector";
import type { Sampled } from "../profiling.ts";
import { ownerOf } from "./owners.ts";
import type { ByPart, Part } from "./parts.ts";
import { createSources, type Sources } from "./sources.ts";

/** What V8 calls its own time. The rest of its names are functions. */
const STATES: Readonly<Record<string, Part>> = {
  "(root)": "engine",
  "(program)": "engine",
  "(garbage collector)": "garbage",
};
const IDLE = "(idle)";
const JSON_CALL = /\bJSON\.(parse|stringify)\(/;
/** On a line longer than this there is more than one call. */
const LONGEST_LINE = 200;
/** Statements of SQLite are native functions without a file, called by whoever prepared them. */
const SQLITE = /sqlite/;

interface Caller {
  readonly place: string;
  /** What a native function counts as. */
  readonly part: Part;
  /** What a package that many use counts as. */
  readonly user: Part;
}

const NOBODY: Caller = { place: "", part: "engine", user: "framework" };

/** By part, the shares of the main thread's CPU time. They come to 1. */
export function sharesOf(sampled: Sampled, sources: Sources = createSources()): ByPart {
  const { nodes, seconds, busySeconds } = sampled;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const counts = new Map<Part | typeof IDLE, number>([["engine", 0]]);
  const add = (part: Part | typeof IDLE, samples: number): void => {
    counts.set(part, (counts.get(part) ?? 0) + samples);
  };
  const walk = (node: Profiler.ProfileNode, caller: Caller): void => {
    const self = calledBy(caller, node, sources);
    const inJson = jsonSamples(node, sources);
    if (node.callFrame.functionName === IDLE) add(IDLE, node.hitCount ?? 0);
    else {
      add("JSON", inJson);
      add(self.part, (node.hitCount ?? 0) - inJson);
    }
    for (const id of node.children ?? []) {
      const child = byId.get(id);
      if (child) walk(child, self);
    }
  };
  const [root] = nodes;
  if (root) walk(root, NOBODY);
  return withPolling(counts, busySeconds / seconds);
}

function calledBy(caller: Caller, { callFrame }: Profiler.ProfileNode, sources: Sources): Caller {
  const { functionName, url, lineNumber } = callFrame;
  if (url === "") {
    const part = STATES[functionName] ?? (SQLITE.test(caller.place) ? "files" : caller.part);
    return { ...caller, part };
  }
  const place = sources.placeOf(url, lineNumber + 1);
  const part = ownerOf(place) ?? caller.user;
  return { place, part, user: place.startsWith("node:") ? caller.user : part };
}

/** V8 counts its own functions to the line that calls them. */
function jsonSamples({ callFrame, positionTicks = [] }: Profiler.ProfileNode, sources: Sources): number {
  const isJson = (text: string): boolean => text.length <= LONGEST_LINE && JSON_CALL.test(text);
  return positionTicks
    .filter(({ line }) => isJson(sources.textOf(callFrame.url, line)))
    .reduce((sum, { ticks }) => sum + ticks, 0);
}

/**
 * Node calls itself idle while it polls, and reads sockets and parses requests meanwhile. What the core worked beyond the
 * samples elsewhere, it worked there. `busy`: of the time that went by.
 */
function withPolling(counts: ReadonlyMap<Part | typeof IDLE, number>, busy: number): ByPart {
  const all = [...counts.values()].reduce((sum, each) => sum + each, 0);
  const idle = counts.get(IDLE) ?? 0;
  const polling = Math.min(idle, Math.max(0, busy * all - (all - idle)));
  const worked = all - idle + polling;
  const parts = [...counts].flatMap(([part, samples]): [Part, number][] => {
    if (part === IDLE) return [];
    const share = (samples + (part === "engine" ? polling : 0)) / worked;
    return share > 0 ? [[part, share]] : [];
  });
  return Object.fromEntries(parts);
}

/** Microseconds per request: the main thread's by what it did, all others as one part. `mainShare`: of the CPU time. */
export function profileOf(shares: ByPart, cpuMicros: number, mainShare: number): ByPart {
  const main = Object.entries(shares).map(([part, share]) => [part, share * mainShare * cpuMicros]);
  return { ...Object.fromEntries(main), threads: Math.max(0, 1 - mainShare) * cpuMicros };
}
