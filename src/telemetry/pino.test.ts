import { Writable } from "node:stream";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { createSessions } from "../create-sessions.ts";
import { InvalidArgumentError } from "../errors.ts";
import { memoryStore } from "../stores/memory.ts";
import { TEST_ORIGIN, TestBrowser } from "../testing/browser.ts";
import type { AuditOptions } from "./audit.ts";
import { type DetailPart, NAMES, TREATMENTS } from "./audit-fields.ts";
import { logSessions, type StructuredLogger } from "./pino.ts";

const POST = { method: "POST" } as const;

function logged(options?: AuditOptions, level = "debug") {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const sessions = createSessions<Record<string, unknown>>({
    store: memoryStore(),
    origin: TEST_ORIGIN,
    mode: "development",
  });
  const stop = logSessions(sessions, pino({ level }, stream), options);
  return { sessions, lines, stop, tab: new TestBrowser(sessions) };
}

describe("a log by pino", () => {
  it("has no name for itself that a record uses too", () => {
    const names = Object.keys(TREATMENTS).map((part) => NAMES[part as DetailPart] ?? part);
    for (const own of ["level", "time", "pid", "hostname", "msg", "name", "err"])
      expect(names).not.toContain(own);
  });

  it("has one line an event, at the level of its severity, with one time and no name twice", async () => {
    const { lines, tab } = logged({ include: ["user"] });
    await tab.visit((session) => session.login("ada"), POST);
    await tab.visit((session) => session.set("x", 1), {
      ...POST,
      headers: { "sec-fetch-site": "cross-site" },
    });
    const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(parsed).toEqual([
      expect.objectContaining({ level: 30, event: "session.created", user: "ada", msg: "session created" }),
      expect.objectContaining({
        level: 40,
        event: "session.csrf_denied",
        reason: "cross_origin",
        msg: "session csrf denied",
      }),
    ]);
    for (const line of lines) {
      const names = [...line.matchAll(/"([a-z]+)":/gi)].map(([, name]) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(line.indexOf("\n")).toBe(line.length - 1);
    }
  });

  it("can be a child's, and measures where debugging is on", async () => {
    const { lines, stop, tab, sessions } = logged({ events: ["storeCall"] });
    await tab.visit((session) => session.login("ada"), POST);
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ level: 20, operation: "create", outcome: "ok" });
    stop();
    const quiet = logged({ events: ["storeCall"] }, "info");
    await quiet.tab.visit((session) => session.login("ada"), POST);
    expect(quiet.lines).toEqual([]);
    const child: StructuredLogger = pino({ level: "silent" }).child({ part: "sessions" });
    expect(() => logSessions(sessions, child)).not.toThrow();
  });

  it("is refused with a logger of another shape", () => {
    const { sessions } = logged();
    for (const logger of [undefined, {}, { info: () => {}, warn: () => {} }])
      expect(() => Reflect.apply(logSessions, null, [sessions, logger])).toThrow(InvalidArgumentError);
  });

  it("asks no debugging of a logger that has none", async () => {
    const { sessions, tab } = logged();
    const fine = (): void => {};
    logSessions(sessions, { info: fine, warn: fine, error: fine }, { events: ["storeCall"] });
    expect((await tab.visit((session) => session.login("ada"), POST)).status).toBe(200);
  });
});
