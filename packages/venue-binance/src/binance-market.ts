import { ConfigError, WsError } from "@oath-ws/contract";
import {
  BookTurns,
  Feed,
  firewallPasses,
  mergeConfig,
  numberIssues,
  TopicStream,
} from "@oath-ws/venue-kit";
import type {
  BookUpdate,
  FeedConnection,
  Grammar,
  JoinedSubscription,
  MarketData,
  MarketReader,
  OrderBook,
  Quote,
  SubscribeOptions,
  Subscription,
  TopicRules,
  Trade as MarketTrade,
  VenueRuntime,
} from "@oath-ws/venue-kit";
import { depthBook } from "./book/depth-book.js";
import type { BookOptions } from "./book/depth-book.js";
import { fillStream } from "./backfill/fill-options.js";
import type { FillOptions, FillRequest } from "./backfill/fill-options.js";
import { CombinedGrammar, encodeList } from "./feed/market-grammar.js";
import {
  MARKET_COMMANDS,
  MARKET_CONFIG,
  MARKET_URL,
  MAX_STREAMS_PER_CONNECTION,
  RENEWAL,
  SBE_URL,
} from "./feed/market-settings.js";
import { checkMarketOptions } from "./feed/market-options.js";
import type { MarketOptions } from "./feed/market-options.js";
import { MUTE_AFTER_MS, muteRule } from "./feed/mute.js";
import { RawGrammar } from "./feed/raw-grammar.js";
import { SbeGrammar } from "./feed/sbe-grammar.js";
import { marketReaders } from "./market/market-readers.js";
import type { PayloadOf } from "./market/payload-of.js";
import type { BookTicker, DepthUpdate, MarketPayload, Trade } from "./market/payloads.js";
import { sentAtMs } from "./market/trade-model.js";
import { isShapedKind } from "./json/known-stream.js";
import { parseStreamName } from "./market/stream-name.js";
import type { Encoding, StreamName } from "./market/stream-name.js";
import type { ScaledOf } from "./market/scaled-payloads.js";
import { streamRules } from "./market/stream-rules.js";
import type { StreamRules } from "./market/stream-rules.js";
import { fetchDepth, MAX_DEPTH } from "./rest/depth-client.js";
import { RestClient } from "./rest/rest-client.js";
import { REST_TIMEOUT_MS, REST_URL } from "./rest/rest-settings.js";
import { sharedBudget } from "./rest/shared-budget.js";
import { textPayload } from "./sbe/payloads.js";
import { scaledPayload } from "./sbe/scaled-payloads.js";

/** Updates that may wait for a book to take them up: it does so with the next turn. */
const BOOK_BACKLOG = 10_000;

/**
 * Binance Spot market streams: subscribe by the venue's stream names, and get its payloads typed.
 * Opens connections when streams ask for them, restores the streams after every break, spreads them
 * over connections, and replaces a connection before the venue ends it. Events with ids are checked
 * for holes and doubles; whatever is missing leaves a gap record.
 *
 * ```ts
 * const market = new BinanceMarket({ runtime: nodeRuntime });
 * for await (const { data } of market.subscribe("btcusdt@trade")) console.log(data.p, data.q);
 * ```
 */
export class BinanceMarket implements MarketData, AsyncDisposable {
  readonly #feed: Feed;
  /** Streams whose numbers become mantissas. */
  readonly #scaled: Feed;
  readonly #scaledGrammar: CombinedGrammar | SbeGrammar;
  readonly #rest: RestClient;
  readonly #encoding: Encoding;
  readonly #grammar: CombinedGrammar | RawGrammar | SbeGrammar;
  readonly #runtime: VenueRuntime;
  readonly #turns: BookTurns;
  readonly #readers: ReturnType<typeof marketReaders>;
  readonly #timeMs: (data: unknown) => number | undefined;
  readonly #timeUnit: "ms" | "us";
  readonly #onFault: ((error: unknown) => void) | undefined;

