import { ConfigError } from "@oath-ws/contract";
import type { Tracer } from "@oath-ws/contract";
import type { Gate, PartialConfig } from "@oath-ws/resilience";
import {
  BookTurns,
  Feed,
  firewallPasses,
  mergeConfig,
  numberIssues,
  TopicStream,
  unknownKeyIssues,
} from "@oath-ws/venue-kit";
import type {
  BookUpdate,
  FeedConnection,
  Grammar,
  OrderBook,
  RenewalOptions,
  SubscribeOptions,
  Subscription,
  TopicRules,
  VenueRuntime,
} from "@oath-ws/venue-kit";
import { depthBook } from "./book/depth-book.js";
import type { BookOptions } from "./book/depth-book.js";
import { CombinedGrammar, encodeList } from "./feed/market-grammar.js";
import {
  MARKET_COMMANDS,
  MARKET_CONFIG,
  MARKET_URL,
  MAX_STREAMS_PER_CONNECTION,
  RENEWAL,
  SBE_URL,
} from "./feed/market-settings.js";
import { MUTE_AFTER_MS, muteRule } from "./feed/mute.js";
import { RawGrammar } from "./feed/raw-grammar.js";
import { SbeGrammar } from "./feed/sbe-grammar.js";
import type { PayloadOf } from "./market/payload-of.js";
import type { DepthUpdate, MarketPayload } from "./market/payloads.js";
import { choiceIssues, commonIssues, encodingIssues } from "./option-issues.js";
import { parseStreamName } from "./market/stream-name.js";
import type { Encoding, StreamName } from "./market/stream-name.js";
import { streamRules } from "./market/stream-rules.js";
import type { StreamRules } from "./market/stream-rules.js";
import { fetchDepth, MAX_DEPTH } from "./rest/depth-client.js";
import { RestClient } from "./rest/rest-client.js";
import { REST_TIMEOUT_MS, REST_URL } from "./rest/rest-settings.js";
import { sharedBudget } from "./rest/shared-budget.js";
import type { WeightBudget } from "./rest/weight-budget.js";
import { textPayload } from "./sbe/payloads.js";
import { scaledPayload } from "./sbe/scaled-payloads.js";
import type { ScaledOf } from "./sbe/scaled-payloads.js";

/** Options of {@link BinanceMarket}. */
export interface MarketOptions {
  /** Connections, clocks, jitter, and HTTP for order books: `nodeRuntime` of `oath-ws`. */
  readonly runtime: VenueRuntime;
  /**
   * Scheme, host and port of the streams. Default the live venue: {@link MARKET_URL}, or
   * {@link SBE_URL} for `encoding: "sbe"`.
   */
  readonly url?: string | undefined;
  /** Scheme, host and port of the REST API, where books begin. Default the live venue. */
  readonly restUrl?: string | undefined;
  /**
   * The request weight of this IP address. Default: shared by all adapters of the process that have
   * the same `restUrl`. Give one that other code which asks the venue takes its weight from too.
   */
  readonly budget?: WeightBudget | undefined;
  /**
   * How the venue writes events: `json` (the default), or `sbe`, a binary form that has only
   * `<symbol>@trade`, `@bestBidAsk`, `@depth` and `@depth20`, needs an `apiKey`, and counts all
   * times in microseconds. Payloads have the same fields either way, and books are the same.
   */
  readonly encoding?: Encoding | undefined;
  /**
   * The key of an Ed25519 pair, for `encoding: "sbe"` and nothing else. It goes to `url` in the
   * header `X-MBX-APIKEY`; nothing is signed, and the key needs no permission.
   */
  readonly apiKey?: string | undefined;
  /**
   * For JSON. `combined` (the default): every event names its stream. `raw`: a little less on the wire, but
   * no partial books, and no two streams of a symbol that differ only in speed or time zone.
   */
  readonly mode?: "combined" | "raw" | undefined;
  /** What times in payloads count: `ms` (the default) or `us` (B-4). Over SBE always `us`. */
  readonly timeUnit?: "ms" | "us" | undefined;
  /**
   * Streams that one connection carries, at most 1 024. Default 1 000; more streams are spread over
   * further connections.
   */
  readonly maxStreamsPerConnection?: number | undefined;
  /**
   * When a connection is replaced before the venue ends it. Default: after 23 h; see
   * {@link RENEWAL}.
   */
  readonly renewal?: Partial<RenewalOptions> | undefined;
  /**
   * Silence of a whole connection that answers pings, in milliseconds, after which it is made anew:
   * when one of its streams has a rhythm, or two follow quotes, or a hundred follow trades. Default
   * 60 000; each time within 6 hours takes twice as much, up to an hour. `false`: never.
   */
  readonly muteAfterMs?: number | false | undefined;
  /** Laid over the venue's own settings, {@link MARKET_CONFIG}. */
  readonly config?: PartialConfig | undefined;
  /** Counts connection attempts (300 in 5 minutes per IP). Default: one for the process. */
  readonly gate?: Gate | undefined;
  readonly tracer?: Tracer | undefined;
  /**
   * Told of frames that could not be read. Default: nobody; the topics' gap records tell of them
   * too.
   */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

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
export class BinanceMarket implements AsyncDisposable {
  readonly #feed: Feed;
  /** Streams in SBE whose numbers stay mantissas. */
  readonly #scaled: { readonly feed: Feed; readonly grammar: SbeGrammar } | undefined;
  readonly #rest: RestClient;
  readonly #encoding: Encoding;
  readonly #grammar: CombinedGrammar | RawGrammar | SbeGrammar;
  readonly #runtime: VenueRuntime;
  readonly #turns: BookTurns;

