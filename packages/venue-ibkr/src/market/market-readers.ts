import type { Timer } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { marketSource, SymbolBoard, symbolReader } from "@oath-ws/venue-kit";
import type {
  MarketReader,
  OpenSymbol,
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
export class MarketReaders {
  readonly #timer: Timer;
  readonly #trades: OpenSymbol<MarketTrade<Trade>>;
  readonly quotes: SymbolBoard<MarketQuote<Quote>>;

  constructor(topics: Topics, timer: Timer) {
    this.#timer = timer;
    this.#trades = (conid, options) => {
      if (!/^[1-9]\d{0,14}$/.test(conid))
        throw new WsError({
          kind: "client",
          code: "TOPIC_INVALID",
          message: "the symbol needs a contract id such as 265598",
        });
      const trades = topics.executions(options);
      return marketSource(conid, trades, executionsMapping(conid), () => trades.close());
    };
    this.quotes = new SymbolBoard((conid, options) => {
      const quotes = topics.quotes(conid, options);
      return marketSource(conid, quotes, { kind: "one", map: quoteOf }, () => quotes.close());
    }, timer);
  }

  trades(conid: string, options?: SubscribeOptions): MarketReader<MarketTrade<Trade>> {
    return symbolReader(this.#trades, this.#timer, conid, options);
  }
}
