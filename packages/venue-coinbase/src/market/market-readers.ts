import type { Timer } from "@oath-ws/contract";
import { marketSource, SymbolBoard, symbolReader } from "@oath-ws/venue-kit";
import type {
  MarketReader,
  OpenSymbol,
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
export class MarketReaders {
  readonly #timer: Timer;
  readonly #trades: OpenSymbol<MarketTrade<Trade>>;
  readonly quotes: SymbolBoard<MarketQuote<TickerEvent>>;

  constructor(channels: Channels, timer: Timer) {
    this.#timer = timer;
    this.#trades = (product, options) => {
      const trades = channels.trades(product, options);
      return marketSource(productOf(trades), trades, tradesMapping(), () => trades.close());
    };
    this.quotes = new SymbolBoard((product, options) => {
      const quotes = channels.quotes(product, options);
      return marketSource(productOf(quotes), quotes, { kind: "one", map: quoteOf }, () =>
        quotes.close(),
      );
    }, timer);
  }

  trades(product: string, options?: SubscribeOptions): MarketReader<MarketTrade<Trade>> {
    return symbolReader(this.#trades, this.#timer, product, options);
  }
}

/** `BTC-USDC` and `BTC-USD` are one topic (C-18), whose name has the product's one name. */
function productOf({ topic }: Subscription<unknown>): string {
  return topic.slice(topic.indexOf(":") + 1);
}
