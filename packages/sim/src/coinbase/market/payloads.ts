import type { SymbolMarket, SymbolStep } from "../../market/symbol-market.js";
import type { BookChange } from "../../market/book.js";
import type { TakerOrder } from "../../market/trade-generator.js";
import { plain } from "./plain.js";

/** The JSON of one event of a channel (C-22). */
export type EventJson = string;

/** The time that was printed last: the frames of one moment carry the same. */
const last = { ms: Number.NaN, text: "" };

/** `2026-09-26T04:14:54.693Z`; the venue prints up to nine digits of a fraction. */
export function isoTime(ms: number): string {
  if (ms !== last.ms) {
    last.text = new Date(ms).toISOString();
    last.ms = ms;
  }
  return last.text;
}

export function level2Snapshot(market: SymbolMarket): EventJson {
  const time = isoTime(market.time);
  const { bids, asks } = market.depth(Number.POSITIVE_INFINITY);
  const line =
    (side: string) =>
    ([price, quantity]: readonly [string, string]): string =>
      `{"side":"${side}","event_time":"${time}","price_level":"${plain(price)}","new_quantity":"${plain(quantity)}"}`;
  const updates = [...bids.map(line("bid")), ...asks.map(line("offer"))].join(",");
  return `{"type":"snapshot","product_id":"${market.spec.symbol}","updates":[${updates}]}`;
}

export function level2Update(market: SymbolMarket, step: SymbolStep): EventJson {
  const time = isoTime(step.time);
  const updates = step.fast.changes.map(({ side, price, lots }: BookChange) => ({
    side: side === "bid" ? "bid" : "offer",
    event_time: time,
    price_level: plain(market.price(price)),
    new_quantity: lots === 0 ? "0" : plain(market.quantity(lots)),
  }));
  return JSON.stringify({ type: "update", product_id: market.spec.symbol, updates });
}

/** A trade on the channel, and by REST but for its side. */
interface TradeJson {
  readonly product_id: string;
  readonly trade_id: string;
  readonly price: string;
  readonly size: string;
  readonly time: string;
  /** The maker's. */
  readonly side: "BUY" | "SELL";
}

/** The trades of these orders, newest first, as the venue sends them. */
export function tradesOf(
  market: SymbolMarket,
  orders: ReadonlyArray<{ readonly order: TakerOrder; readonly time: number }>,
): readonly TradeJson[] {
  return orders
    .flatMap(({ order, time }) =>
      order.trades.map(({ id, price, lots, buyerIsMaker }) => ({
        product_id: market.spec.symbol,
        trade_id: String(id),
        price: plain(market.price(price)),
        size: plain(market.quantity(lots)),
        time: isoTime(time),
        side: buyerIsMaker ? ("BUY" as const) : ("SELL" as const),
      })),
    )
    .toReversed();
}

export function marketTrades(
  type: "snapshot" | "update",
  market: SymbolMarket,
  orders: ReadonlyArray<{ readonly order: TakerOrder; readonly time: number }>,
): EventJson {
  return JSON.stringify({ type, trades: tradesOf(market, orders) });
}

export function ticker(
  channel: "ticker" | "ticker_batch",
  type: "snapshot" | "update",
  market: SymbolMarket,
): EventJson {
  const { totals } = market;
  const change = totals.open === 0 ? 0 : ((totals.last - totals.open) / totals.open) * 100;
  const entry = {
    type: "ticker",
    product_id: market.spec.symbol,
    price: plain(market.price(totals.last)),
    volume_24_h: plain(market.quantity(totals.lots)),
    low_24_h: plain(market.price(totals.low)),
    high_24_h: plain(market.price(totals.high)),
    low_52_w: plain(market.price(totals.low)),
    high_52_w: plain(market.price(totals.high)),
    price_percent_chg_24_h: change.toFixed(4),
  };
  const best = {
    best_bid: plain(market.price(market.bestBid)),
    best_bid_quantity: plain(market.quantity(market.bidLots)),
    best_ask: plain(market.price(market.bestAsk)),
    best_ask_quantity: plain(market.quantity(market.askLots)),
  };
  return JSON.stringify({ type, tickers: [channel === "ticker" ? { ...entry, ...best } : entry] });
}

export function candles(type: "snapshot" | "update", market: SymbolMarket): EventJson {
  const entries = market.candles("5m", 0, market.time).map(({ open, totals }) => ({
    start: String(open / 1_000),
    high: plain(market.price(totals.high)),
    low: plain(market.price(totals.low)),
    open: plain(market.price(totals.open)),
    close: plain(market.price(totals.last)),
    volume: plain(market.quantity(totals.lots)),
    product_id: market.spec.symbol,
  }));
  return JSON.stringify({ type, candles: entries });
}

export function status(type: "snapshot" | "update", markets: readonly SymbolMarket[]): EventJson {
  const products = markets.map(({ spec }) => ({
    product_type: "SPOT",
    id: spec.symbol,
    base_currency: spec.base,
    quote_currency: spec.quote,
    base_increment: "0.00000001",
    quote_increment: "0.01",
    display_name: `${spec.base}/${spec.quote}`,
    status: "online",
    status_message: "",
    min_market_funds: "1",
  }));
  return JSON.stringify({ type, products });
}
