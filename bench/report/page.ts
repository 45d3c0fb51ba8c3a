// The generated parts of docs/benchmarks.md stand between comments; what is written around them by hand stays.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

export const DOCS: string = fileURLToPath(new URL("../../docs/", import.meta.url));

/** The text with new contents between `<!-- begin name -->` and `<!-- end name -->`; throws where it has no such place. */
export function fill(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from)
    throw new Error(`there is no place for "${name}": ${begin} ... ${end} is missing`);
  return `${text.slice(0, from)}${begin}\n\n${content.trim()}\n\n${text.slice(to)}`;
}

/** Fills several places of a page, all of them or none. */
export async function fillPage(file: string, parts: Readonly<Record<string, string>>): Promise<void> {
  let text = await readFile(file, "utf8");
  for (const [name, content] of Object.entries(parts)) text = fill(text, name, content);
  await writeFile(file, text);
}
