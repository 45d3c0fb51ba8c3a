// Which module of ours a line of a built file was made of. The bundler writes `// dist/core/token.js` in front of each, but
// not where the module's first statement was left out; at the end of the file all of them are named, in their order.
import { linesOf } from "./lines.ts";

const HEADING = /^\/\/ (dist\/\S+\.js)$/;
const CONTAINED = /^\/\/ contains (dist\/\S+\.js)$/;
const DECLARATION = /^(?:export )?(?:async )?(?:function|class|const|let|var) (\w+)/;

interface Begin {
  readonly module: string;
  readonly line: number;
}

/** Lines count from 0. `sourceOf`: the lines a module was written as. */
export function beginsOf(
  built: readonly string[],
  sourceOf: (module: string) => readonly string[] = (module) => linesOf(sourceUrl(module)),
): readonly Begin[] {
  const named = (pattern: RegExp): Begin[] =>
    built.flatMap((text, line) => {
      const module = pattern.exec(text)?.[1];
      return module === undefined ? [] : [{ module, line }];
    });
  const begins = new Map(named(HEADING).map(({ module, line }) => [module, line]));
  let before = 0;
  return named(CONTAINED).flatMap(({ module }) => {
    const line = begins.get(module) ?? firstDeclared(built, before, namesIn(sourceOf(module)));
    if (line < 0) return []; // nothing of it is left
    before = line;
    return [{ module, line }];
  });
}

function firstDeclared(built: readonly string[], from: number, names: ReadonlySet<string>): number {
  return built.findIndex((text, line) => line >= from && names.has(DECLARATION.exec(text)?.[1] ?? ""));
}

function namesIn(source: readonly string[]): ReadonlySet<string> {
  return new Set(source.flatMap((text) => DECLARATION.exec(text)?.[1] ?? []));
}

function sourceUrl(module: string): string {
  const path = module.replace(/^dist\//, "src/").replace(/\.js$/, ".ts");
  return new URL(`../../../${path}`, import.meta.url).href;
}
