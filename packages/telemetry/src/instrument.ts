import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { metrics, trace } from "@opentelemetry/api";
import type { MeterProvider, TracerProvider } from "@opentelemetry/api";
import { CONNECTION_CHANNEL, TRACE_CHANNEL } from "oath-ws";
import type { ConnectionMessage, ObservedConnection, TraceEvent, Tracer } from "oath-ws";
import { checkOptions, count, flag, must, objectWith, text } from "@oath-ws/venue-kit";
import type { OptionRules } from "@oath-ws/venue-kit";
import { SCOPE } from "./attributes.js";
import { checkArgument } from "./check-argument.js";
import { ConnectionMeter } from "./connection-meter.js";
import { ConnectionSpans } from "./connection-spans.js";
import { FeedMeter } from "./feed-meter.js";
import type { FeedTelemetry } from "./feed-telemetry.js";
import type { WatchedMarket } from "./feed-totals.js";

/** Options of {@link instrument}. */
export interface InstrumentOptions {
  /** Default: the global one, as it is now: call `instrument()` after the SDK was started. */
  readonly meterProvider?: MeterProvider | undefined;
  /** Default: the global one. */
  readonly tracerProvider?: TracerProvider | undefined;
  /**
   * Whether all connections of the process are watched, over its diagnostics channels. Default
   * true. With `false` use {@link Telemetry.connection} and {@link Telemetry.tracer}.
   */
  readonly channels?: boolean | undefined;
  /**
   * How many pairs of connection name and server, and how many venues, have series of their own;
   * all further ones share the series `OTHER`. Default 200.
   */
  readonly maxSeries?: number | undefined;
}

const MARKET = "must be an adapter with its connections";

const RULES: OptionRules<InstrumentOptions> = {
  meterProvider: objectWith("getMeter"),
  tracerProvider: objectWith("getTracer"),
  channels: flag,
  maxSeries: count,
};

/** What {@link instrument} gives. */
export interface Telemetry extends Disposable {
  /**
   * For stacks that are not announced on the channels: give it as `tracer`, and each connection of
   * `onConnection` to {@link connection}.
   */
  readonly tracer: Tracer;
  /**
   * Exports the figures of a connection until it has ended. Does nothing for one that is watched
   * already.
   *
   * @throws ConfigError for what is no connection
   */
  connection(observed: ObservedConnection): void;
  /**
   * Watches a venue's adapter, whose topics, books and calls are then given one by one.
   *
   * @param venue a short fixed name, the value of an attribute
   * @param market the adapter, for how many connections it has
   * @throws ConfigError for a name that is no string or empty
   */
  feed(venue: string, market?: WatchedMarket): FeedTelemetry;
  /**
   * Ends all spans, leaves the channels and observes nothing any more. The SDK goes on exporting
   * the last value of each metric until it is shut down: that is its rule. Idempotent.
   */
  stop(): void;
}

/**
 * Exports metrics and spans of oath-ws through OpenTelemetry. Connections that are opened from now
 * on with `open()`, `build()`, an adapter or a socket class are watched without a changed line;
 * call it before the first one. It never changes what a connection does, and keeps none alive that
 * came over the channels.
 *
 * @throws ConfigError that lists everything that is wrong with the options
 */
export function instrument(options: InstrumentOptions = {}): Telemetry {
  checkOptions<InstrumentOptions>(options, RULES);
  const { channels = true, maxSeries = 200 } = options;
  const meter = (options.meterProvider ?? metrics.getMeterProvider()).getMeter(SCOPE);
  const tracer = (options.tracerProvider ?? trace.getTracerProvider()).getTracer(SCOPE);
  const figures = new ConnectionMeter(meter, maxSeries);
  const feeds = new FeedMeter(meter, maxSeries);
  const spans = new ConnectionSpans(tracer);
  let isStopped = false;

  const onConnection = (message: unknown): void => {
    const announced = message as ConnectionMessage;
    const { connection, endpoint } = announced;
    figures.track({ ...connection, endpoint, read: () => announced.deref()?.stats() });
  };
  const onTrace = (message: unknown): void => {
    const event = message as TraceEvent;
    if (isStopped) return;
    spans.trace(event);
    figures.trace(event);
  };
  if (channels) {
    subscribe(CONNECTION_CHANNEL, onConnection);
    subscribe(TRACE_CHANNEL, onTrace);
  }
  const stop = (): void => {
    if (isStopped) return;
    isStopped = true;
    unsubscribe(CONNECTION_CHANNEL, onConnection);
    unsubscribe(TRACE_CHANNEL, onTrace);
    spans.stop();
    figures.stop();
    feeds.stop();
  };
  return {
    tracer: { trace: onTrace },
    connection: (observed) => {
      checkArgument("observed", objectWith("stats"), observed);
      checkArgument("observed.lifecycle", objectWith("subscribe"), observed.lifecycle);
      if (isStopped) return;
      const { connection, endpoint } = observed.lifecycle.snapshot;
      figures.track({ ...connection, endpoint, read: () => observed.stats() });
    },
    feed: (venue, market) => {
      checkArgument("venue", text, venue);
      if (market !== undefined) checkArgument("market", must(isMarket, MARKET), market);
      return feeds.feed(venue, market);
    },
    stop,
    [Symbol.dispose]: stop,
  };
}

function isMarket(value: unknown): boolean {
  return Array.isArray((Object(value) as Partial<WatchedMarket>).connections);
}
