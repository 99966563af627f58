import type { IdSpan } from "../../record.js";
import {
  aggTradePayload,
  avgPricePayload,
  blockTradePayload,
  bookTickerPayload,
  depthUpdatePayload,
  klinePayload,
  miniTickerPayload,
  partialDepthPayload,
  referencePricePayload,
  type TimeUnit,
  tickerPayload,
  tradePayload,
  windowTickerPayload,
} from "./payloads.js";
import type { MarketWideStream, SymbolStream } from "./stream-name.js";
import type { DepthBatch, SymbolMarket, SymbolStep } from "../../market/symbol-market.js";
import type { TakerOrder } from "../../market/trade-generator.js";

/**
 * One event of one stream, as JSON. `ids` only where the venue numbers without holes: trades,
 * aggregates, depth updates.
 */
export interface MarketEvent {
  readonly kind: "json";
  readonly ids: IdSpan | undefined;
  /** The payload; must be read before the market moves on. */
  payload(unit: TimeUnit): object;
}

const NONE: readonly MarketEvent[] = [];
/** Seconds of market time between two block trades of a symbol. */
const BLOCK_TRADE_SECONDS = 15;

/** The events that a step of a symbol brings to one of its streams. */
export function stepEvents(
  stream: SymbolStream,
  market: SymbolMarket,
  step: SymbolStep,
): readonly MarketEvent[] {
  const { time } = step;
  const unnumbered = (payload: (unit: TimeUnit) => object): MarketEvent[] => [
    { kind: "json", ids: undefined, payload },
  ];
  switch (stream.kind) {
    case "aggTrade":
    case "trade":
      return step.orders.flatMap((order) => orderEvents(stream, market, order, time));
    case "depth":
      return depthEvents(market, stream.fast ? step.fast : step.slow, time);
    case "partialDepth":
      if (!stream.fast && !step.onSecond) return NONE;
      return unnumbered(() => partialDepthPayload(market.depth(stream.levels)));
    case "bookTicker":
      return step.topMoved ? unnumbered(() => bookTickerPayload(market)) : NONE;
    case "kline": {
      const due = step.onSecond && (stream.interval === "1s" || secondsOf(step, market) % 2 === 0);
      if (!due) return NONE;
      const candles = market.candles(stream.interval, stream.offsetMs, time);
      return candles.map((candle) => ({
        kind: "json",
        ids: undefined,
        payload: (unit) => klinePayload(market, stream.interval, candle, time, unit),
      }));
    }
    case "miniTicker":
      return step.onSecond ? unnumbered((unit) => miniTickerPayload(market, time, unit)) : NONE;
    case "ticker":
      return step.onSecond ? unnumbered((unit) => tickerPayload(market, time, unit)) : NONE;
    case "windowTicker":
      return step.onSecond
        ? unnumbered((unit) => windowTickerPayload(market, stream.window, time, unit))
        : NONE;
    case "avgPrice":
      return step.onSecond ? unnumbered((unit) => avgPricePayload(market, time, unit)) : NONE;
    case "referencePrice":
      return step.onSecond ? unnumbered((unit) => referencePricePayload(market, time, unit)) : NONE;
    case "blockTrade": {
      const seconds = secondsOf(step, market);
      if (!step.onSecond || seconds % BLOCK_TRADE_SECONDS !== 0) return NONE;
      return unnumbered((unit) =>
        blockTradePayload(market, seconds / BLOCK_TRADE_SECONDS, time, unit),
      );
    }
    default:
      return stream satisfies never;
  }
}

/** The events of one taker order: one aggregate, or its executions. */
export function orderEvents(
  stream: SymbolStream,
  market: SymbolMarket,
  order: TakerOrder,
  time: number,
): readonly MarketEvent[] {
  if (stream.kind === "aggTrade") {
    const ids = { first: order.aggregateId, last: order.aggregateId };
    return [{ kind: "json", ids, payload: (unit) => aggTradePayload(market, order, time, unit) }];
  }
  if (stream.kind !== "trade") return NONE;
  return order.trades.map((trade) => ({
    kind: "json",
    ids: { first: trade.id, last: trade.id },
    payload: (unit) => tradePayload(market, trade, time, unit),
  }));
}

/** The event of a stream over all symbols, once a second; `undefined` if no symbol moved. */
export function marketWideEvent(
  stream: MarketWideStream,
  moved: readonly SymbolMarket[],
): MarketEvent | undefined {
  if (moved.length === 0) return undefined;
  const each = (unit: TimeUnit): object =>
    moved.map((market) => {
      switch (stream.kind) {
        case "miniTickers":
          return miniTickerPayload(market, market.time, unit);
        case "windowTickers":
          return windowTickerPayload(market, stream.window, market.time, unit);
        default:
          return stream satisfies never;
      }
    });
  return { kind: "json", ids: undefined, payload: each };
}

function depthEvents(
  market: SymbolMarket,
  batch: DepthBatch | undefined,
  time: number,
): readonly MarketEvent[] {
  if (batch === undefined) return NONE;
  const ids = { first: batch.firstId, last: batch.lastId };
  return [{ kind: "json", ids, payload: (unit) => depthUpdatePayload(market, batch, time, unit) }];
}

/** Seconds of market time since the start. */
function secondsOf(step: SymbolStep, market: SymbolMarket): number {
  return step.step / market.stepsPerSecond;
}
