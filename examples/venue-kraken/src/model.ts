import { isPrice, isQuantity } from "@oath-ws/venue-kit";
import type { Quote, Trade } from "@oath-ws/venue-kit";
import type { KrakenTicker, KrakenTrade } from "./wire.js";

/** A trade in the market model; `undefined` for one without id, price or quantity. */
export function tradeOf(raw: KrakenTrade): Trade<KrakenTrade> | undefined {
  const { symbol, trade_id, price, qty: quantity, side, timestamp } = raw;
  if (!Number.isSafeInteger(trade_id) || !isPrice(price) || !isQuantity(quantity)) return undefined;
  const time = Date.parse(timestamp);
  return {
    ...{ venue: "kraken", symbol, id: String(trade_id), price, quantity, raw },
    // The taker's side (K-8).
    side: side === "buy" || side === "sell" ? side : undefined,
    scope: "market",
    isSnapshot: undefined,
    timeMs: Number.isNaN(time) ? undefined : time,
    timeUs: undefined,
  };
}

/** The best prices in the market model; `undefined` for a ticker without them. */
export function quoteOf(raw: KrakenTicker): Quote<KrakenTicker> | undefined {
  const { symbol, bid, bid_qty, ask, ask_qty } = raw;
  if (![bid, ask].every(isPrice) || ![bid_qty, ask_qty].every(isQuantity)) return undefined;
  return {
    ...{ venue: "kraken", symbol, raw, timeMs: undefined, timeUs: undefined },
    ...{ bidPrice: bid, bidQuantity: bid_qty, askPrice: ask, askQuantity: ask_qty },
    updateId: undefined,
    isRealtime: true,
  };
}
