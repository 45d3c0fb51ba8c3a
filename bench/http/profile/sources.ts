// What is behind a profile's lines: the module that a line of a bundle was made of, and the text that stands on it.
import { linesOf } from "./lines.ts";
import { beginsOf } from "./modules.ts";

export interface Sources {
  /** A module of ours for its built file, any other URL as it is. Lines count from 1. */
  placeOf(url: string, line: number): string;
  /** "" where there is none. */
  textOf(url: string, line: number): string;
}

const DIST = new URL("../../../dist/", import.meta.url).href;

export function createSources(dist: string = DIST): Sources {
  const files = new Map<string, ReturnType<typeof beginsOf>>();
  return {
    placeOf(url, line) {
      if (!url.startsWith(dist)) return url;
      const begins = files.get(url) ?? beginsOf(linesOf(url));
      files.set(url, begins);
      return begins.findLast((each) => each.line < line)?.module ?? `dist/${url.slice(dist.length)}`;
    },
    textOf: (url, line) => linesOf(url)[line - 1] ?? "",
  };
}
