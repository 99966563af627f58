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
import type { BookTicker, Trade } from "./payloads.js";
import { quoteOf, tradeOf } from "./trade-model.js";
import type { TimeUnit } from "./trade-model.js";

/** Subscribes the streams of a symbol. */
interface Streams {
  readonly trades: (symbol: string, options: SubscribeOptions) => Subscription<Trade>;
  readonly quotes: (symbol: string, options: SubscribeOptions) => Subscription<BookTicker>;
}

/** The market model over this venue's streams. */
export class MarketReaders {
  readonly #timer: Timer;
  readonly #trades: OpenSymbol<MarketTrade<Trade>>;
  readonly quotes: SymbolBoard<MarketQuote<BookTicker>>;

  constructor(streams: Streams, timer: Timer, unit: TimeUnit) {
    this.#timer = timer;
    this.#trades = (symbol, options) => {
      const trades = streams.trades(symbol, options);
      return marketSource(
        symbol.toUpperCase(),
        trades,
        { kind: "one", map: (data) => tradeOf(data, unit) },
        () => trades.close(),
      );
    };
    this.quotes = new SymbolBoard((symbol, options) => {
      const quotes = streams.quotes(symbol, options);
      return marketSource(symbol.toUpperCase(), quotes, { kind: "one", map: quoteOf }, () =>
        quotes.close(),
      );
    }, timer);
  }

  trades(symbol: string, options?: SubscribeOptions): MarketReader<MarketTrade<Trade>> {
    return symbolReader(this.#trades, this.#timer, symbol, options);
  }
}
