import { Feed, mergeConfig, notOffered, orderReader, RetryPause } from "@oath-ws/venue-kit";
import type {
  FeedConnection,
  MarketData,
  MarketReader,
  OrderEvent,
  OrderUpdates,
  Quote as MarketQuote,
  SubscribeOptions,
  Subscription,
  TopicRules,
  Trade as MarketTrade,
} from "@oath-ws/venue-kit";
import { tradeMemory } from "./feed/account.js";
import { checkClientOptions } from "./feed/client-options.js";
import type { IbkrOptions } from "./feed/client-options.js";
import { IbkrConnection } from "./feed/ibkr-connection.js";
import type { ConnectionParts } from "./feed/ibkr-connection.js";
import { LINES } from "./feed/market-lines.js";
import type { IbkrPayload, PayloadOf } from "./feed/payload-of.js";
import { heartbeatOf, PULSE } from "./feed/pulse.js";
import { QuietWindow, REFUSED_WITHIN_MS } from "./feed/quiet-window.js";
import { CONFIRM_PAUSE } from "./feed/session-binding.js";
import {
  COMMANDS,
  GREETING_TIMEOUT_MS,
  IBKR_CONFIG,
  IBKR_URL,
  MAX_HISTORIES,
  MAX_LINES,
} from "./feed/settings.js";
import { parametersOf } from "./feed/topic-options.js";
import type { TopicOptions } from "./feed/topic-options.js";
import { parseTopicName, rulesOf } from "./feed/topic-name.js";
import { TopicRequests } from "./feed/topic-requests.js";
import { withDefaults } from "./feed/with-defaults.js";
import { marketReaders } from "./market/market-readers.js";
import { orderEventsOf } from "./market/order-model.js";
import type { Order, Trade } from "./market/payloads.js";
import type { Quote } from "./market/quote.js";
import { venueTimeOf } from "./market/trade-model.js";
import { OrderStream } from "./orders/order-stream.js";
import type { OrderOptions } from "./orders/order-stream.js";

/** The venue numbers nothing, and a user has one brokerage session (I-11). */
const RULES: TopicRules<IbkrPayload> = {
  identity: () => 0,
  range: undefined,
  lines: "one",
  timeMs: venueTimeOf,
};

/**
 * The IBKR Client Portal over one WebSocket: subscribe by the venue's topic names, and get its
 * payloads typed, partial ones put together. Nothing is replayed by the venue: what is wanted is
 * subscribed again on every connection, and after every repair of the brokerage session on the same
 * one.
 *
 * ```ts
 * const client = new IbkrClient({ runtime, session });
 * for await (const { data } of client.subscribe("smd+265598")) console.log(data.bid, data.ask);
 * ```
 */
export class IbkrClient implements MarketData, OrderUpdates, AsyncDisposable {
  readonly #options: IbkrOptions;
  readonly #feed: Feed;
  readonly #requests: TopicRequests;
  readonly #orders = new Set<OrderStream>();
  readonly #readers: ReturnType<typeof marketReaders>;
  /** The session that the last handshake has shown. */
  #shown = 0;
  /** The last connection. */
  #connection: IbkrConnection | undefined;

