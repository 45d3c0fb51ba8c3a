// Every exported name is on the reference page under its entry, and nothing is there that is not exported.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript-6";
import { describe, expect, test } from "vitest";
import { root } from "../support/consumer.ts";
import { readDocument } from "./support/documents.ts";
import { codeIn, tableBelow } from "./support/tables.ts";

const page = readDocument("docs/reference.md");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  exports: Readonly<Record<string, string | { readonly default: string }>>;
};

const entries = Object.entries(manifest.exports).flatMap(([key, target]) =>
  typeof target === "string"
    ? []
    : [
        [
          `sojourn${key.slice(1)}`,
          target.default.replace("./dist/", "src/").replace(/\.js$/, ".ts"),
        ] as const,
      ],
);

function exportsOf(file: string): readonly string[] {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), "utf8"), ts.ScriptTarget.Latest);
  const names = source.statements.flatMap((statement): readonly string[] => {
    if (ts.isExportDeclaration(statement)) {
      const { exportClause } = statement;
      if (!exportClause || !ts.isNamedExports(exportClause)) throw new Error(`${file} exports names unseen`);
      return exportClause.elements.map((element) => element.name.text);
    }
    const isExported =
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    if (!isExported) return [];
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.map(({ name }) => name.getText(source));
    const { name } = statement as ts.FunctionDeclaration | ts.ClassDeclaration | ts.InterfaceDeclaration;
    if (!name) throw new Error(`${file} has an export without a name`);
    return [name.text];
  });
  return [...new Set(names)].sort();
}

describe("the reference", () => {
  test("has a heading for every entry of the package", () => {
    const headings = [...page.prose.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(entries.map(([entry]) => entry));
  });

  test.each(entries)("lists what %s exports", (entry, file) => {
    const exported = exportsOf(file);
    const listed = exported.length === 0 ? [] : tableBelow(page, entry).map(([name]) => codeIn(name));
    expect([...listed].sort()).toEqual(exported);
  });

  test("says of each what it is", () => {
    for (const [entry, file] of entries) {
      if (exportsOf(file).length === 0) continue;
      for (const [name, what = ""] of tableBelow(page, entry))
        expect(what.length, `${entry} ${name}`).toBeGreaterThan(5);
    }
  });
});
