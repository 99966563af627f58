import { ConfigError } from "@oath-ws/contract";
import type { Gate, PartialConfig } from "@oath-ws/resilience";
import {
  Feed,
  keepBook,
  marketSource,
  mergeConfig,
  SymbolBoard,
  symbolReader,
  TopicStream,
  unknownKeyIssues,
} from "@oath-ws/venue-kit";
import type {
  BookReadOptions,
  BookUpdate,
  MarketData,
  MarketReader,
  OpenSymbol,
  OrderBook,
  Quote,
  SubscribeOptions,
  Subscription,
  TopicRules,
  Trade,
  VenueRuntime,
  VenueStatus,
} from "@oath-ws/venue-kit";
import { KrakenBookRule } from "./book.js";
import { KrakenGrammar } from "./grammar.js";
import type { Channel } from "./grammar.js";
import { quoteOf, tradeOf } from "./model.js";
import type { KrakenBook, KrakenTicker, KrakenTrade } from "./wire.js";

/** Options of {@link KrakenMarket}. */
export interface KrakenMarketOptions {
  /** The platform: `nodeRuntime` of `oath-ws`. */
  readonly runtime: VenueRuntime;
  /** Default `wss://ws.kraken.com/v2` (K-1). */
  readonly url?: string | undefined;
  /** Levels a side of every book: 10, 25, 100, 500 or 1 000 (K-10). Default 10. */
  readonly depth?: number | undefined;
  /** Laid over this adapter's settings of the stack. */
  readonly config?: PartialConfig | undefined;
  /** Counts the attempts to connect with others that use it. Default: the runtime's. */
  readonly gate?: Gate | undefined;
  /** Told of what cannot be read, and the like. Default: nothing is told. */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

const KEYS: Readonly<Record<keyof KrakenMarketOptions, true>> = {
  runtime: true,
  url: true,
  depth: true,
  config: true,
  gate: true,
  onFault: true,
};

const DEPTHS = [10, 25, 100, 500, 1_000];

/** Trades are numbered without holes (K-8): gaps are exact, and a snapshot fills what it can. */
const TRADES: TopicRules<KrakenTrade> = {
  identity: ({ trade_id }) => trade_id,
  range: { firstId: ({ trade_id }) => trade_id, lastId: ({ trade_id }) => trade_id },
};
const TICKERS: TopicRules<KrakenTicker> = { identity: ({ volume }) => volume, range: undefined };
const BOOKS: TopicRules<KrakenBook> = { identity: ({ checksum }) => checksum, range: undefined };

/** At most 150 attempts in ten minutes are allowed, as far as is known (K-12). */
const CONFIG: PartialConfig = { attempts: { max: 100, windowMs: 600_000 } };

/** Kraken's market data: trades, best prices and books of spot symbols such as `BTC/USD`. */
export class KrakenMarket implements MarketData {
  readonly #feed: Feed;
  readonly #runtime: VenueRuntime;
  readonly #depth: number;
  readonly #quotes: SymbolBoard<Quote<KrakenTicker>>;

  /** @throws ConfigError that names every option that cannot work */
  constructor(options: KrakenMarketOptions) {
    const { runtime, url = "wss://ws.kraken.com/v2", depth = 10, config, gate, onFault } = options;
    const issues = unknownKeyIssues(options, KEYS);
    if (!DEPTHS.includes(depth))
      issues.push({ path: "depth", message: `must be one of ${DEPTHS.join(", ")}, got ${depth}` });
    if (issues.length > 0) throw new ConfigError(issues);
    this.#runtime = runtime;
    this.#depth = depth;
    this.#feed = new Feed({
      runtime,
      settings: { config: mergeConfig(CONFIG, config), gate },
      handshake: { url, protocols: [], headers: {} },
      grammar: new KrakenGrammar(depth),
      commands: { maxTopics: 50, maxInFlight: 2, answerTimeoutMs: 10_000, maxUnanswered: 3 },
      maxTopicsPerConnection: 200,
      // Something comes every second (K-5): five without are a fault, ten a dead connection.
      heartbeat: { staleAfterMs: 5_000, deadAfterMs: 10_000 },
      onFault,
    });
    this.#quotes = new SymbolBoard<Quote<KrakenTicker>>((symbol, wanted) => {
      const tickers = this.#subscribe("ticker", symbol, TICKERS, wanted);
      const mapping = { kind: "one", map: quoteOf } as const;
      return marketSource(symbol, tickers, mapping, () => tickers.close());
    }, runtime.timer);
  }

  /** In which state the venue says to be. */
  get venueStatus(): VenueStatus {
    return this.#feed.venueStatus;
  }

  /**
   * Trades as the venue sends them, each once: also the last 50 from before the subscription (K-8),
   * which fill what a reconnect missed.
   *
   * @throws ConfigError for options that cannot work; WsError `SHUT_DOWN`
   */
  rawTrades(symbol: string, options?: SubscribeOptions): Subscription<KrakenTrade> {
    return this.#subscribe("trade", symbol, TRADES, options);
  }

  /** The same in the market model. Default policy `reliable`. */
  trades(symbol: string, options?: SubscribeOptions): MarketReader<Trade<KrakenTrade>> {
    const open: OpenSymbol<Trade<KrakenTrade>> = (name, wanted) => {
      const trades = this.rawTrades(name, wanted);
      return marketSource(name, trades, { kind: "one", map: tradeOf }, () => trades.close());
    };
    return symbolReader(open, this.#runtime.timer, symbol, options);
  }

  /** The best prices in the market model, by every change of them. Default policy `latest`. */
  quotes(
    symbols: string | readonly string[],
    options?: SubscribeOptions,
  ): MarketReader<Quote<KrakenTicker>> {
    return this.#quotes.read(symbols, options);
  }

  /** The order book of a symbol, as deep as the option `depth`, until it is closed. */
  book(symbol: string, options: BookReadOptions = {}): OrderBook<KrakenBook> {
    const { updates: policy = { kind: "latest" }, ...watch } = options;
    const { timer } = this.#runtime;
    const updates = new TopicStream<BookUpdate<KrakenBook>>(policy, () => undefined, timer);
    const reliable: SubscribeOptions = { ...watch, policy: { kind: "reliable" } };
    const subscription = this.#subscribe("book", symbol, BOOKS, reliable);
    return keepBook<KrakenBook, KrakenBook>({
      symbol,
      subscription,
      timer,
      updates,
      depth: this.#depth,
      rule: (writer) => new KrakenBookRule(writer, () => this.#feed.resync(subscription.topic)),
    });
  }

  /** Ends all topics cleanly and all connections; bounded, idempotent. */
  shutdown(): Promise<void> {
    this.#quotes.end();
    return this.#feed.shutdown();
  }

  #subscribe<T>(
    channel: Channel,
    symbol: string,
    rules: TopicRules<T>,
    options?: SubscribeOptions,
  ): Subscription<T> {
    return this.#feed.subscribe(`${channel}:${symbol}`, rules, options);
  }
}
