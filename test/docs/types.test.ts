// Every TypeScript block of the documentation compiles, against the sources as they are.
import { beforeAll, describe, expect, test } from "vitest";
import { allDocuments } from "./support/documents.ts";
import { compile } from "./support/programs.ts";

const documents = allDocuments();

/** What a block may be. TypeScript has one name, so that no block escapes by another. */
const LANGUAGES = ["ts", "sh", "json", "html", "nginx", "caddyfile", "text", "mermaid", "css"];

test("every code block says what language it is in", () => {
  const others = documents.flatMap(({ path, blocks }) =>
    blocks.filter(({ language }) => !LANGUAGES.includes(language)).map(({ line }) => `${path}:${line}`),
  );
  expect(others).toEqual([]);
});

describe("the TypeScript in", () => {
  const withCode = documents.filter(({ blocks }) => blocks.some(({ language }) => language === "ts"));
  let complaints: ReadonlyMap<string, string[]>;
  beforeAll(async () => {
    complaints = await compile(withCode);
  });

  test.each(withCode.map(({ path }) => path))("%s compiles", (path) => {
    expect(complaints.get(path)).toEqual([]);
  });
});
