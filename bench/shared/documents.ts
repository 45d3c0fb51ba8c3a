/** Pages that several benchmarks write to: each has its own part of them, between marks. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Puts `text` between `<!-- name -->` and `<!-- /name -->`; at the end of the page where it has no such part yet. */
export function withSection(page: string, name: string, text: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const part = `${open}\n\n${text.trim()}\n\n${close}`;
  const from = page.indexOf(open);
  if (from === -1) return `${page.trimEnd()}\n\n${part}\n`;
  const to = page.indexOf(close, from);
  if (to === -1) throw new Error(`The page has ${open} without ${close}.`);
  return page.slice(0, from) + part + page.slice(to + close.length);
}

/** `path`: from the root of the repository. A page that is not there yet begins with its title. */
export function replaceSection(path: string, name: string, text: string): void {
  const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  const page = existsSync(file) ? readFileSync(file, "utf8") : "# Benchmarks\n";
  writeFileSync(file, withSection(page, name, text));
}
