/**
 * Event payloads of the market streams, field by field as documented (B-16). Everything here only
 * prints.
 */
import type { BookChange } from "../../market/book.js";
import type { Candle, CandleInterval } from "../../market/candle.js";
import type { Totals } from "../../market/statistics.js";
import type { TickerWindow } from "./stream-name.js";
import type { DepthBatch, DepthSnapshot, SymbolMarket } from "../../market/symbol-market.js";
import type { TakerOrder, Trade } from "../../market/trade-generator.js";

/** Unit of the times in a payload; a connection chooses it on its URL (B-4). */
export type TimeUnit = "ms" | "us";

/** A time in the unit that the connection asked for. */
export function inUnit(time: number, unit: TimeUnit): number {
  return unit === "us" ? time * 1_000 : time;
}

export function aggTradePayload(
  market: SymbolMarket,
  order: TakerOrder,
  time: number,
  unit: TimeUnit,
): object {
  const at = inUnit(time, unit);
  return {
    e: "aggTrade",
    E: at,
    s: market.spec.symbol,
    a: order.aggregateId,
    p: market.price(order.price),
    q: market.quantity(order.lots),
    f: order.trades[0]?.id ?? 0,
    l: order.trades[order.trades.length - 1]?.id ?? 0,
    T: at,
    m: order.buyerIsMaker,
    M: true,
  };
}

export function tradePayload(
  market: SymbolMarket,
  trade: Trade,
  time: number,
  unit: TimeUnit,
): object {
  const at = inUnit(time, unit);
  return {
    e: "trade",
    E: at,
    s: market.spec.symbol,
    t: trade.id,
    p: market.price(trade.price),
    q: market.quantity(trade.lots),
    T: at,
    m: trade.buyerIsMaker,
    M: true,
  };
}

export function blockTradePayload(
  market: SymbolMarket,
  id: number,
  time: number,
  unit: TimeUnit,
): object {
  const at = inUnit(time, unit);
  return {
    e: "blockTrade",
    E: at,
    s: market.spec.symbol,
    t: id,
    p: market.price(market.totals.last),
    q: market.quantity(1_000_000 + id),
    T: at,
    m: id % 2 === 0,
  };
}

/** Several changes of one level in a batch are one entry, with the last quantity. */
export function depthUpdatePayload(
  market: SymbolMarket,
  batch: DepthBatch,
  time: number,
  unit: TimeUnit,
): object {
  const side = (which: BookChange["side"]): string[][] => {
    const last = new Map<number, number>();
    for (const change of batch.changes)
      if (change.side === which) last.set(change.price, change.lots);
    const prices = [...last.keys()].sort((one, other) =>
      which === "bid" ? other - one : one - other,
    );
    return prices.map((price) => [market.price(price), market.quantity(last.get(price) ?? 0)]);
  };
  return {
    e: "depthUpdate",
    E: inUnit(time, unit),
    s: market.spec.symbol,
    U: batch.firstId,
    u: batch.lastId,
    b: side("bid"),
    a: side("ask"),
  };
}

/** Neither event type nor symbol: only the combined wrapper tells what it is about. */
export function partialDepthPayload(snapshot: DepthSnapshot): object {
  return { lastUpdateId: snapshot.lastUpdateId, bids: snapshot.bids, asks: snapshot.asks };
}

export function bookTickerPayload(market: SymbolMarket): object {
  return {
    u: market.lastUpdateId,
    s: market.spec.symbol,
    b: market.price(market.bestBid),
    B: market.quantity(market.bidLots),
    a: market.price(market.bestAsk),
    A: market.quantity(market.askLots),
  };
}

export function klinePayload(
  market: SymbolMarket,
  interval: CandleInterval,
  candle: Candle,
  time: number,
  unit: TimeUnit,
): object {
  const totals = candle.totals;
  return {
    e: "kline",
    E: inUnit(time, unit),
    s: market.spec.symbol,
    k: {
      t: inUnit(candle.open, unit),
      T: inUnit(candle.close, unit),
      s: market.spec.symbol,
      i: interval,
      f: totals.firstTrade,
      L: totals.lastTrade,
      o: market.price(totals.open),
      c: market.price(totals.last),
      h: market.price(totals.high),
      l: market.price(totals.low),
      v: market.quantity(totals.lots),
      n: totals.trades,
      x: candle.isFinal,
      q: market.quoteVolume(totals.quote),
      V: market.quantity(totals.takerBuyLots),
      Q: market.quoteVolume(totals.takerBuyQuote),
      B: "0",
    },
  };
}

export function miniTickerPayload(market: SymbolMarket, time: number, unit: TimeUnit): object {
  const totals = market.totals;
  return {
    e: "24hrMiniTicker",
    E: inUnit(time, unit),
    s: market.spec.symbol,
    c: market.price(totals.last),
    o: market.price(totals.open),
    h: market.price(totals.high),
    l: market.price(totals.low),
    v: market.quantity(totals.lots),
    q: market.quoteVolume(totals.quote),
  };
}

export function tickerPayload(market: SymbolMarket, time: number, unit: TimeUnit): object {
  const totals = market.totals;
  return {
    e: "24hrTicker",
    E: inUnit(time, unit),
    s: market.spec.symbol,
    ...movement(market, totals),
    x: market.price(totals.open),
    c: market.price(totals.last),
    Q: market.quantity(totals.lastLots),
    b: market.price(market.bestBid),
    B: market.quantity(market.bidLots),
    a: market.price(market.bestAsk),
    A: market.quantity(market.askLots),
    ...range(market, totals, time, unit),
  };
}

/**
 * A rolling window ticker. The simulator's totals run since its start, so windows longer than that
 * show the same.
 */
export function windowTickerPayload(
  market: SymbolMarket,
  window: TickerWindow,
  time: number,
  unit: TimeUnit,
): object {
  return {
    e: `${window}Ticker`,
    E: inUnit(time, unit),
    s: market.spec.symbol,
    ...movement(market, market.totals),
    c: market.price(market.totals.last),
    ...range(market, market.totals, time, unit),
  };
}

export function avgPricePayload(market: SymbolMarket, time: number, unit: TimeUnit): object {
  const at = inUnit(time, unit);
  return {
    e: "avgPrice",
    E: at,
    s: market.spec.symbol,
    i: "5m",
    w: average(market, market.totals),
    T: at,
  };
}

export function referencePricePayload(market: SymbolMarket, time: number, unit: TimeUnit): object {
  return {
    e: "referencePrice",
    s: market.spec.symbol,
    r: market.totals.trades === 0 ? null : market.price(market.totals.last),
    t: inUnit(time, unit),
  };
}

function movement(market: SymbolMarket, totals: Totals): { p: string; P: string; w: string } {
  const change = totals.last - totals.open;
  const percent = totals.open === 0 ? 0 : (change / totals.open) * 100;
  return { p: market.price(change), P: percent.toFixed(3), w: average(market, totals) };
}

function range(market: SymbolMarket, totals: Totals, time: number, unit: TimeUnit): object {
  return {
    o: market.price(totals.open),
    h: market.price(totals.high),
    l: market.price(totals.low),
    v: market.quantity(totals.lots),
    q: market.quoteVolume(totals.quote),
    O: inUnit(totals.since, unit),
    C: inUnit(time, unit),
    F: totals.firstTrade,
    L: totals.lastTrade,
    n: totals.trades,
  };
}

/** Volume-weighted average price, rounded down to a tick; the last price before anything traded. */
function average(market: SymbolMarket, totals: Totals): string {
  return market.price(totals.lots === 0 ? totals.last : Number(totals.quote / BigInt(totals.lots)));
}
