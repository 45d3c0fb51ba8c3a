// Turns the TypeScript of the documents into files that compile, and compiles them against the sources.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root, run } from "../../support/consumer.ts";
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

/** Compiles all documents as one strict program. The complaints, by document. */
export async function compile(documents: readonly Document[]): Promise<ReadonlyMap<string, string[]>> {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-docs-"));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  try {
    for (const document of documents)
      for (const [name, text] of filesOf(document)) write(`${document.path}/${name}`, text);
    write("prelude.d.ts", PRELUDE);
    write("express-session.d.ts", readFileSync(join(root, "test/support/express-session.d.ts"), "utf8"));
    write("package.json", '{ "type": "module" }');
    write("tsconfig.json", JSON.stringify({ compilerOptions: settings(), include: ["."] }));
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
    const tsc = [join(root, "node_modules/typescript/bin/tsc"), "--pretty", "false"];
    return byDocument(documents, (await run(process.execPath, tsc, folder)).output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Complaints of no document are everybody's. */
function byDocument(documents: readonly Document[], output: string): ReadonlyMap<string, string[]> {
  const complaints = new Map<string, string[]>(documents.map(({ path }) => [path, []]));
  for (const line of output.split("\n").filter((text) => text !== "")) {
    const own = documents.filter(({ path }) => line.startsWith(`${path}/`));
    for (const { path } of own.length > 0 ? own : documents) complaints.get(path)?.push(line);
  }
  return complaints;
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
      "sojourn/headers": source("headers/index.ts"),
      "sojourn/audit": source("telemetry/audit.ts"),
      "sojourn/pino": source("telemetry/pino.ts"),
      "sojourn/opentelemetry": source("telemetry/opentelemetry.ts"),
      "sojourn/stores/*": source("stores/*.ts"),
      "sojourn/transports/*": source("transports/*.ts"),
      "sojourn/codecs/*": source("codecs/*.ts"),
      "sojourn/devices": source("devices/index.ts"),
      "sojourn/testing": source("testing/index.ts"),
      "sojourn/*": source("adapters/*.ts"),
      "koa-bodyparser": [join(root, "test/support/koa-bodyparser.d.ts")],
    },
  };
}
