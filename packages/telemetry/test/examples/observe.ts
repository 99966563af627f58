import { subscribe } from "node:diagnostics_channel";
import { metrics } from "@opentelemetry/api";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import type { BinanceMarket, BinanceTrading, NewOrder } from "@oath-ws/venue-binance";
import { open, TRACE_CHANNEL } from "oath-ws";
import type { TraceEvent } from "oath-ws";
import pino from "pino";
import { instrument } from "../../src/index.js";

export function withPrometheus(): void {
  // #region prometheus
  const exporter = new PrometheusExporter({ host: "127.0.0.1", port: 9464 });
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [exporter] }));
  instrument();
  // #endregion
}

export async function withNames(): Promise<void> {
  // #region names
  const telemetry = instrument();
  const feed = await open("wss://stream.example.com/ws", { name: "quotes" });
  for await (const frame of feed.source) console.log(frame.text());
  telemetry.stop();
  // #endregion
}

export async function withFeed(
  market: BinanceMarket,
  trading: BinanceTrading,
  order: NewOrder,
): Promise<void> {
  // #region feed
  const telemetry = instrument();
  const binance = telemetry.feed("binance", market);
  const trades = binance.topic(market.trades("BTCUSDT"));
  const book = binance.book(market.book("BTCUSDT"));
  const outcome = await binance.call(trading.place(order));
  console.log(outcome.kind, book.best, trades.gapCount);
  // #endregion
}

/** Lines of a log as tests read them. */
export function logTo(destination: pino.DestinationStream): void {
  // #region pino
  const log = pino({ base: null }, destination);

  subscribe(TRACE_CHANNEL, (message) => {
    const event = message as TraceEvent;
    const { connection, kind, at } = event;
    const line = { connection: connection.name, id: connection.id, kind, at };
    switch (event.kind) {
      case "failure":
      case "trialFailed":
        log.warn({ ...line, error: event.error.kind, code: event.error.code });
        break;
      case "transition":
        log.info({ ...line, phase: event.to.phase, epoch: event.to.epoch });
        break;
      case "stall":
      case "writeStall":
      case "starved":
      case "lag":
        log.warn(line);
        break;
      case "fault":
        log.error({ ...line, where: event.where });
        break;
      case "attempt":
      case "phase":
      case "opened":
      case "probe":
        log.debug(line);
        break;
      default:
        event satisfies never;
    }
  });
  // #endregion
}
