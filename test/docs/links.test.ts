// Links and citations: what a page or a comment in the code points at is there.
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path/posix";
import { describe, expect, test } from "vitest";
import { filesUnder } from "../../scripts/checks/imports.ts";
import { root } from "../support/consumer.ts";
import { allDocuments, type Document, readDocument } from "./support/documents.ts";
import { codeIn, tableBelow } from "./support/tables.ts";

const documents = allDocuments();
const byPath = new Map(documents.map((document) => [document.path, document]));

function problemWith(document: Document, target: string): string | null {
  if (target.startsWith("https://")) return null;
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? document.path : normalize(join(dirname(document.path), path));
  if (!existsSync(join(root, file))) return `${file} does not exist`;
  if (anchor === undefined) return null;
  const there = byPath.get(file);
  if (!there) return `${file} is no document, so it has no #${anchor}`;
  return there.anchors.has(anchor) ? null : `${file} has no heading #${anchor}`;
}

describe.each(documents.map((document) => [document.path, document] as const))("%s", (_, document) => {
  test("has links that lead somewhere", () => {
    const broken = document.links
      .map(({ target, line }) => ({ line, problem: problemWith(document, target) }))
      .filter(({ problem }) => problem !== null);
    expect(broken).toEqual([]);
  });

  test("names files that exist, where it names one in code", () => {
    const named = [...document.prose.matchAll(/`((?:src|test|docs|scripts|examples)\/[\w./-]*\w)`/g)];
    const missing = named.map(([, path = ""]) => path).filter((path) => !existsSync(join(root, path)));
    expect(missing).toEqual([]);
  });

  test("can be reached from the index of the documentation", () => {
    if (!document.path.startsWith("docs/") || document.path === "docs/README.md") return;
    const targets = byPath.get("docs/README.md")?.links.map(({ target }) => `docs/${target.split("#")[0]}`);
    expect(targets).toContain(document.path);
  });
});

describe("comments in the code cite what can be read here", () => {
  const sources = filesUnder(join(root, "src")).filter((file) => file.endsWith(".ts"));
  const cited = (pattern: RegExp): readonly string[] => {
    const found = new Set<string>();
    for (const file of sources) {
      const text = readFileSync(join(root, "src", file), "utf8").replaceAll(/\n\s*\*?\s*/g, " ");
      for (const [whole] of text.matchAll(pattern)) {
        for (const [name] of whole.matchAll(/\b[A-Z]\d+\b|\b\d+\b/g)) found.add(name);
      }
    }
    return [...found].sort();
  };

  test("rows of the threat model", () => {
    const rows = tableBelow(readDocument("docs/threat-model.md"), "Rows").map(([id]) => codeIn(id));
    expect(cited(/SECURITY (?:row )?[A-Z]\d+(?:, [A-Z]\d+)*/g).filter((id) => !rows.includes(id))).toEqual(
      [],
    );
  });

  test("rules, flaws and notes of the protocol", () => {
    const protocol = readDocument("docs/protocol.md");
    const flaws = tableBelow(protocol, "2. The flaws they answer").map(([id]) => id);
    const rules = [...protocol.prose.matchAll(/^(\d+)\. \*\*/gm)].map(([, number]) => number);
    const notes = [...protocol.prose.matchAll(/^- \*\*(P\d+),/gm)].map(([, id]) => id);
    expect(cited(/flaw F\d+/g).filter((id) => !flaws.includes(id))).toEqual([]);
    expect(cited(/PROTOCOL rules? \d+/g).filter((id) => !rules.includes(id))).toEqual([]);
    expect(cited(/PROTOCOL P\d+/g).filter((id) => !notes.includes(id))).toEqual([]);
  });
});

test("pictures are pictures", () => {
  for (const document of documents) {
    for (const { target } of document.links.filter(({ target: path }) => path.endsWith(".png"))) {
      const file = join(root, normalize(join(dirname(document.path), target)));
      expect(existsSync(file) ? statSync(file).size : 0, target).toBeGreaterThan(1000);
    }
  }
});