  /**
   * @throws ConfigError listing everything that is wrong with the options; nothing is dialled
   *   before a stream is subscribed
   */
  constructor(options: MarketOptions) {
    const { encoding = "json", apiKey, restUrl: restAddress = REST_URL } = options;
    const { url = encoding === "sbe" ? SBE_URL : MARKET_URL } = options;
    checkOptions({ ...options, url, restUrl: restAddress });
    const restUrl = restAddress.replace(/\/$/, "");
    const { timer, fetch } = options.runtime;
    this.#runtime = options.runtime;
    this.#turns = new BookTurns(timer);
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
    const path = isRaw ? "/ws" : "/stream";
    const query = encoding === "json" && options.timeUnit === "us" ? "?timeUnit=MICROSECOND" : "";
    const open = (grammar: Grammar): Feed =>
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
    this.#feed = open(this.#grammar);
    if (encoding === "sbe") {
      const grammar = new SbeGrammar(scaledPayload);
      this.#scaled = { grammar, feed: open(grammar) };
    }
  }

  /** The connections that are there now. */
  get connections(): readonly FeedConnection[] {
    return this.#feeds.flatMap((feed) => feed.connections);
  }

  /** The streams that somebody holds. */
  get streams(): readonly string[] {
    return [...new Set(this.#feeds.flatMap((feed) => feed.topics))];
  }

  /**
   * Holds a stream: `btcusdt@trade`, `ethusdt@depth@100ms`, `!miniTicker@arr`. The symbol may be in
   * any case. Several may hold the same one; close what you do not need any more.
   *
   * @throws WsError `TOPIC_INVALID` for a name that no documented stream of this encoding has;
   *   ConfigError for
   *   limits that cannot work; WsError `SHUT_DOWN`
   */
  subscribe<const Name extends string>(
    name: Name,
    options?: SubscribeOptions,
  ): Subscription<PayloadOf<Name>> {
    const stream = parseStreamName(name, this.#encoding);
    this.#grammar.learn(stream, this.#feed.topics);
    // The name decides the payload, which the type of the name repeats; the venue is trusted to
    // send what it documents.
    return this.#hold(this.#feed, stream, options) as unknown as Subscription<PayloadOf<Name>>;
  }

  /**
   * Holds a stream in SBE with its prices and quantities as mantissas, without making text of them:
   * for those who calculate with whole numbers. Gaps, doubles and renewals are as in
   * {@link subscribe}; such streams have connections of their own.
   *
   * @throws ConfigError without `encoding: "sbe"`, or for limits that cannot work; WsError
   *   `TOPIC_INVALID` for a name that SBE does not have; WsError `SHUT_DOWN`
   */
  subscribeScaled<const Name extends string>(
    name: Name,
    options?: SubscribeOptions,
  ): Subscription<ScaledOf<Name>> {
    if (this.#scaled === undefined)
      throw new ConfigError([{ path: "encoding", message: "must be sbe for scaled streams" }]);
    const { feed, grammar } = this.#scaled;
    const stream = parseStreamName(name, "sbe");
    grammar.learn(stream);
    return this.#hold(feed, stream, options) as unknown as Subscription<ScaledOf<Name>>;
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
    await Promise.all(this.#feeds.map((feed) => feed.shutdown()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  get #feeds(): readonly Feed[] {
    return this.#scaled === undefined ? [this.#feed] : [this.#feed, this.#scaled.feed];
  }

  #hold(
    feed: Feed,
    { name, kind }: StreamName,
    options: SubscribeOptions | undefined,
  ): Subscription<MarketPayload> {
    const rules: TopicRules<never> & Pick<StreamRules<never>, "staleAfterMs"> = streamRules(kind);
    const staleAfterMs = options?.staleAfterMs ?? rules.staleAfterMs;
    return feed.subscribe<never>(name, rules, { ...options, staleAfterMs });
  }
}

const MARKET_KEYS: Readonly<Record<keyof MarketOptions, true>> = {
  runtime: true,
  url: true,
  restUrl: true,
  budget: true,
  encoding: true,
  apiKey: true,
  mode: true,
  timeUnit: true,
  maxStreamsPerConnection: true,
  muteAfterMs: true,
  renewal: true,
  config: true,
  gate: true,
  tracer: true,
  onFault: true,
};

function checkOptions(options: MarketOptions & { url: string; restUrl: string }): void {
  const { muteAfterMs } = options;
  const issues = [
    ...unknownKeyIssues(options, MARKET_KEYS),
    ...commonIssues(options),
    ...encodingIssues(options),
    ...choiceIssues("mode", options.mode, ["combined", "raw"]),
    ...choiceIssues("timeUnit", options.timeUnit, ["ms", "us"]),
    ...numberIssues(
      { ...options, muteAfterMs: muteAfterMs === false ? undefined : muteAfterMs },
      { maxStreamsPerConnection: { min: 1, max: 1_024, whole: true }, muteAfterMs: { min: 1 } },
    ),
  ];
  if (issues.length > 0) throw new ConfigError(issues);
}
