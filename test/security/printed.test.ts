/**
 * A whole life of sessions, and everything that was printed of it: events, audit records, logs, spans, metrics, console,
 * warnings, errors, explanations, settings. No secret made in it stands there in any form, and nothing about a person
 * (rows A1, A2, A4).
 */
import { setImmediate } from "node:timers/promises";
import { inspect } from "node:util";
import { trace } from "@opentelemetry/api";
import {
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { encrypted, newKey } from "../../src/codecs/encrypted.ts";
import { json } from "../../src/codecs/json.ts";
import { EVENT_NAMES, EVENTS } from "../../src/core/event-table.ts";
import { createSessions } from "../../src/create-sessions.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { type AuditRecord, auditSessions } from "../../src/telemetry/audit.ts";
import { measureSessions } from "../../src/telemetry/opentelemetry.ts";
import { logSessions } from "../../src/telemetry/pino.ts";
import { TEST_ORIGIN, TestBrowser, type VisitOptions } from "../../src/testing/browser.ts";
import { fakeClock, seededRandom } from "../../src/testing/clock.ts";
import { withFaults } from "../../src/testing/faulty-store.ts";
import { findIn, formsOfBytes, formsOfText } from "./support/forms.ts";

const MINUTE = 60_000;
const PERSON = {
  user: "ada.lovelace@example.com",
  other: "grace.hopper@example.com",
  label: "the laptop in the kitchen",
  agent: "Mozilla/5.0 (Machine; of Ada) Firefox/99.0",
  address: "192.0.2.1",
  network: "192.0.2.0",
  browser: "Lovelace Navigator",
} as const;
const KEPT = "a card number 4000-1234-5678-9010";

interface Printed {
  /** By where it was printed. */
  readonly texts: Map<string, string[]>;
  readonly secrets: Map<string, readonly string[]>;
  readonly order: string[];
}

async function live(): Promise<Printed> {
  const texts = new Map<string, string[]>();
  const order: string[] = [];
  const ids = new Set<string>();
  const drawn: Uint8Array[] = [];
  const cookies = new Set<string>();
  const csrfTokens = new Set<string>();
  const print = (where: string, ...what: readonly unknown[]): void => {
    const shown = what.map((one) =>
      typeof one === "string"
        ? one
        : `${inspect(one, { depth: 20, showHidden: true, maxArrayLength: null })}`,
    );
    texts.set(where, [...(texts.get(where) ?? []), ...shown]);
  };

  // What the process prints.
  const spies = (["log", "info", "warn", "error", "debug"] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((...words) => print("console", ...words)),
  );
  const onWarning = (warning: Error): void => print("warnings", warning);
  process.on("warning", onWarning);

  const random = seededRandom(7);
  const clock = fakeClock();
  const { store, faults } = withFaults(memoryStore());
  const [key, auditKey] = [newKey(), "the key of the audit trail"];
  const sessions = createSessions<Record<string, unknown>>({
    store,
    origin: TEST_ORIGIN,
    mode: "development",
    accept: ["random", "clock"],
    clock: clock.now,
    random(bytes) {
      const made = random(bytes);
      if (bytes >= 16) drawn.push(Uint8Array.from(made));
      return made;
    },
    codec: encrypted(json, [key]),
    devices: () => ({ browser: PERSON.browser, system: null, form: null }),
    addresses: true,
    sessionsPerUser: { max: 2, over: "evict-oldest" },
    onTheft: "end",
  });

  // Whoever listens.
  for (const event of EVENT_NAMES) {
    sessions.on(event, (detail, context) => {
      print("events", detail, context, JSON.stringify([detail, context]));
      if ("id" in detail && detail.id !== null) ids.add(detail.id);
      if (EVENTS[event].severity === "debug" && event !== "rotated") return;
      const parts = [
        "userId" in detail ? (detail.userId ?? "-") : "",
        "actor" in detail && detail.actor !== null ? `for whom ${detail.actor} acts` : "",
        "reason" in detail ? detail.reason : "operation" in detail ? detail.operation : "",
        "by" in detail && detail.by !== null ? `by ${detail.by}` : "",
      ];
      const line = [EVENTS[event].name, ...parts].filter(Boolean).join(" ");
      order.push(line.replaceAll(PERSON.user, "ada").replaceAll(PERSON.other, "grace"));
    });
  }
  sessions.on("headersSent", () => {
    throw new Error("a broken listener");
  });
  const note = (record: AuditRecord): void => print("audit", record, JSON.stringify(record));
  const stops = [
    auditSessions(sessions, note, { key: auditKey }),
    auditSessions(sessions, note, { events: EVENT_NAMES, perMinute: 1 }),
    logSessions(sessions, pino({ level: "trace" }, { write: (line) => print("pino", line) }), {
      events: EVENT_NAMES,
    }),
  ];
  const spans = new InMemorySpanExporter();
  const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const metrics = new InMemoryMetricExporter(1);
  const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 2 ** 30 });
  const meters = new MeterProvider({ readers: [reader] });
  stops.push(
    measureSessions(sessions, { meter: meters.getMeter("sojourn"), tracer: tracers.getTracer("sojourn") }),
  );

  // A life.
  const [ada, grace] = [new TestBrowser(sessions), new TestBrowser(sessions)];
  async function visit(
    tab: TestBrowser,
    handler: Parameters<TestBrowser["visit"]>[0],
    options: VisitOptions = {},
  ) {
    for (const value of tab.jar.values()) cookies.add(value);
    const visited = await tab.visit(
      async (session, request) => {
        const explained = await sessions.explain(request);
        if (sessions.of(request)) csrfTokens.add(session.csrfToken());
        const value = await handler(session, request);
        print("explanations", explained);
        print("handles", session, request, session.csrfToken === undefined);
        return value;
      },
      { ...options, headers: { "user-agent": PERSON.agent, ...options.headers } },
    );
    for (const value of tab.jar.values()) cookies.add(value);
    for (const [, value] of visited.headers.set) csrfTokens.add(value);
    if (visited.error) print("errors", visited.error, String(visited.error.stack));
    return visited;
  }
  const post = { method: "POST" } as const;
  const forged = { ...post, headers: { "sec-fetch-site": "cross-site", origin: "https://evil.example" } };

  await visit(ada, (session) => session.set("cart", [KEPT]), post);
  await visit(ada, (session) => session.login(PERSON.user, { label: PERSON.label }), post);
  clock.advance(16 * MINUTE);
  await visit(ada, (session) => session.userId);
  await visit(ada, (session) => session.userId);
  await visit(ada, (session) => session.renew(), post);
  await visit(ada, (session) => session.set("card", KEPT), forged);
  await visit(ada, () => {}, { ...post, headers: { "x-csrf-token": "stale" } });
  const { value: late } = await visit(ada, (session) => () => session.set("late", KEPT), post);
  expect(late as () => void).toThrow(/after the response headers/);
  clock.advance(16 * MINUTE);
  const thief = ada.copy();
  await visit(ada, (session) => session.userId);
  await visit(ada, (session) => session.userId);
  clock.advance(2 * MINUTE);
  await visit(thief, (session) => session.userId);
  await visit(ada, (session) => session.userId);
  await visit(ada, (session) => session.login(PERSON.user), post);
  const over = faults.outage();
  await visit(ada, (session) => session.userId);
  await expect(sessions.revokeAll(PERSON.user)).rejects.toThrow(/revoke|deleteByUser/);
  over();
  await visit(ada, (session) => session.set("much", "x".repeat(70_000)), post);
  await visit(ada, (session) => session.set("odd", () => KEPT), post);
  await visit(ada, (session) => session.logout(), post);
  for (let time = 0; time < 3; time++) {
    clock.advance(1);
    await visit(new TestBrowser(sessions), (session) => session.login(PERSON.user), post);
  }
  await sessions.revokeAll(PERSON.user, { by: PERSON.other });
  clock.advance(1);
  await visit(ada, (session) => session.login(PERSON.user, { label: PERSON.label }), post);
  await sessions.erase(PERSON.user, { by: PERSON.other });
  await visit(ada, (session) => session.userId);
  const guess = grace.copy();
  guess.jar.set("__Host-Http-sid", Buffer.from(seededRandom(8)(48)).toString("base64url"));
  await visit(guess, (session) => session.userId);
  guess.jar.set("__Host-Http-sid", "junk");
  await visit(guess, (session) => session.userId);
  await visit(grace, (session) => session.beginSecondFactor(PERSON.other), post);
  await visit(grace, (session) => session.handoff("google", { state: KEPT }), post);
  await visit(grace, (session) => session.login(PERSON.other), post);
  clock.advance(1);
  await visit(grace, (session) => session.actAs(PERSON.user, { label: PERSON.label }), post);
  const { value: acted } = await visit(grace, (session) => () => session.set("late", KEPT), post);
  expect(acted as () => void).toThrow(/after the response headers/);
  await visit(grace, (session) => session.stopActing(), post);
  clock.advance(60 * MINUTE);
  await sessions.sweep();

  for (const stop of stops) stop();
  await meters.forceFlush();
  print(
    "spans",
    ...spans
      .getFinishedSpans()
      .map(({ name, attributes, status, events }) => ({ name, attributes, status, events })),
  );
  print("metrics", ...metrics.getMetrics());
  print("settings", sessions.describe(), sessions.counts(), sessions, store.name);
  await sessions.close();
  await setImmediate();
  process.off("warning", onWarning);
  for (const spy of spies) spy.mockRestore();
  trace.disable();

  const secrets = new Map<string, readonly string[]>();
  for (const [at, bytes] of drawn.entries()) {
    if (!ids.has(Buffer.from(bytes).toString("base64url"))) secrets.set(`random ${at}`, formsOfBytes(bytes));
  }
  for (const [at, value] of [...cookies].entries()) secrets.set(`cookie ${at}`, formsOfCookie(value));
  for (const [at, value] of [...csrfTokens].entries()) secrets.set(`csrf ${at}`, formsOfText(value));
  secrets.set("encryption key", [
    ...formsOfText(key),
    ...formsOfBytes(Buffer.from(key.split(":").at(-1) ?? "", "base64url")),
  ]);
  secrets.set("audit key", formsOfText(auditKey));
  secrets.set("data", formsOfText(KEPT));
  return { texts, secrets, order };
}

