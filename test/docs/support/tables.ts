// Reads the tables of a document.
import type { Document } from "./documents.ts";

/** The rows of the table below a heading, as the texts of their cells, without head and rule. */
export function tableBelow(document: Document, heading: string): readonly (readonly string[])[] {
  const lines = document.prose.split("\n");
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, "") === heading);
  if (start < 0) throw new Error(`${document.path} has no heading "${heading}"`);
  const first = lines.findIndex((line, index) => index > start && line.startsWith("|"));
  const next = lines.findIndex((line, index) => index > start && /^#+ /.test(line));
  if (first < 0 || (next >= 0 && next < first))
    throw new Error(`${document.path}: no table below "${heading}"`);
  const after = lines.findIndex((line, index) => index > first && !line.startsWith("|"));
  return lines.slice(first + 2, after < 0 ? undefined : after).map(cellsOf);
}

function cellsOf(row: string): readonly string[] {
  return row
    .replaceAll("\\|", "\u0000")
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll("\u0000", "|"));
}

/** The first code span of a cell. */
export function codeIn(cell: string | undefined): string {
  const code = /`([^`]+)`/.exec(cell ?? "")?.[1];
  if (code === undefined) throw new Error(`no code in the cell "${cell}"`);
  return code;
}
