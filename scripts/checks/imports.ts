// Reads the imports of a source or built file. Uses the TypeScript 6 parser: version 7 has no stable API for it.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import ts from "typescript-6";

export interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/**
 * Every import and re-export of a file: `specifier`, and whether it is erased at build (`import type`).
 * `import("x")` counts as an import when it is an expression and as a type import when it is a type.
 */
export function importsOf(file: string): Import[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest);
  const found: Import[] = [];
  const add = (node: ts.Node | undefined, typeOnly: boolean): void => {
    // A specifier that is not a plain string cannot be checked, so it is reported as what it is.
    const specifier = node && ts.isStringLiteralLike(node) ? node.text : "(computed)";
    found.push({ specifier, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
      add(node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isImportTypeNode(node)) {
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false);
    } else if (ts.isCallExpression(node) && isRequire(node.expression)) {
      add(node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** `require(x)` of createRequire, and `process.getBuiltinModule(x)`, load modules too. */
function isRequire(expression: ts.Expression): boolean {
  if (ts.isIdentifier(expression)) return expression.text === "require";
  return ts.isPropertyAccessExpression(expression) && expression.name.text === "getBuiltinModule";
}

/** All files under a folder, as paths relative to it with forward slashes, sorted. */
export function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, "/"))
    .sort();
}
