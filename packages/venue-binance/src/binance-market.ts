import { ConfigError, urlFault } from "@oath-ws/contract";
import type { Tracer } from "@oath-ws/contract";
import type { AttemptGate, PartialConfig } from "@oath-ws/resilience";
import { Feed, numberIssues } from "@oath-ws/venue-kit";
import type { FeedConnection, Grammar, RenewalOptions, SubscribeOptions, Subscription, VenueRuntime } from "@oath-ws/venue-kit";
import { CombinedGrammar, encodeList } from "./feed/market-grammar.js";
import {
  MARKET_COMMANDS,
  MARKET_CONFIG,
  MARKET_URL,
  MAX_STREAMS_PER_CONNECTION,
  mergeConfig,
  RENEWAL,
} from "./feed/market-settings.js";
import type { PayloadOf } from "./market/payload-of.js";
import { parseStreamName } from "./market/stream-name.js";
import { streamRules } from "./market/stream-rules.js";

/** Options of {@link BinanceMarket}. */
export interface MarketOptions {
  /** Connections, clocks and jitter: `nodeRuntime` of `oath-ws`. */
  readonly runtime: VenueRuntime;
  /** Scheme, host and port. Default the live venue, {@link MARKET_URL}. */
  readonly url?: string | undefined;
  /** Streams that one connection carries, at most 1 024. Default 1 000; more streams are spread over further connections. */
  readonly maxStreamsPerConnection?: number | undefined;
  /** When a connection is replaced before the venue ends it. Default: after 23 h; see {@link RENEWAL}. */
  readonly renewal?: Partial<RenewalOptions> | undefined;
  /** Laid over the venue's own settings, {@link MARKET_CONFIG}. */
  readonly config?: PartialConfig | undefined;
  /** Counts connection attempts (300 in 5 minutes per IP). Default: one for the process. */
  readonly gate?: AttemptGate | undefined;
  readonly tracer?: Tracer | undefined;
  /** Told of frames that could not be read. Default: nobody; the topics' gap records tell of them too. */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

/**
 * Binance Spot market streams: subscribe by the venue's stream names, and get its payloads typed. Opens connections when streams ask for
 * them, restores the streams after every break, spreads them over connections, and replaces a connection before the venue ends it. Events
 * with ids are checked for holes and doubles; whatever is missing leaves a gap record.
 *
 * ```ts
 * const market = new BinanceMarket({ runtime: nodeRuntime });
 * for await (const { data } of market.subscribe("btcusdt@trade")) console.log(data.p, data.q);
 * ```
 */
export class BinanceMarket implements AsyncDisposable {
  readonly #feed: Feed;

  /** @throws ConfigError listing everything that is wrong with the options; nothing is dialled before a stream is subscribed */
  constructor(options: MarketOptions) {
    const url = options.url ?? MARKET_URL;
    checkOptions(url, options);
    const grammar: Grammar = new CombinedGrammar();
    this.#feed = new Feed({
      runtime: options.runtime,
      settings: {
        config: mergeConfig(MARKET_CONFIG, options.config),
        gate: options.gate,
        tracer: options.tracer,
      },
      handshake: { url: `${url.replace(/\/$/, "")}/stream`, protocols: [], headers: {} },
      grammar,
      commands: MARKET_COMMANDS,
      maxTopicsPerConnection: options.maxStreamsPerConnection ?? MAX_STREAMS_PER_CONNECTION,
      renewal: { ...RENEWAL, ...options.renewal },
      onFault: options.onFault,
    });
  }

  /** The connections that are there now. */
  get connections(): readonly FeedConnection[] {
    return this.#feed.connections;
  }

  /** The streams that somebody holds. */
  get streams(): readonly string[] {
    return this.#feed.topics;
  }

  /**
   * Holds a stream: `btcusdt@trade`, `ethusdt@depth@100ms`, `!miniTicker@arr`. The symbol may be in any case. Several may hold the same one;
   * close what you do not need any more.
   *
   * @throws WsError `TOPIC_INVALID` for a name that no documented stream has; ConfigError for limits that cannot work; WsError `SHUT_DOWN`
   */
  subscribe<const Name extends string>(name: Name, options?: SubscribeOptions): Subscription<PayloadOf<Name>> {
    const stream = parseStreamName(name);
    const rules = streamRules(stream.kind);
    // The name decides the payload, which the type of the name repeats; the venue is trusted to send what it documents.
    return this.#feed.subscribe(stream.name, rules, { staleAfterMs: rules.staleAfterMs, ...options }) as unknown as Subscription<
      PayloadOf<Name>
    >;
  }

  /** Asks the venue which streams it has for us, over all connections (`LIST_SUBSCRIPTIONS`). Rejects with a `WsError`. */
  async list(): Promise<readonly string[]> {
    const answers = await this.#feed.query(encodeList);
    return answers.flatMap((answer) => (Array.isArray(answer) ? answer.filter((name) => typeof name === "string") : []));
  }

  /** Replaces every connection now, without a break. */
  renew(): void {
    this.#feed.renew();
  }

  /** Ends all streams cleanly, and all connections. Bounded; idempotent. */
  shutdown(): Promise<void> {
    return this.#feed.shutdown();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }
}

function checkOptions(url: string, options: MarketOptions): void {
  const issues = [
    ...numberIssues({ ...options }, { maxStreamsPerConnection: { min: 1, whole: true } }),
    ...numberIssues(
      { ...options.renewal },
      { afterMs: { min: 1 }, timeoutMs: { min: 1 }, quietMs: { min: 0 }, overlapMs: { min: 0 }, retryMs: { min: 1 } },
      "renewal.",
    ),
  ];
  const fault = urlFault(url);
  if (fault !== undefined) issues.push({ path: "url", message: fault });
  if ((options.maxStreamsPerConnection ?? 1) > 1_024) {
    issues.push({ path: "maxStreamsPerConnection", message: "must be at most 1024, the venue's limit" });
  }
  if (issues.length > 0) throw new ConfigError(issues);
}
