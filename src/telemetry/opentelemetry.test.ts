// Against OpenTelemetry's own SDK, with its exporters in memory and its context manager.
import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createSessions } from "../create-sessions.ts";
import { InvalidOptionError } from "../errors.ts";
import { memoryStore } from "../stores/memory.ts";
import { gate, TEST_ORIGIN, TestBrowser } from "../testing/browser.ts";
import { withFaults } from "../testing/faulty-store.ts";
import { measureSessions } from "./opentelemetry.ts";

const POST = { method: "POST" } as const;
const contexts = new AsyncLocalStorageContextManager().enable();
beforeAll(() => void context.setGlobalContextManager(contexts));
afterAll(() => context.disable());

function measured() {
  const { store, faults } = withFaults(memoryStore());
  const sessions = createSessions<Record<string, unknown>>({
    store,
    origin: TEST_ORIGIN,
    mode: "development",
  });
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 });
  const spans = new InMemorySpanExporter();
  const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const meters = new MeterProvider({ readers: [reader] });
  const tracer = tracers.getTracer("sojourn");
  const stop = measureSessions(sessions, { meter: meters.getMeter("sojourn"), tracer });

  /** Each data point as `name value {attributes}`. */
  async function points(): Promise<readonly string[]> {
    exporter.reset();
    await meters.forceFlush();
    return exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap(({ metrics }) => metrics)
      .flatMap(({ descriptor, dataPoints }) =>
        dataPoints.map(({ value, attributes }) => {
          const amount = typeof value === "number" ? value : value.count;
          const words = Object.values(attributes).map(String).join(" ");
          return `${descriptor.name} [${descriptor.unit}] ${amount} ${words}`.trim();
        }),
      );
  }

  /** Serves a visit as a server's instrumentation would: under a span of its own. */
  function served(name: string, act: () => Promise<unknown>): Promise<unknown> {
    const span = tracer.startSpan(name);
    return context.with(trace.setSpan(context.active(), span), act).finally(() => span.end());
  }

  return { sessions, faults, points, spans, served, stop, tab: new TestBrowser(sessions) };
}

describe("metrics", () => {
  it("count what is created, ended, rejected, refused and repeated, by kind and reason", async () => {
    const { sessions, points, tab } = measured();
    await tab.visit((session) => session.set("x", 1), POST);
    await tab.visit(async (session) => {
      await tab.copy().visit((sibling) => sibling.set("y", 2), POST);
      await tab.copy().visit((sibling) => sibling.set("z", 2), POST);
      session.set("x", 3);
    }, POST);
    await tab.visit((session) => session.login("ada"), POST);
    await tab.visit((session) => session.set("x", 1), {
      ...POST,
      headers: { "sec-fetch-site": "cross-site" },
    });
    await sessions.revokeAll("ada");
    await tab.visit((session) => session.userId);
    expect(await points()).toEqual(
      expect.arrayContaining([
        "sojourn.sessions.created [{session}] 1 visitor",
        "sojourn.sessions.created [{session}] 1 user",
        "sojourn.sessions.ended [{session}] 1 visitor replaced",
        "sojourn.sessions.ended [{session}] 1 user revoked",
        "sojourn.tokens.rejected [{token}] 1 revoked",
        "sojourn.csrf.denied [{request}] 1 cross_origin",
      ]),
    );
  });

  it("count conflicts and replays between processes", async () => {
    const { store } = withFaults(memoryStore());
    const make = () =>
      createSessions<Record<string, unknown>>({ store, origin: TEST_ORIGIN, mode: "development" });
    const [sessions, other] = [make(), make()];
    const counted = vi.fn();
    const counter = (name: string) => ({ add: (value: number) => void counted(name, value) });
    measureSessions(sessions, {
      meter: { createCounter: counter, createHistogram: () => ({ record: () => {} }) },
    });
    const tab = new TestBrowser(sessions);
    await tab.visit((session) => session.set("x", 1), POST);
    await tab.visit(async (session) => {
      await tab.copy(other).visit((sibling) => sibling.set("y", 2), POST);
      session.set("x", 3);
    }, POST);
    expect(counted.mock.calls.slice(1)).toEqual([
      ["sojourn.conflicts", 1],
      ["sojourn.replays", 1],
    ]);
  });

  it("tell the store's latency in seconds by store, operation and kind of error", async () => {
    const { points, faults, tab } = measured();
    await tab.visit((session) => session.login("ada"), POST);
    const over = faults.outage();
    await tab.visit((session) => session.userId);
    over();
    await tab.visit((session) => session.userId);
    expect(await points()).toEqual(
      expect.arrayContaining([
        "sojourn.store.call.duration [s] 1 memory create",
        "sojourn.store.call.duration [s] 1 memory load unavailable",
        "sojourn.store.call.duration [s] 1 memory load",
        "sojourn.store.failures [{failure}] 1 memory load unavailable",
      ]),
    );
  });
});

