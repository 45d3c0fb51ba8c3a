// The published declarations, compiled by consumers on every supported TypeScript, without skipLibCheck.
import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Consumer, createConsumer, root } from "../support/consumer.ts";

const COMPILERS = { "5.9.3": "typescript-5.9", "6.0.3": "typescript-6", "7.0.2": "typescript" };

const NODENEXT = { module: "nodenext", lib: ["es2023"], exactOptionalPropertyTypes: true };
const BUNDLER = { module: "esnext", moduleResolution: "bundler", lib: ["es2023", "dom", "dom.iterable"] };

/** A server without the DOM, an application with it behind a bundler, and one that merges types program-wide. */
const PROGRAMS = {
  "main.nodenext": { folder: "main", settings: NODENEXT },
  "main.bundler": { folder: "main", settings: BUNDLER },
  merged: { folder: "merged", settings: NODENEXT },
};

/** Here content-disposition is Express's. An application on Koa has an older one, whose types @types/koa is made for. */
const LENT = {
  "content-disposition": [join(root, "node_modules/@types/content-disposition/index.d.ts")],
};

let consumer: Consumer;
beforeAll(async () => {
  consumer = await createConsumer([
    "zod",
    "valibot",
    "arktype",
    "express",
    "fastify",
    "hono",
    "koa",
    "@types/node",
    "@types/express",
    "@types/koa",
  ]);
  cpSync(join(root, "test/types/fixture"), consumer.folder, { recursive: true });
  for (const [name, { folder, settings }] of Object.entries(PROGRAMS)) {
    const compilerOptions = {
      target: "es2023",
      strict: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      skipLibCheck: false,
      types: ["node"],
      paths: LENT,
      ...settings,
    };
    await consumer.write(`tsconfig.${name}.json`, JSON.stringify({ compilerOptions, include: [folder] }));
  }
});
afterAll(() => consumer?.[Symbol.asyncDispose]());

describe.concurrent.each(Object.entries(COMPILERS))("TypeScript %s", (version, installedAs) => {
  const tsc = join(root, "node_modules", installedAs, "bin/tsc");

  test("is the version it is meant to be", async ({ expect }) => {
    expect((await consumer.node(tsc, "--version")).stdout.trim()).toBe(`Version ${version}`);
  });

  test.each(Object.keys(PROGRAMS))("compiles the program %s", async (name) => {
    const { code, output } = await consumer.node(tsc, "--project", `tsconfig.${name}.json`);
    expect({ code, output }).toEqual({ code: 0, output: "" });
  });
});
