import type { Tracer } from "@oath-ws/contract";
import { ConfigError } from "@oath-ws/contract";
import type { Gate, PartialConfig } from "@oath-ws/resilience";
import {
  baseUrl,
  BookTurns,
  checkOptions,
  mergeConfig,
  must,
  number,
  TopicStream,
  unknownKeyIssues,
} from "@oath-ws/venue-kit";
import type {
  BookUpdate,
  FeedConnection,
  MarketData,
  MarketReader,
  OptionRules,
  OrderBook,
  Quote,
  SubscribeOptions,
  Subscription,
  TimeFilledSubscription,
  Trade as MarketTrade,
  VenueRuntime,
} from "@oath-ws/venue-kit";
import type { JwtSigner } from "./auth/jwt-signer.js";
import { fillTrades } from "./backfill/fill-options.js";
import type { FillRequest } from "./backfill/fill-options.js";
import { level2Book } from "./book/level2-book.js";
import type { BookOptions } from "./book/level2-book.js";
import { CoinbaseFeed } from "./feed/coinbase-feed.js";
import { COMMON_RULES } from "./feed/common-rules.js";
import { HEARTBEATS } from "./feed/dialect.js";
import { MessageBudget } from "./feed/message-budget.js";
import { COINBASE_CONFIG, MARKET_URL, MAX_LEVEL2 } from "./feed/settings.js";
import type { HeartbeatOptions } from "./feed/settings.js";
import { marketReaders } from "./market/market-readers.js";
import type { PayloadOf } from "./market/payload-of.js";
import type {
  Level2Event,
  MarketPayload,
  TickerEvent,
  Trade,
  TradesEvent,
} from "./market/payloads.js";
import { ProductAliases } from "./market/product-aliases.js";
import { checkProduct, parseTopicName } from "./market/topic-name.js";
import type { TopicName } from "./market/topic-name.js";
import { REST_URL, RestClient } from "./rest/rest-client.js";

/** Options of {@link CoinbaseMarket}. */
export interface MarketOptions {
  /** Connections, clocks and jitter: `nodeRuntime` of `oath-ws`. */
  readonly runtime: VenueRuntime;
  /** Address of the market endpoint. Default the live venue, {@link MARKET_URL}. */
  readonly url?: string | undefined;
  /**
   * Scheme, host and port of the public REST API, which `backfill` asks, and which is asked for the
   * venue's time when a token is refused. Default the live venue, `https://api.coinbase.com`.
   */
  readonly restUrl?: string | undefined;
  /**
   * Signs every request; the limits are wider then. Default: requests bear no token, and the public
   * channels need none.
   */
  readonly signer?: JwtSigner | undefined;
  /**
   * The messages of this IP address. Default: one of its own; share one with whatever else in the
   * process talks to the venue.
   */
  readonly budget?: MessageBudget | undefined;
  /**
   * Products with level2 that one connection carries, at most 30, which is the default; more are
   * spread over further connections (C-15).
   */
  readonly maxLevel2PerConnection?: number | undefined;
  /** Topics that one connection carries. Default 200. */
  readonly maxTopicsPerConnection?: number | undefined;
  /**
   * Products whose ids end in `-USDC` and are no other name of a `-USD` product. Default
   * `USDT-USDC` and `EURC-USDC` (C-18).
   */
  readonly usdcProducts?: readonly string[] | undefined;
  /** When missing heartbeats count. */
  readonly heartbeat?: HeartbeatOptions | undefined;
  /** Laid over the venue's own settings, {@link COINBASE_CONFIG}. */
  readonly config?: PartialConfig | undefined;
  /** Counts connection attempts (8 a second per IP). Default: one for the process. */
  readonly gate?: Gate | undefined;
  readonly tracer?: Tracer | undefined;
  /**
   * Told of frames that could not be read, of missing ones, and of errors that answer no request.
   * Default: no listener.
   */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

/** Updates that may wait for a book to take them up: it does so with the next turn. */
const BOOK_BACKLOG = 10_000;

/**
 * Coinbase Advanced Trade market data: subscribe by `channel:product`, and get the venue's payloads
 * typed. Opens connections when topics ask for them, keeps heartbeats on each, restores the topics
 * after every break, spreads level2 over connections, and checks that no frame is missing; where
 * one is, topics get a gap record and books are replaced.
 *
 * ```ts
 * const market = new CoinbaseMarket({ runtime: nodeRuntime });
 * for await (const { data } of market.subscribe("ticker:BTC-USD")) console.log(data.ticker.price);
 * ```
 */
export class CoinbaseMarket implements MarketData, AsyncDisposable {
  readonly #feed: CoinbaseFeed;
  readonly #aliases: ProductAliases;
  readonly #runtime: VenueRuntime;
  readonly #turns: BookTurns;
  readonly #readers: ReturnType<typeof marketReaders>;
  readonly #rest: RestClient;
  readonly #onFault: (error: unknown) => void;