  /**
   * @throws ConfigError listing everything that is wrong with the options; nothing is dialled
   *   before a stream is subscribed
   */
  constructor(options: MarketOptions) {
    const { encoding = "json", apiKey, restUrl: restAddress = REST_URL } = options;
    const { url = encoding === "sbe" ? SBE_URL : MARKET_URL } = options;
    checkMarketOptions(options);
    const restUrl = restAddress.replace(/\/$/, "");
    const { timer, fetch } = options.runtime;
    this.#runtime = options.runtime;
    this.#onFault = options.onFault;
    this.#turns = new BookTurns(timer);
    const unit = encoding === "sbe" ? "us" : (options.timeUnit ?? "ms");
    this.#timeUnit = unit;
    this.#readers = marketReaders(
      {
        trades: (symbol, held) => this.subscribe<`${string}@trade`>(`${symbol}@trade`, held),
        quotes: (symbol, held) =>
          encoding === "sbe"
            ? this.subscribe<`${string}@bestBidAsk`>(`${symbol}@bestBidAsk`, held)
            : this.subscribe<`${string}@bookTicker`>(`${symbol}@bookTicker`, held),
      },
      timer,
      unit,
    );
    this.#timeMs = (data) => sentAtMs(data, unit);
    this.#rest = new RestClient({
      url: restUrl,
      fetch,
      timer,
      budget: options.budget ?? sharedBudget(timer, restUrl),
      timeoutMs: REST_TIMEOUT_MS,
    });
    const { muteAfterMs = MUTE_AFTER_MS } = options;
    this.#encoding = encoding;
    const isRaw = options.mode === "raw";
    if (encoding === "sbe") this.#grammar = new SbeGrammar(textPayload);
    else this.#grammar = isRaw ? new RawGrammar() : new CombinedGrammar();
    const query = encoding === "json" && options.timeUnit === "us" ? "?timeUnit=MICROSECOND" : "";
    const open = (grammar: Grammar, path: string): Feed =>
      new Feed({
        runtime: options.runtime,
        settings: {
          config: mergeConfig(MARKET_CONFIG, options.config),
          classify: firewallPasses,
          gate: options.gate,
          tracer: options.tracer,
        },
        handshake: {
          url: url.replace(/\/$/, "") + path + query,
          protocols: [],
          headers: apiKey === undefined ? {} : { "X-MBX-APIKEY": apiKey },
        },
        grammar,
        commands: MARKET_COMMANDS,
        maxTopicsPerConnection: options.maxStreamsPerConnection ?? MAX_STREAMS_PER_CONNECTION,
        renewal: { ...RENEWAL, ...options.renewal },
        mute: muteAfterMs === false ? undefined : muteRule(muteAfterMs, encoding),
        onFault: options.onFault,
      });
    this.#feed = open(this.#grammar, isRaw ? "/ws" : "/stream");
    this.#scaledGrammar =
      encoding === "sbe" ? new SbeGrammar(scaledPayload) : new CombinedGrammar("scaled");
    this.#scaled = open(this.#scaledGrammar, "/stream");
  }

  /** The connections that are there now. */
  get connections(): readonly FeedConnection[] {
    return this.#feeds.flatMap((feed) => feed.connections);
  }

  /** The streams that are held. */
  get streams(): readonly string[] {
    return [...new Set(this.#feeds.flatMap((feed) => feed.topics))];
  }

  /**
   * Holds a stream: `btcusdt@trade`, `ethusdt@depth@100ms`, `!miniTicker@arr`. The symbol may be in
   * any case. Several may hold the same one; close what you do not need any more.
   *
   * With `backfill` or `after` the result fills gaps and tells its position; each such subscription
   * asks REST for itself.
   *
   * @throws WsError `TOPIC_INVALID` for a name that no documented stream of this encoding has;
   *   ConfigError for limits that cannot work; WsError `SHUT_DOWN`; with `backfill` or `after`
   *   WsError `LINES_REFUSED` for a stream without consecutive ids, and `BACKFILL_UNAVAILABLE` for
   *   one that REST does not have
   */
  subscribe<const Name extends string>(
    name: Name,
    options: SubscribeOptions & FillRequest,
  ): JoinedSubscription<PayloadOf<Name>>;
  subscribe<const Name extends string>(
    name: Name,
    options?: SubscribeOptions,
  ): Subscription<PayloadOf<Name>>;
  subscribe<const Name extends string>(
    name: Name,
    options: SubscribeOptions & FillOptions = {},
  ): Subscription<PayloadOf<Name>> {
    const stream = parseStreamName(name, this.#encoding);
    this.#grammar.learn(stream, this.#feed.topics);
    // The name decides the payload, which the type of the name repeats; the venue is trusted to
    // send what it documents.
    const hold = (held: SubscribeOptions): Subscription<PayloadOf<Name>> =>
      this.#hold(this.#feed, stream, held) as unknown as Subscription<PayloadOf<Name>>;
    const { after, backfill, policy, ...watch } = options;
    if (after === undefined && backfill === undefined) return hold(options);
    return fillStream({
      stream,
      subscription: hold(watch),
      options: { after, backfill },
      policy,
      rest: this.#rest,
      runtime: this.#runtime,
      timeUnit: this.#timeUnit,
      onFault: this.#onFault,
    });
  }

  /**
   * Holds a stream with its prices and quantities as mantissas, without making text of them: for
   * those who calculate with whole numbers. Over SBE all streams have that form; in JSON `trade`,
   * `aggTrade`, `bookTicker` and `depth` do. Gaps, doubles and renewals are as in
   * {@link subscribe}; such streams have connections of their own, in combined mode.
   *
   * @throws WsError `TOPIC_INVALID` for a name that has no such form; ConfigError for limits that
   *   cannot work; WsError `SHUT_DOWN`
   */
  subscribeScaled<const Name extends string>(
    name: Name,
    options?: SubscribeOptions,
  ): Subscription<ScaledOf<Name>> {
    const stream = parseStreamName(name, this.#encoding);
    if (this.#encoding === "json" && !isShapedKind(stream.kind)) throw notScaled(name);
    this.#scaledGrammar.learn(stream);
    return this.#hold(this.#scaled, stream, options) as unknown as Subscription<ScaledOf<Name>>;
  }

  /**
   * Trades of a symbol in the market model, from its `trade` stream. Default policy `reliable`.
   *
   * @param symbol in any case
   * @throws like {@link subscribe}
   */
  trades(symbol: string, options?: SubscribeOptions): MarketReader<MarketTrade<Trade>> {
    return this.#readers.trades(symbol, options);
  }

  /**
   * The best prices in the market model, from the `bookTicker` streams, which have no time, or over
   * SBE from `bestBidAsk`. Default policy `latest`. The venue has no stream over all symbols: `"*"`
   * reads those of which this market holds quotes, now and later.
   *
   * @param symbols one or several, in any case, or `"*"`
   * @throws like {@link subscribe}; ConfigError for an empty list
   */
  quotes(
    symbols: string | readonly string[],
    options?: SubscribeOptions,
  ): MarketReader<Quote<BookTicker>> {
    return this.#readers.quotes.read(symbols, options);
  }

  /**
   * The order book of a symbol, kept up to date until it is closed.
   *
   * @param symbol in any case
   * @throws WsError `TOPIC_INVALID` for what cannot be a symbol; ConfigError for options that
   *   cannot work; WsError `SHUT_DOWN`
   */
  book(symbol: string, options: BookOptions = {}): OrderBook<DepthUpdate> {
    const {
      limit = 1_000,
      speed,
      updates = { kind: "latest" },
      staleAfterMs,
      reconnectAfterMs,
    } = options;
    const isSbe = this.#encoding === "sbe";
    const issues = numberIssues({ limit }, { limit: { min: 1, max: MAX_DEPTH, whole: true } });
    if (isSbe && speed !== undefined)
      issues.push({ path: "speed", message: "cannot be chosen over SBE: it is 50 ms" });
    if (issues.length > 0) throw new ConfigError(issues);
    // What may be wrong with them is found before anything is held.
    const { timer, random } = this.#runtime;
    const stream = new TopicStream<BookUpdate<DepthUpdate>>(updates, () => undefined, timer);
    const name: `${string}@depth` = `${symbol}@depth`;
    const subscription = this.subscribe(isSbe || speed === "1000ms" ? name : `${name}@100ms`, {
      policy: { kind: "reliable", maxEvents: BOOK_BACKLOG },
      staleAfterMs,
      reconnectAfterMs,
    });
    return depthBook({
      symbol: symbol.toUpperCase(),
      subscription,
      fetch: (signal) => fetchDepth(this.#rest, symbol.toUpperCase(), limit, signal),
      limit,
      timer,
      random,
      updates: stream,
      turns: this.#turns,
    });
  }

  /**
   * Asks the venue which streams it has for us, over all connections (`LIST_SUBSCRIPTIONS`).
   * Rejects with a `WsError`.
   */
  async list(): Promise<readonly string[]> {
    const answers = await Promise.all(this.#feeds.map((feed) => feed.query(encodeList)));
    return answers
      .flat()
      .flatMap((answer) =>
        Array.isArray(answer) ? answer.filter((name) => typeof name === "string") : [],
      );
  }

  /** Replaces every connection now, without a break. */
  renew(): void {
    for (const feed of this.#feeds) feed.renew();
  }

  /** Ends all streams cleanly, and all connections. Bounded; idempotent. */
  async shutdown(): Promise<void> {
    this.#readers.quotes.end();
    await Promise.all(this.#feeds.map((feed) => feed.shutdown()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  get #feeds(): readonly Feed[] {
    return [this.#feed, this.#scaled];
  }

  #hold(
    feed: Feed,
    { name, kind }: StreamName,
    options: SubscribeOptions | undefined,
  ): Subscription<MarketPayload> {
    const rules: TopicRules<never> & Pick<StreamRules<never>, "staleAfterMs"> = streamRules(kind);
    const staleAfterMs = options?.staleAfterMs ?? rules.staleAfterMs;
    const timed = { ...rules, timeMs: this.#timeMs };
    return feed.subscribe<never>(name, timed, { ...options, staleAfterMs });
  }
}

function notScaled(name: string): WsError {
  const message = `stream ${name} has no form with mantissas`;
  return new WsError({ kind: "client", code: "TOPIC_INVALID", message });
}