  /**
   * @throws ConfigError listing everything that is wrong with the options; nothing is dialled
   *   before a topic is subscribed
   */
  constructor(options: IbkrOptions) {
    checkClientOptions(options);
    const { runtime, session, gate, tracer } = options;
    const { timer, random } = runtime;
    this.#options = options;
    this.#readers = marketReaders(
      {
        executions: (held) => this.subscribe("str", held),
        quotes: (conid, held) => this.subscribe<`smd+${string}`>(`smd+${conid}`, held),
      },
      timer,
    );
    this.#requests = new TopicRequests(() => this.#feed.topics);
    const parts: ConnectionParts = {
      runtime,
      session,
      requests: this.#requests,
      quiet: new QuietWindow(timer, options.refusedWithinMs ?? REFUSED_WITHIN_MS),
      trades: tradeMemory(),
      confirmPause: new RetryPause(timer, random, CONFIRM_PAUSE),
      lines: withDefaults(LINES, options.lines),
      ticEveryMs: withDefaults(PULSE, options.pulse).ticEveryMs,
      greetingTimeoutMs: options.greetingTimeoutMs ?? GREETING_TIMEOUT_MS,
      fault: (error) => options.onFault?.(error),
    };
    this.#feed = new Feed({
      runtime,
      settings: {
        config: mergeConfig(IBKR_CONFIG, options.config),
        auth: {
          authorize: async (handshake) => {
            const shown = await session.show(handshake);
            this.#shown = shown.identity;
            return shown.handshake;
          },
        },
        gate,
        tracer,
        // The venue's text is not always UTF-8 (I-8).
        socket: { skipUTF8Validation: true },
      },
      handshake: { url: options.url ?? IBKR_URL, protocols: [], headers: {} },
      onEpoch: (connection) => {
        this.#connection = new IbkrConnection(connection, parts, this.#shown);
        return this.#connection;
      },
      heartbeat: heartbeatOf(options.pulse),
      awaitsGreeting: true,
      needsLogin: (topic) => rulesOf(topic).session,
      commands: COMMANDS,
      maxTopicsPerConnection: Number.POSITIVE_INFINITY,
      onFault: options.onFault,
    });
  }

  /** The connection, once there is one. */
  get connections(): readonly FeedConnection[] {
    return this.#feed.connections;
  }

  /** The topics that are held. */
  get topics(): readonly string[] {
    return this.#feed.topics;
  }

  /**
   * Holds a topic: `smd+265598`, `sor`, `ssd+U1234567`. Several may hold the same one; close what
   * you do not need any more.
   *
   * `live` means for `smd` and `smh` that the first data came. The venue does not answer the
   * others: they are `live` with their first data, or when no refusal came within
   * `refusedWithinMs`.
   *
   * @throws WsError `TOPIC_INVALID` for a name that no documented topic has; `LINES_EXHAUSTED` and
   *   `HISTORIES_EXHAUSTED` when the venue would serve no more (close another one first);
   *   `TOPIC_CONFLICT` when it is held otherwise; ConfigError for options that cannot work;
   *   WsError `SHUT_DOWN`
   */
  subscribe<const Name extends string>(
    name: Name,
    options: TopicOptions = {},
  ): Subscription<PayloadOf<Name>> {
    const topic = parseTopicName(name);
    const parameters = parametersOf(topic, options);
    // Before the topic is held: it may be asked for at once.
    const hasMore = this.#requests.add(topic, parameters, {
      lines: this.#options.maxLines ?? MAX_LINES,
      histories:
        (this.#options.maxHistories ?? MAX_HISTORIES) -
        (this.#connection?.grammar.orphanHistories ?? 0),
    });
    const { policy, reconnectAfterMs } = options;
    // Of all topics this one alone has a rhythm that the venue states (I-21).
    const rhythmMs =
      topic.kind === "system" ? withDefaults(PULSE, this.#options.pulse).staleAfterMs : undefined;
    const staleAfterMs = options.staleAfterMs ?? rhythmMs;
    const subscription = this.#feed.subscribe<IbkrPayload>(name, RULES, {
      policy,
      staleAfterMs,
      reconnectAfterMs,
    });
    if (hasMore) this.#connection?.grammar.again(name);
    // The name decides the payload, which the type of the name repeats; the dialect has looked at
    // its outline.
    return subscription as unknown as Subscription<PayloadOf<Name>>;
  }

  /**
   * The account's own executions in a contract, in the market model: their `scope` is `account`.
   * The venue sends no market's trades. Default policy `reliable`. Executions of the last day come
   * first.
   *
   * @param conid the contract id
   * @throws like {@link subscribe}
   */
  trades(conid: string, options?: SubscribeOptions): MarketReader<MarketTrade<Trade>> {
    return this.#readers.trades(conid, options);
  }

  /**
   * The best prices in the market model, from the topics `smd`. Default policy `latest`. Look at
   * `isRealtime`: without a subscription to market data the venue sends delayed prices. `"*"` reads
   * the contracts of which this client holds quotes, now and later.
   *
   * @param conids one contract id or several, or `"*"`
   * @throws like {@link subscribe}; ConfigError for an empty list
   */
  quotes(
    conids: string | readonly string[],
    options?: SubscribeOptions,
  ): MarketReader<MarketQuote<Quote>> {
    return this.#readers.quotes.read(conids, options);
  }

  /**
   * Always throws: the venue's price ladder needs an account and an exchange, and the shape of its
   * rows is not known well enough to keep an exact book.
   *
   * @throws WsError `NOT_OFFERED`
   */
  book(conid: string): never {
    throw notOffered(
      "ibkr",
      "order book",
      `subscribe the price ladder sbd+ACCOUNT+${conid}+EXCHANGE for its rows as the venue ` +
        "sends them",
    );
  }

  /**
   * The account's orders in the market model: all of them after every break, then each that
   * changes. Closing it ends this reader's subscription. {@link orderStream} has options, and the
   * venue's payloads.
   *
   * @throws WsError `SHUT_DOWN`
   */
  orders(): MarketReader<OrderEvent<Order>> {
    const stream = this.orderStream();
    const { timer } = this.#options.runtime;
    return orderReader("ibkr", timer, stream.updates, orderEventsOf, () => void stream.close());
  }

  /**
   * The account's orders as the venue has them: all of them after every break, then what happens to
   * them. One stream is one reader's.
   *
   * @throws ConfigError for options that cannot work; WsError `SHUT_DOWN`
   */
  orderStream(options: OrderOptions = {}): OrderStream {
    const { runtime, session, onFault } = this.#options;
    const stream: OrderStream = new OrderStream({
      runtime,
      session,
      options,
      subscribe: () =>
        this.subscribe("sor", { policy: { kind: "reliable", maxEvents: 1_000_000 } }),
      onFault: (error) => onFault?.(error),
      onEnd: () => this.#orders.delete(stream),
    });
    this.#orders.add(stream);
    return stream;
  }

  /** Ends all topics cleanly, and the connection; the session goes on. Bounded; idempotent. */
  async shutdown(): Promise<void> {
    this.#readers.quotes.end();
    await this.#feed.shutdown();
    await Promise.all(Array.from(this.#orders, (stream) => stream.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }
}
