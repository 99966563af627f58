import type { Timer } from "@oath-ws/contract";
import { MarketReaders, marketSource } from "@oath-ws/venue-kit";
import type {
  Quote as MarketQuote,
  SubscribeOptions,
  Subscription,
  Trade as MarketTrade,
} from "@oath-ws/venue-kit";
import type { TickerEvent, Trade, TradesEvent } from "./payloads.js";
import { quoteOf, tradesMapping } from "./trade-model.js";

/** Subscribes the channels of a product. The name of a topic ends in the product. */
interface Channels {
  readonly trades: (product: string, options: SubscribeOptions) => Subscription<TradesEvent>;
  readonly quotes: (product: string, options: SubscribeOptions) => Subscription<TickerEvent>;
}

/** The market model over this venue's channels. */
export function marketReaders(
  channels: Channels,
  timer: Timer,
): MarketReaders<MarketTrade<Trade>, MarketQuote<TickerEvent>> {
  return new MarketReaders(
    {
      trades: (product, options) => {
        const trades = channels.trades(product, options);
        return marketSource(productOf(trades), trades, tradesMapping(), () => trades.close());
      },
      quotes: (product, options) => {
        const quotes = channels.quotes(product, options);
        const mapping = { kind: "one", map: quoteOf } as const;
        return marketSource(productOf(quotes), quotes, mapping, () => quotes.close());
      },
    },
    timer,
  );
}

/** `BTC-USDC` and `BTC-USD` are one topic (C-18), whose name has the product's one name. */
function productOf({ topic }: Subscription<unknown>): string {
  return topic.slice(topic.indexOf(":") + 1);
}
