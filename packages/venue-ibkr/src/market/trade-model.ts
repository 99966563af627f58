import { exactText } from "@oath-ws/venue-kit";
import type { Mapping, Quote as MarketQuote, Side, Trade as MarketTrade } from "@oath-ws/venue-kit";
import type { IbkrPayload } from "../feed/payload-of.js";
import type { Trade, TradesEvent } from "./payloads.js";
import { Quote } from "./quote.js";

/** This venue's name in the market model. */
export const IBKR = "ibkr";

/**
 * The best prices as the market model has them. The venue prints numbers for people; what cannot be
 * had exactly from that is `undefined` (`exactText`).
 */
export function quoteOf(quote: Quote): MarketQuote<Quote> {
  const { timeliness } = quote;
  return {
    venue: IBKR,
    symbol: String(quote.conid),
    timeMs: quote.updatedAt,
    timeUs: undefined,
    raw: quote,
    bidPrice: exactText(quote.raw("bid")),
    bidQuantity: exactText(quote.raw("bidSize")),
    askPrice: exactText(quote.raw("ask")),
    askQuantity: exactText(quote.raw("askSize")),
    updateId: undefined,
    isRealtime: timeliness === undefined ? undefined : timeliness === "realtime",
  };
}

/**
 * The account's executions in one contract, each once. The venue sends them again when more is
 * known of them, a commission for example; that is told by the topic `str` only.
 */
export function executionsMapping(conid: string): Mapping<TradesEvent, MarketTrade<Trade>> {
  return {
    kind: "many",
    map: ({ added }, emit) => {
      for (const trade of added) {
        if (String(trade.conid) !== conid) continue;
        const price = exactText(trade.price);
        const quantity = exactText(trade.size);
        // An execution without its price cannot stand among trades.
        if (price === undefined || quantity === undefined) throw new TypeError("no price or size");
        emit({
          venue: IBKR,
          symbol: conid,
          timeMs: trade.trade_time_r,
          timeUs: undefined,
          raw: trade,
          id: trade.execution_id,
          price,
          quantity,
          side: sideOf(trade.side),
          scope: "account",
          isSnapshot: undefined,
        });
      }
    },
  };
}

/** The venue's time of a payload, in Unix milliseconds; most have none. */
export function venueTimeOf(payload: IbkrPayload): number | undefined {
  if (payload instanceof Quote) return payload.updatedAt;
  return "kind" in payload && payload.kind === "heartbeat" && "venueTime" in payload
    ? Number(payload.venueTime)
    : undefined;
}

/** `B` and `S`, or the words of orders. */
export function sideOf(side: string | undefined): Side | undefined {
  switch (side?.toUpperCase()) {
    case "B":
    case "BUY":
      return "buy";
    case "S":
    case "SELL":
    case "SSHORT":
      return "sell";
    default:
      return undefined;
  }
}