/** Without the public id in front, where it is a token. */
function formsOfCookie(value: string): readonly string[] {
  const bytes = Buffer.from(value, "base64url");
  const isToken = value.length === 64 && bytes.length === 48;
  return [value, ...formsOfBytes(isToken ? bytes.subarray(16) : bytes)];
}

describe("a whole life of sessions", () => {
  let printed: Printed;
  beforeAll(async () => {
    printed = await live();
  });
  afterAll(() => vi.restoreAllMocks());

  it("is told event by event, in order, with who did it", () => {
    expect(printed.order).toEqual([
      "session.created -",
      "session.ended - replaced by ada",
      "session.created ada",
      "session.rotated ada",
      "session.renewed ada",
      "session.csrf_denied cross_origin",
      "session.csrf_denied token_invalid",
      "session.headers_sent ada set",
      "session.rotated ada",
      "session.theft ada",
      "session.ended ada theft",
      "session.rejected ada theft",
      "session.rejected - theft",
      "session.rejected - theft",
      "session.created ada",
      "session.store_failed load",
      "session.store_failed deleteByUser",
      "session.ended ada logged-out by ada",
      "session.created ada",
      "session.created ada",
      "session.limit_reached ada",
      "session.ended ada limit by ada",
      "session.created ada",
      "session.ended ada revoked by grace",
      "session.ended ada revoked by grace",
      "session.created ada",
      "session.ended ada revoked by grace",
      "session.rejected - revoked",
      "session.rejected - unknown",
      "session.rejected - malformed",
      "session.created grace",
      "session.created ada for whom grace acts",
      "session.headers_sent ada set",
      "session.ended ada for whom grace acts logged-out by grace",
      "session.ended grace idle",
    ]);
  });

  it("prints something everywhere that is searched", () => {
    expect([...printed.texts.keys()].sort()).toEqual([
      "audit",
      "console",
      "errors",
      "events",
      "explanations",
      "handles",
      "metrics",
      "pino",
      "settings",
      "spans",
      "warnings",
    ]);
    expect(printed.secrets.size).toBeGreaterThan(50);
  });

  it("prints no secret that was made in it, in any form", () => {
    for (const [where, texts] of printed.texts)
      expect(findIn(texts.join("\n"), printed.secrets), where).toEqual([]);
  });

  it("prints nothing about a person; an event alone says whose session it is, and on what", () => {
    const personal = new Map(Object.entries(PERSON).map(([name, text]) => [name, formsOfText(text)]));
    for (const [where, texts] of printed.texts) {
      if (where === "events") for (const name of ["user", "other", "label", "browser"]) personal.delete(name);
      expect(findIn(texts.join("\n"), personal), where).toEqual([]);
      if (where === "events")
        for (const [name, text] of Object.entries(PERSON)) personal.set(name, formsOfText(text));
    }
  });
});

