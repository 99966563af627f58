import type { Timer } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { MarketReaders, marketSource } from "@oath-ws/venue-kit";
import type {
  Quote as MarketQuote,
  SubscribeOptions,
  Subscription,
  Trade as MarketTrade,
} from "@oath-ws/venue-kit";
import type { Trade, TradesEvent } from "./payloads.js";
import type { Quote } from "./quote.js";
import { executionsMapping, quoteOf } from "./trade-model.js";

/** Subscribes topics. */
interface Topics {
  readonly executions: (options: SubscribeOptions) => Subscription<TradesEvent>;
  readonly quotes: (conid: string, options: SubscribeOptions) => Subscription<Quote>;
}

/** The market model over this venue's topics. */
export function marketReaders(
  topics: Topics,
  timer: Timer,
): MarketReaders<MarketTrade<Trade>, MarketQuote<Quote>> {
  return new MarketReaders(
    {
      trades: (conid, options) => {
        if (!/^[1-9]\d{0,14}$/.test(conid))
          throw new WsError({
            kind: "client",
            code: "TOPIC_INVALID",
            message: "the symbol needs a contract id such as 265598",
          });
        const trades = topics.executions(options);
        return marketSource(conid, trades, executionsMapping(conid), () => trades.close());
      },
      quotes: (conid, options) => {
        const quotes = topics.quotes(conid, options);
        return marketSource(conid, quotes, { kind: "one", map: quoteOf }, () => quotes.close());
      },
    },
    timer,
  );
}
