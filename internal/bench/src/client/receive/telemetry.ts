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
import type { OpenReceiver } from "../receiver.js";
import { openDirectTakeReceiver } from "./stack.js";

/** How often metrics are collected: more often than anybody scrapes. */
const INTERVAL_MS = 1_000;

// This module is loaded for its row alone: everything is on from before the first connection.
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

/** As `direct-take`, with metrics and spans of OpenTelemetry. */
export const openReceiver: OpenReceiver = openDirectTakeReceiver;
