// docs/audit.md: the table of events against the code, both ways, and its programs, run as they stand.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EVENTS } from "../../src/core/event-table.ts";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { codeIn, tableBelow } from "./support/tables.ts";
import { createWorkspace } from "./support/workspace.ts";

const page = readDocument("docs/audit.md");
const rows = tableBelow(page, "The events");

describe("the table of events", () => {
  test("has every event with its name and severity, and no other", () => {
    const listed = rows.map(([event, name, severity]) => [codeIn(event), [codeIn(name), codeIn(severity)]]);
    const known = Object.entries(EVENTS).map(([event, { name, severity }]) => [event, [name, severity]]);
    expect(listed.length).toBe(known.length);
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(known));
  });

  test("says of each when it is told", () => {
    for (const [event, , , when = ""] of rows) expect(when.length, event).toBeGreaterThan(15);
  });

  test("gives no two events one name", () => {
    const names = Object.values(EVENTS).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^session\.[a-z]+(?:_[a-z]+)*$/);
  });
});

/** What an application sets up by itself: providers that keep in memory what they are given. */
const PROVIDERS = `import { metrics, trace } from "@opentelemetry/api";
import { InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
const spans = new InMemorySpanExporter();
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
const exporter = new InMemoryMetricExporter(1);
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e9 });
const provider = new MeterProvider({ readers: [reader] });
metrics.setGlobalMeterProvider(provider);
export const finished = () => spans.getFinishedSpans().map(({ name }) => name);
export async function points() {
  await provider.forceFlush();
  const all = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
  await provider.shutdown();
  return all.flatMap(({ metrics }) => metrics.map(({ descriptor }) => descriptor.name));
}`;

describe("the programs", () => {
  const workspace = createWorkspace(filesOf(page), [
    "pino",
    "@opentelemetry/api",
    "@opentelemetry/sdk-metrics",
    "@opentelemetry/sdk-trace-base",
  ]);
  beforeAll(async () => {
    await workspace.write("provided.ts", PROVIDERS);
    await workspace.write("key.ts", 'process.env.AUDIT_KEY = "a key of this test alone";');
  });
  afterAll(() => workspace[Symbol.asyncDispose]());

  /** Signs somebody in and out behind the program of the page, and closes. */
  async function scenario(name: string, imports: string, ending = ""): Promise<string> {
    await workspace.write(
      `run-${name}.ts`,
      `${imports}
       import { TestBrowser } from "sojourn/testing";
       import { sessions } from "./sessions.ts";
       const tab = new TestBrowser(sessions);
       await tab.visit((session) => session.login("joan"), { method: "POST" });
       await tab.visit((session) => session.userId);
       await tab.visit((session) => session.logout(), { method: "POST" });
       ${ending}
       await sessions.close();`,
    );
    const { code, output, stdout } = await workspace.node(`run-${name}.ts`);
    expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
    return stdout;
  }

  test("write a trail, whose people are found by their digest", async () => {
    const shown = await scenario(
      "trail",
      'import "./key.ts"; import { stop } from "./trail.ts"; import { nameOf } from "./look-up.ts";',
      'stop(); console.log(nameOf("joan"));',
    );
    const lines = readFileSync(join(workspace.folder, "audit.jsonl"), "utf8").trim().split("\n");
    const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records.map(({ event, user }) => [event, user])).toEqual([
      ["session.created", shown.trim()],
      ["session.ended", shown.trim()],
    ]);
    expect(Object.keys(records[1] ?? {})).toEqual([
      "time",
      "event",
      "severity",
      "session",
      "user",
      "loginLevel",
      "reason",
      "by",
    ]);
  });

  test("look nobody up by a key that everybody knows", async () => {
    await workspace.write("keyless.ts", 'import { nameOf } from "./look-up.ts"; nameOf("joan");');
    const { code, output } = await workspace.node("keyless.ts");
    expect(code).not.toBe(0);
    expect(output).toContain("InvalidOptionError");
  });

  test("go on writing after a line that could not be written", async () => {
    await workspace.write(
      "full.ts",
      `import { mkdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
       import { TestBrowser } from "sojourn/testing";
       import { sessions } from "./sessions.ts";
       import { flushed } from "./trail.ts";
       rmSync("audit.jsonl", { force: true });
       mkdirSync("audit.jsonl");
       const tab = new TestBrowser(sessions);
       await tab.visit((session) => session.login("joan"), { method: "POST" });
       await flushed().catch(() => {});
       rmdirSync("audit.jsonl");
       await tab.visit((session) => session.logout(), { method: "POST" });
       await flushed();
       console.log(JSON.parse(readFileSync("audit.jsonl", "utf8")).event);
       await sessions.close();`,
    );
    expect(await workspace.node("full.ts")).toMatchObject({ code: 0, stdout: "session.ended\n" });
  });

  test("log by pino", async () => {
    const lines = (await scenario("log", 'import "./log.ts";')).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ level: 30, event: "session.created", msg: "session created" }),
      expect.objectContaining({ level: 30, event: "session.ended", reason: "logged-out" }),
    ]);
  });

  test("measure by OpenTelemetry, with the metrics and spans of the tables", async () => {
    const shown = await scenario(
      "telemetry",
      'import { finished, points } from "./provided.ts"; import "./telemetry.ts";',
      "console.log(JSON.stringify([finished(), await points()]));",
    );
    const [spans, metrics] = JSON.parse(shown) as [string[], string[]];
    const tables = page.prose.slice(
      page.prose.indexOf("## OpenTelemetry"),
      page.prose.indexOf("## Guessing"),
    );
    const listed = [...tables.matchAll(/^\| `(sojourn\.[a-z.]+)`/gm)].map(([, name = ""]) => name);
    expect(new Set(spans)).toEqual(new Set(["sojourn.load"]));
    expect(metrics).toEqual(
      expect.arrayContaining(["sojourn.sessions.created", "sojourn.store.call.duration"]),
    );
    for (const name of [...spans, ...metrics]) expect(listed).toContain(name);
  });
});
