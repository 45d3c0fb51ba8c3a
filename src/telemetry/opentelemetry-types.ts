/**
 * What is used of OpenTelemetry: the shapes of its API (1.x), so that nothing of it is loaded here. A `Meter` and a
 * `Tracer` of `@opentelemetry/api` fit as they are.
 */

export type MetricAttributes = Record<string, string>;

export interface MetricCounter {
  add(value: number, attributes?: MetricAttributes): void;
}

export interface MetricHistogram {
  record(value: number, attributes?: MetricAttributes): void;
}

export interface InstrumentOptions {
  readonly description: string;
  readonly unit: string;
  readonly advice?: { readonly explicitBucketBoundaries: number[] };
}

export interface MetricMeter {
  createCounter(name: string, options: InstrumentOptions): MetricCounter;
  createHistogram(name: string, options: InstrumentOptions): MetricHistogram;
}

export interface TraceSpan {
  setStatus(status: { readonly code: number }): unknown;
  /** Milliseconds since the epoch. */
  end(endTime?: number): void;
}

export interface SpanStart {
  readonly startTime: number;
  readonly attributes: Record<string, string | number>;
}

export interface SpanTracer {
  /** Under the span that is active where it is called. */
  startSpan(name: string, options: SpanStart): TraceSpan;
}
