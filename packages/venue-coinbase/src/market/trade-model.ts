import { WsError } from "@oath-ws/contract";
import { isPrice, isQuantity } from "@oath-ws/venue-kit";
import type { Mapping, Quote as MarketQuote, Trade as MarketTrade } from "@oath-ws/venue-kit";
import { unixMicroseconds } from "./event-time.js";
import type { TickerEvent, Trade, TradesEvent } from "./payloads.js";

/** This venue's name in the market model. */
export const COINBASE = "coinbase";

/** An id so far below the last one is no repetition: the ids began again. */
const REPEATED_WITHIN = 10_000;

/**
 * The trades of one product for one reader, oldest first. The venue sends the last trades again
 * with every subscription: those that were told already are left out. After a break the snapshot
 * brings trades that were missed; how many it reaches back is the venue's choice, so the gap record
 * stays.
 */
export function tradesMapping(): Mapping<TradesEvent, MarketTrade<Trade>> {
  let lastId = Number.NEGATIVE_INFINITY;
  const isNew = (id: number): boolean => {
    // An id that is no number cannot be compared.
    if (id <= lastId && lastId - id < REPEATED_WITHIN) return false;
    if (!Number.isNaN(id)) lastId = id;
    return true;
  };
  return {
    kind: "many",
    map: ({ type, trades }, emit) => {
      for (let index = trades.length - 1; index >= 0; index--) {
        const trade = trades[index];
        if (trade !== undefined && isNew(Number(trade.trade_id)))
          emit(tradeOf(trade, type === "snapshot"));
      }
    },
  };
}

/**
 * A trade as the market model has it.
 *
 * @throws WsError `FRAME_UNKNOWN` for one without its fields
 */
export function tradeOf(trade: Trade, isSnapshot: boolean): MarketTrade<Trade> {
  const { product_id, trade_id, price, size, time, side } = trade;
  if (!isPrice(price) || !isQuantity(size) || typeof trade_id !== "string")
    throw new WsError({
      kind: "server",
      code: "FRAME_UNKNOWN",
      message: "a trade of the venue has no id, no price or no size",
    });
  const timeUs = unixMicroseconds(time);
  return {
    venue: COINBASE,
    symbol: product_id,
    timeMs: timeUs === undefined ? undefined : Math.floor(timeUs / 1_000),
    timeUs,
    raw: trade,
    id: trade_id,
    price,
    quantity: size,
    // The venue tells the maker's side.
    side: side === "BUY" ? "sell" : side === "SELL" ? "buy" : undefined,
    scope: "market",
    isSnapshot,
  };
}

/** The best prices as the market model has them; `undefined` for a ticker without them. */
export function quoteOf(event: TickerEvent): MarketQuote<TickerEvent> | undefined {
  const { ticker, timestamp } = event;
  const { product_id, best_bid, best_bid_quantity, best_ask, best_ask_quantity } = ticker;
  if (!isPrice(best_bid) || !isQuantity(best_bid_quantity)) return undefined;
  if (!isPrice(best_ask) || !isQuantity(best_ask_quantity)) return undefined;
  const timeUs = unixMicroseconds(timestamp);
  return {
    venue: COINBASE,
    symbol: product_id,
    timeMs: timeUs === undefined ? undefined : Math.floor(timeUs / 1_000),
    timeUs,
    raw: event,
    bidPrice: best_bid,
    bidQuantity: best_bid_quantity,
    askPrice: best_ask,
    askQuantity: best_ask_quantity,
    updateId: undefined,
    isRealtime: true,
  };
}
