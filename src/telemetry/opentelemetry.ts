/**
 * OpenTelemetry: metrics and spans from the events of a manager. The meter and the tracer are yours; nothing of
 * OpenTelemetry is loaded here.
 */
import type { SessionAdmin } from "../core/manager-types.ts";
import { refuseUnknownKeys } from "../core/option-checks.ts";
import { InvalidOptionError } from "../errors.ts";
import { recordMetrics } from "./opentelemetry-metrics.ts";
import type { MetricMeter, SpanTracer } from "./opentelemetry-types.ts";

export type {
  InstrumentOptions,
  MetricAttributes,
  MetricCounter,
  MetricHistogram,
  MetricMeter,
  SpanStart,
  SpanTracer,
  TraceSpan,
} from "./opentelemetry-types.ts";

export interface TelemetryOptions {
  /** Metrics are recorded with it: `metrics.getMeter("sojourn")`. Default none. */
  readonly meter?: MetricMeter;
  /** Spans are made with it: `trace.getTracer("sojourn")`. Default none. */
  readonly tracer?: SpanTracer;
}

/** `SpanStatusCode.ERROR` of the OpenTelemetry API. */
const ERROR = 2;

/**
 * Measures a manager: counters and the store's latency with `meter`, a span for each load and commit with `tracer`, under
 * the span that is active in the request. What they throw reaches no request. The returned function stops it. Throws
 * `InvalidOptionError`, also for a provider in the place of either.
 */
export function measureSessions(sessions: Pick<SessionAdmin, "on">, options: TelemetryOptions): () => void {
  refuseUnknownKeys(options, ["meter", "tracer"], "");
  const { meter, tracer } = options;
  if (meter && typeof meter.createCounter !== "function") {
    throw new InvalidOptionError("meter", 'must be a meter, as metrics.getMeter("sojourn") gives it');
  }
  if (tracer && typeof tracer.startSpan !== "function") {
    throw new InvalidOptionError("tracer", 'must be a tracer, as trace.getTracer("sojourn") gives it');
  }
  const stops = [
    ...(meter ? recordMetrics(sessions, meter) : []),
    ...(tracer ? recordSpans(sessions, tracer) : []),
  ];
  return function stop(): void {
    for (const off of stops) off();
  };
}

/** Made when all is over, with the times as they were: an event is told where the request's own span is active. */
function recordSpans(sessions: Pick<SessionAdmin, "on">, tracer: SpanTracer): readonly (() => void)[] {
  function span(name: string, durationMs: number, attributes: Record<string, string | number>): void {
    const endTime = performance.timeOrigin + performance.now();
    const made = tracer.startSpan(name, { startTime: endTime - durationMs, attributes });
    if (attributes["sojourn.outcome"] === "failed") made.setStatus({ code: ERROR });
    made.end(endTime);
  }
  return [
    sessions.on("loaded", ({ outcome, durationMs }) =>
      span("sojourn.load", durationMs, { "sojourn.outcome": outcome }),
    ),
    sessions.on("committed", ({ outcome, replays, durationMs }) =>
      span("sojourn.commit", durationMs, { "sojourn.outcome": outcome, "sojourn.replays": replays }),
    ),
  ];
}