describe("spans", () => {
  it("of load and commit lie under the request's own, also when requests overlap", async () => {
    const { spans, served, tab } = measured();
    await tab.visit((session) => session.login("ada"), POST);
    spans.reset();
    const [first, second] = [gate(), gate()];
    const slow = served("POST /slow", () =>
      tab.copy().visit(async (session) => {
        first.open();
        await second.passed;
        session.set("slow", 1);
      }, POST),
    );
    await first.passed;
    await served("POST /fast", () => tab.copy().visit((session) => session.set("fast", 1), POST));
    second.open();
    await slow;
    const finished = spans.getFinishedSpans();
    const byId = new Map(finished.map((span) => [span.spanContext().spanId, span.name]));
    const tree = finished
      .filter(({ parentSpanContext }) => parentSpanContext)
      .map(({ name, parentSpanContext }) => `${byId.get(parentSpanContext?.spanId ?? "")} > ${name}`);
    expect(tree.sort((a, b) => a.localeCompare(b))).toEqual([
      "POST /fast > sojourn.commit",
      "POST /fast > sojourn.load",
      "POST /slow > sojourn.commit",
      "POST /slow > sojourn.load",
    ]);
  });

  it("tell how it went, and end after they began, within their parent", async () => {
    const { spans, served, faults, tab } = measured();
    await tab.visit((session) => session.login("ada"), POST);
    faults.next("load", "lost");
    await served("GET /", () => tab.visit((session) => session.userId));
    spans.getFinishedSpans();
    const [load, parent] = spans.getFinishedSpans().slice(-2);
    expect([load?.name, load?.status.code, load?.attributes]).toEqual([
      "sojourn.load",
      2,
      { "sojourn.outcome": "failed" },
    ]);
    const ms = ([seconds, nanos]: readonly [number, number] = [0, 0]) => seconds * 1000 + nanos / 1e6;
    expect(ms(load?.startTime)).toBeLessThanOrEqual(ms(load?.endTime));
    expect(ms(load?.startTime)).toBeGreaterThanOrEqual(ms(parent?.startTime) - 1);
  });

  it("are none for a request without a token, or one that wrote nothing", async () => {
    const { spans, tab, sessions } = measured();
    await new TestBrowser(sessions).visit((session) => session.userId);
    await tab.visit((session) => session.login("ada"), POST);
    spans.reset();
    await tab.visit((session) => session.userId);
    expect(spans.getFinishedSpans().map(({ name }) => name)).toEqual(["sojourn.load"]);
  });
});

describe("measuring", () => {
  it("stops", async () => {
    const { spans, points, stop, tab } = measured();
    stop();
    await tab.visit((session) => session.login("ada"), POST);
    expect([spans.getFinishedSpans(), await points()]).toEqual([[], []]);
  });

  it("takes what it knows and refuses what it does not", () => {
    const { sessions } = measured();
    expect(() => measureSessions(sessions, {})).not.toThrow();
    expect(() => measureSessions(sessions, { metre: 1 } as object)).toThrow(/metre/);
    const providers = { meter: new MeterProvider(), tracer: new BasicTracerProvider() };
    for (const [name, provider] of Object.entries(providers)) {
      expect(() => measureSessions(sessions, { [name]: provider } as object)).toThrow(InvalidOptionError);
    }
  });

  it("breaks no request when a tracer or a meter fails", async () => {
    const { sessions, tab } = measured();
    vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    measureSessions(sessions, {
      tracer: {
        startSpan: () => {
          throw new Error("no tracer");
        },
      },
    });
    await tab.visit((session) => session.login("ada"), POST);
    expect((await tab.visit((session) => session.userId)).value).toBe("ada");
    vi.restoreAllMocks();
  });
});