  /**
   * @throws ConfigError listing everything that is wrong with the options; nothing is dialled
   *   before a topic is subscribed
   */
  constructor(options: MarketOptions) {
    const url = options?.url ?? MARKET_URL;
    checkOptions({ ...options, url }, RULES);
    const config = mergeConfig(COINBASE_CONFIG, options.config);
    const { runtime, signer, gate, tracer, heartbeat } = options;
    this.#runtime = runtime;
    this.#turns = new BookTurns(runtime.timer);
    this.#onFault = (error) => options.onFault?.(error);
    const { restUrl = REST_URL } = options;
    const { fetch, timer } = runtime;
    this.#rest = new RestClient({ url: restUrl.replace(/\/$/, ""), fetch, timer });
    this.#readers = marketReaders(
      {
        trades: (id, held) =>
          this.subscribe<`market_trades:${string}`>(`market_trades:${id}`, held),
        quotes: (id, held) => this.subscribe<`ticker:${string}`>(`ticker:${id}`, held),
      },
      runtime.timer,
    );
    this.#aliases = new ProductAliases(options.usdcProducts);
    const budget = options.budget ?? new MessageBudget();
    this.#feed = new CoinbaseFeed({
      runtime,
      url,
      config,
      gate,
      tracer,
      signer,
      rest: this.#rest,
      budget,
      aliases: this.#aliases,
      heartbeat,
      maxTopics: options.maxTopicsPerConnection,
      maxLevel2: options.maxLevel2PerConnection,
      onFault: this.#onFault,
    });
  }

  /** The connections that are there now. */
  get connections(): readonly FeedConnection[] {
    return this.#feed.connections;
  }

  /** The topics that are held, heartbeats aside: every connection has them. */
  get topics(): readonly string[] {
    return this.#feed.topics;
  }

  /**
   * Holds a topic: `ticker:BTC-USD`, `level2:ETH-USD`, `heartbeats`. The product may be in any
   * case; `BTC-USDC` is the same topic as `BTC-USD`, whose name events bear. Several may hold the
   * same one; close what you do not need any more.
   *
   * With `backfill` gaps of `market_trades` are filled by REST, and no trade comes twice; each such
   * subscription asks REST for itself.
   *
   * @throws WsError `TOPIC_INVALID` for a name that no documented topic has; ConfigError for limits
   *   that cannot work; WsError `SHUT_DOWN`; with `backfill` WsError `BACKFILL_UNAVAILABLE` for
   *   another channel
   */
  subscribe<const Name extends string>(
    name: Name,
    options: SubscribeOptions & FillRequest,
  ): TimeFilledSubscription<PayloadOf<Name>>;
  subscribe<const Name extends string>(
    name: Name,
    options?: SubscribeOptions,
  ): Subscription<PayloadOf<Name>>;
  subscribe<const Name extends string>(
    name: Name,
    options: SubscribeOptions & Partial<FillRequest> = {},
  ): Subscription<PayloadOf<Name>> {
    const { backfill, policy, ...watch } = options;
    const topic = parseTopicName(name);
    // The name decides the payload, which the type of the name repeats; the dialect has looked at
    // its outline.
    const typed = (held: unknown): Subscription<PayloadOf<Name>> =>
      held as Subscription<PayloadOf<Name>>;
    if (backfill === undefined)
      return typed(this.#hold(topic, policy === undefined ? watch : { ...watch, policy }));
    return typed(
      fillTrades({
        subscription: this.#hold(topic, watch) as unknown as Subscription<TradesEvent>,
        backfill,
        policy,
        rest: this.#rest,
        runtime: this.#runtime,
        onFault: this.#onFault,
      }),
    );
  }

  /**
   * Trades of a product in the market model, from the channel `market_trades`. Default policy
   * `reliable`. The venue begins every subscription with its last trades: those that this reader
   * was told already are left out, the others have `isSnapshot: true`.
   *
   * @param product in any case
   * @throws like {@link subscribe}
   */
  trades(product: string, options?: SubscribeOptions): MarketReader<MarketTrade<Trade>> {
    return this.#readers.trades(product, options);
  }

  /**
   * The best prices in the market model, from the channel `ticker`, which the venue sends with
   * every match: between two matches the best prices may move unseen, which `book` shows. Default
   * policy `latest`. `"*"` reads the products of which this market holds quotes, now and later.
   *
   * @param products one or several, in any case, or `"*"`
   * @throws like {@link subscribe}; ConfigError for an empty list
   */
  quotes(
    products: string | readonly string[],
    options?: SubscribeOptions,
  ): MarketReader<Quote<TickerEvent>> {
    return this.#readers.quotes.read(products, options);
  }

  /**
   * The order book of a product, kept up to date until it is closed.
   *
   * @param product in any case
   * @throws WsError `TOPIC_INVALID` for what cannot be a product; ConfigError for options that
   *   cannot work; WsError `SHUT_DOWN`
   */
  book(product: string, options: BookOptions = {}): OrderBook<Level2Event> {
    const issues = unknownKeyIssues(options, BOOK_KEYS);
    if (issues.length > 0) throw new ConfigError(issues);
    const { updates = { kind: "latest" }, staleAfterMs, reconnectAfterMs } = options;
    const { timer } = this.#runtime;
    // What may be wrong with them is found before anything is held.
    const stream = new TopicStream<BookUpdate<Level2Event>>(updates, () => undefined, timer);
    const name = parseTopicName(`level2:${checkProduct(product)}`);
    const subscription = this.#hold(name, {
      policy: { kind: "reliable", maxEvents: BOOK_BACKLOG },
      staleAfterMs,
      reconnectAfterMs,
    });
    const { topic } = subscription;
    return level2Book({
      symbol: topic.slice(topic.indexOf(":") + 1),
      subscription: subscription as unknown as Subscription<Level2Event>,
      timer,
      updates: stream,
      turns: this.#turns,
      resync: () => this.#feed.resync(topic),
    });
  }

  /** Ends all topics cleanly, and all connections. Bounded; idempotent. */
  shutdown(): Promise<void> {
    this.#readers.quotes.end();
    return this.#feed.shutdown();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  #hold({ channel, product }: TopicName, options: SubscribeOptions): Subscription<MarketPayload> {
    const topic =
      product === undefined ? HEARTBEATS : `${channel}:${this.#aliases.canonical(product)}`;
    return this.#feed.subscribe<MarketPayload>(topic, product, options);
  }
}

const RULES: OptionRules<MarketOptions> = {
  ...COMMON_RULES,
  restUrl: baseUrl("http"),
  maxLevel2PerConnection: number({ min: 1, max: MAX_LEVEL2, whole: true }),
  maxTopicsPerConnection: number({ min: 1, max: 10_000, whole: true }),
  usdcProducts: must(isTexts, "must be a list of product ids"),
};

const BOOK_KEYS: Readonly<Record<keyof BookOptions, true>> = {
  updates: true,
  staleAfterMs: true,
  reconnectAfterMs: true,
};

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((entry) => typeof entry === "string");
}
