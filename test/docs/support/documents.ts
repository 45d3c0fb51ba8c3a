// Reads the documentation as a reader would: documents, their headings, links and code blocks.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { root } from "../../support/consumer.ts";

export interface Block {
  readonly language: string;
  readonly text: string;
  /** The line of the document its first line stands on, counted from 1. */
  readonly line: number;
  /** `// file: name.ts` in its first line: the block is that file. */
  readonly file: string | null;
  /** `// continues: name.ts` in its first line: the block goes on where that file stops. */
  readonly continues: string | null;
}

interface Link {
  readonly target: string;
  readonly line: number;
}

export interface Document {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly links: readonly Link[];
  /** What `#...` may name in it. */
  readonly anchors: ReadonlySet<string>;
  /** Everything but code blocks. */
  readonly prose: string;
}

const TOP = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"];

export function allDocuments(): readonly Document[] {
  const inner = readdirSync(join(root, "docs"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll(sep, "/"));
  return [...TOP, ...inner.sort()].map(readDocument);
}

export function readDocument(path: string): Document {
  const text = readFileSync(join(root, path), "utf8");
  const blocks: Block[] = [];
  const prose: string[] = [];
  let open: { language: string; line: number; lines: string[] } | null = null;
  for (const [index, line] of text.split("\n").entries()) {
    const fence = /^```([\w-]*)$/.exec(line);
    if (!open && fence) open = { language: fence[1] ?? "", line: index + 2, lines: [] };
    else if (open && line === "```") {
      blocks.push(toBlock(open.language, open.line, open.lines));
      open = null;
    } else if (open) open.lines.push(line);
    prose.push(open || line === "```" ? "" : line);
  }
  if (open) throw new Error(`${path}:${open.line - 1}: this code block is never closed`);
  if (/^\s+```/m.test(prose.join("\n")))
    throw new Error(`${path}: an indented code block escapes every check`);
  return {
    path,
    text,
    blocks,
    links: linksOf(prose),
    anchors: anchorsOf(prose),
    prose: prose.join("\n"),
  };
}

function toBlock(language: string, line: number, lines: readonly string[]): Block {
  const [, kind, name] = /^(?:\/\/|#) (file|continues): (\S+)$/.exec(lines[0] ?? "") ?? [];
  return {
    language,
    line,
    text: `${lines.join("\n")}\n`,
    file: kind === "file" && name !== undefined ? name : null,
    continues: kind === "continues" && name !== undefined ? name : null,
  };
}

function linksOf(lines: readonly string[]): readonly Link[] {
  return lines.flatMap((line, index) =>
    [...line.replaceAll(/`[^`]*`/g, "code").matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = ""]) => ({
      target,
      line: index + 1,
    })),
  );
}

/** As the usual renderers make them: lower case, punctuation dropped, blanks to hyphens, repeats numbered. */
function anchorsOf(lines: readonly string[]): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const line of lines) {
    const title = /^#{1,6} (.+)$/.exec(line)?.[1];
    if (title === undefined) continue;
    const slug = title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(" ", "-");
    let name = slug;
    for (let repeat = 1; anchors.has(name); repeat++) name = `${slug}-${repeat}`;
    anchors.add(name);
  }
  return anchors;
}
