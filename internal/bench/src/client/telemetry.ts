import { instrument } from "@oath-ws/telemetry";
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

/** How often metrics are collected: more often than a usual scrape. */
const INTERVAL_MS = 1_000;

/** Switches metrics and spans on for the whole process, before its first connection. */
export function startTelemetry(): void {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: INTERVAL_MS,
    exportTimeoutMillis: INTERVAL_MS,
  });
  instrument({
    meterProvider: new MeterProvider({ readers: [reader] }),
    tracerProvider: new BasicTracerProvider({
      spanProcessors: [new SimpleSpanProcessor(new InMemorySpanExporter())],
    }),
  });
  setInterval(() => exporter.reset(), 10 * INTERVAL_MS).unref();
}