describe("the search", () => {
  const secret = seededRandom(9)(16);
  const token = Buffer.concat([seededRandom(10)(16), secret, seededRandom(11)(16)]);

  it.each<[string, string]>([
    ["in a cookie", `__Host-Http-sid=${token.toString("base64url")}; Path=/`],
    ["in a cookie, escaped for a URL", encodeURIComponent(`sid=${token.toString("base64")}`)],
    ["in base64 behind one more byte", Buffer.concat([Buffer.alloc(1), token]).toString("base64")],
    ["in base64 behind two more bytes", Buffer.concat([Buffer.alloc(2), token]).toString("base64")],
    ["in hex", token.toString("hex")],
    ["as bytes that Node prints", inspect(token)],
    [
      "as an array that Node prints",
      inspect(Uint8Array.from(token), { compact: true, breakLength: Infinity }),
    ],
    ["as JSON", JSON.stringify(token)],
    ["raw", token.toString("latin1")],
    ["raw, read as UTF-8", token.toString("utf8")],
    ["the first half alone", Buffer.from(secret.subarray(0, 8)).toString("hex")],
    ["the second half alone", Buffer.from(secret.subarray(8)).toString("hex")],
  ])("finds a secret %s", (_, text) => {
    expect(findIn(`before ${text} after`, new Map([["it", formsOfBytes(secret)]]))).not.toEqual([]);
  });

  it("finds a text that was escaped", () => {
    const wanted = new Map([["it", formsOfText("a=b c\n")]]);
    for (const text of ["a%3Db%20c%0A", '{"x":"a=b c\\n"}', Buffer.from("a=b c\n").toString("base64")])
      expect(findIn(text, wanted)).not.toEqual([]);
  });
});
