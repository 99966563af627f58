import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import type { MetricData } from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";

class ManualReader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

export type Labels = Readonly<Record<string, string>>;

/** The SDK, exporting into memory. */
export class Collected {
  readonly #reader = new ManualReader();
  readonly #spans = new InMemorySpanExporter();
  readonly #started: ReadableSpan[] = [];
  readonly meterProvider: MeterProvider = new MeterProvider({ readers: [this.#reader] });
  readonly tracerProvider: BasicTracerProvider = new BasicTracerProvider({
    spanProcessors: [
      new SimpleSpanProcessor(this.#spans),
      {
        onStart: (span) => void this.#started.push(span),
        onEnd: () => undefined,
        forceFlush: () => Promise.resolve(),
        shutdown: () => Promise.resolve(),
      },
    ],
  });

  /** All metrics as they are now. */
  async metrics(): Promise<readonly MetricData[]> {
    const { resourceMetrics, errors } = await this.#reader.collect();
    if (errors.length > 0) throw errors[0] as Error;
    return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
  }

  /** A function that gives the value of a metric in the series with these attributes. */
  async values(): Promise<(name: string, labels?: Labels) => number | undefined> {
    const metrics = await this.metrics();
    return (name, labels = {}) => {
      const points = metrics.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [];
      const found = points.filter(({ attributes }) =>
        Object.entries(labels).every(([key, value]) => attributes[key] === value),
      );
      if (found.length > 1) throw new Error(`${name} has ${found.length} such series`);
      return found[0]?.value as number | undefined;
    };
  }

  /** Spans that were begun. */
  get started(): readonly ReadableSpan[] {
    return this.#started;
  }

  /** Spans that have ended, in the order of their ends. */
  get ended(): readonly ReadableSpan[] {
    return this.#spans.getFinishedSpans();
  }
}
