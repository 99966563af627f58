import type { TakerOrder } from "./trade-generator.js";

/** Prices in ticks, volumes in lots; `quote` in ticks times lots, exact because it is a bigint. */
export interface Totals {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly last: number;
  readonly lastLots: number;
  readonly lots: number;
  readonly quote: bigint;
  /** Volume in which the taker bought. */
  readonly takerBuyLots: number;
  readonly takerBuyQuote: bigint;
  /** Id of the first and last execution; -1 before any. */
  readonly firstTrade: number;
  readonly lastTrade: number;
  readonly trades: number;
  /** Start of the span, in ms since 1970. */
  readonly since: number;
}

/** Totals of a span in which nothing has traded yet. */
export function emptyTotals(price: number, since: number): Totals {
  return {
    open: price,
    high: price,
    low: price,
    last: price,
    lastLots: 0,
    lots: 0,
    quote: 0n,
    takerBuyLots: 0,
    takerBuyQuote: 0n,
    firstTrade: -1,
    lastTrade: -1,
    trades: 0,
    since,
  };
}

/** The totals with one more order in them. */
export function addOrder(totals: Totals, order: TakerOrder): Totals {
  const first = order.trades[0];
  const last = order.trades[order.trades.length - 1];
  const quote = BigInt(order.price) * BigInt(order.lots);
  return {
    open: totals.trades === 0 ? order.price : totals.open,
    high: totals.trades === 0 ? order.price : Math.max(totals.high, order.price),
    low: totals.trades === 0 ? order.price : Math.min(totals.low, order.price),
    last: order.price,
    lastLots: last?.lots ?? 0,
    lots: totals.lots + order.lots,
    quote: totals.quote + quote,
    takerBuyLots: totals.takerBuyLots + (order.buyerIsMaker ? 0 : order.lots),
    takerBuyQuote: totals.takerBuyQuote + (order.buyerIsMaker ? 0n : quote),
    firstTrade: totals.trades === 0 ? (first?.id ?? -1) : totals.firstTrade,
    lastTrade: last?.id ?? totals.lastTrade,
    trades: totals.trades + order.trades.length,
    since: totals.since,
  };
}
