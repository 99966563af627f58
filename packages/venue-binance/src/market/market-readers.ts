import type { Timer } from "@oath-ws/contract";
import { MarketReaders, marketSource } from "@oath-ws/venue-kit";
import type {
  Quote as MarketQuote,
  SubscribeOptions,
  Subscription,
  Trade as MarketTrade,
} from "@oath-ws/venue-kit";
import type { BookTicker, Trade } from "./payloads.js";
import { quoteOf, tradeOf } from "./trade-model.js";
import type { TimeUnit } from "./trade-model.js";

/** Subscribes the streams of a symbol. */
interface Streams {
  readonly trades: (symbol: string, options: SubscribeOptions) => Subscription<Trade>;
  readonly quotes: (symbol: string, options: SubscribeOptions) => Subscription<BookTicker>;
}

/** The market model over this venue's streams. */
export function marketReaders(
  streams: Streams,
  timer: Timer,
  unit: TimeUnit,
): MarketReaders<MarketTrade<Trade>, MarketQuote<BookTicker>> {
  return new MarketReaders(
    {
      trades: (symbol, options) => {
        const trades = streams.trades(symbol, options);
        const mapping = { kind: "one", map: (data: Trade) => tradeOf(data, unit) } as const;
        return marketSource(symbol.toUpperCase(), trades, mapping, () => trades.close());
      },
      quotes: (symbol, options) => {
        const quotes = streams.quotes(symbol, options);
        const mapping = { kind: "one", map: quoteOf } as const;
        return marketSource(symbol.toUpperCase(), quotes, mapping, () => quotes.close());
      },
    },
    timer,
  );
}
