// Turns the TypeScript of a document into files that compile, and compiles them against the sources.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Ran, root, run } from "../../support/consumer.ts";
import type { Block, Document } from "./documents.ts";

/** What a block without a name takes for granted: a shop on Express, as in the README. */
const PRELUDE = `
import type { Express, Request, Response } from "express";
import type { Session, Sessions } from "sojourn";
interface Shop { cart: string[]; theme?: "light" | "dark" | undefined; oauthState?: string | undefined }
declare global {
  const app: Express;
  const req: Request;
  const res: Response;
  const sessions: Sessions<Shop>;
  const session: Session<Shop>;
  const userId: string;
  const id: string;
}
`;

/** The files of a document: those it names, and each nameless block wrapped as a function. */
export function filesOf(document: Document): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const block of document.blocks.filter((candidate) => candidate.language === "ts")) {
    const where = `${document.path}:${block.line}`;
    if (block.file !== null) {
      if (files.has(block.file)) throw new Error(`${where}: there is a file ${block.file} already`);
      files.set(block.file, block.text);
    } else if (block.continues !== null) {
      const begun = files.get(block.continues);
      if (begun === undefined) throw new Error(`${where}: there is no file ${block.continues} to continue`);
      files.set(block.continues, `${begun}\n${block.text}`);
    } else files.set(`block-at-line-${block.line}.ts`, wrapped(block));
  }
  return files;
}

/** Imports stay on top; the rest may await and sees the prelude. */
function wrapped(block: Block): string {
  const lines = block.text.split("\n");
  const imports = lines.filter((line) => line.startsWith("import "));
  const rest = lines.filter((line) => !line.startsWith("import "));
  return [...imports, "export async function example(): Promise<void> {", ...rest, "}", ""].join("\n");
}

/** Compiles the files of one document as one program, strictly. */
export async function compile(document: Document): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-docs-"));
  try {
    for (const [name, text] of [...filesOf(document), ["prelude.d.ts", PRELUDE] as const]) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions: settings(), include: ["."] }),
    );
    return await run(
      process.execPath,
      [join(root, "node_modules/typescript/bin/tsc"), "--pretty", "false"],
      folder,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function settings(): object {
  const source = (path: string): [string] => [join(root, "src", path)];
  return {
    module: "nodenext",
    target: "es2023",
    lib: ["es2024", "esnext.disposable"],
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
    // The package's own name means its sources, so that checking needs no build.
    paths: {
      sojourn: source("index.ts"),
      "sojourn/express/merge": source("adapters/express-merge.ts"),
      "sojourn/stores/*": source("stores/*.ts"),
      "sojourn/testing": source("testing/index.ts"),
      "sojourn/*": source("adapters/*.ts"),
    },
  };
}
