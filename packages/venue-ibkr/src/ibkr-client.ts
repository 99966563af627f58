import type { Tracer } from "@oath-ws/contract";
import { ConfigError, urlFault } from "@oath-ws/contract";
import type { Gate, PartialConfig } from "@oath-ws/resilience";
import {
  elapsedTimer,
  Feed,
  mergeConfig,
  numberIssues,
  RetryPause,
  unknownKeyIssues,
} from "@oath-ws/venue-kit";
import type { FeedConnection, Subscription, TopicRules, VenueRuntime } from "@oath-ws/venue-kit";
import { BrokerageLogin } from "./feed/brokerage-login.js";
import { Dialect } from "./feed/dialect.js";
import { Greeting } from "./feed/greeting.js";
import { LINES, MarketLines } from "./feed/market-lines.js";
import type { LineOptions } from "./feed/market-lines.js";
import type { IbkrPayload, PayloadOf } from "./feed/payload-of.js";
import { QuietWindow, REFUSED_WITHIN_MS } from "./feed/quiet-window.js";
import { PULSE, Pulse } from "./feed/pulse.js";
import type { PulseOptions } from "./feed/pulse.js";
import {
  COMMANDS,
  feedIssues,
  GREETING_TIMEOUT_MS,
  IBKR_CONFIG,
  IBKR_URL,
  MAX_HISTORIES,
  MAX_LINES,
  withDefaults,
} from "./feed/settings.js";
import { SessionBinding } from "./feed/session-binding.js";
import { checkSubscribable, TopicHolders } from "./feed/topic-holders.js";
import { parametersOf } from "./feed/topic-options.js";
import type { TopicOptions } from "./feed/topic-options.js";
import { parseTopicName, rulesOf } from "./feed/topic-name.js";
import { Wire } from "./feed/wire.js";
import { OrderStream } from "./orders/order-stream.js";
import type { OrderOptions } from "./orders/order-stream.js";
import type { SessionKeeper } from "./session/session-keeper.js";

/** Options of {@link IbkrClient}. */
export interface IbkrOptions {
  /**
   * Connections, clocks and jitter: `nodeRuntime` of `oath-ws`, or what its `nodeRuntimeWith` gives
   * for a self-signed certificate.
   */
  readonly runtime: VenueRuntime;
  /** Keeps the session. It is the user's to shut down, after the client. */
  readonly session: SessionKeeper;
  /** Address of the WebSocket. Default {@link IBKR_URL}. */
  readonly url?: string | undefined;
  /** Market data lines that the user has, at most 10 000. Default 100. */
  readonly maxLines?: number | undefined;
  /** Histories at once. Default 5, the most that the venue serves. */
  readonly maxHistories?: number | undefined;
  /** When silence counts, and how often `tic` is said. */
  readonly pulse?: PulseOptions | undefined;
  /** When market data is asked for again. */
  readonly lines?: LineOptions | undefined;
  /**
   * How long the venue may take to greet before the connection is made anew, in milliseconds.
   * Default 10 000.
   */
  readonly greetingTimeoutMs?: number | undefined;
  /**
   * How long after a topic was asked for a refusal may come, in milliseconds: a topic that the
   * venue does not answer is `live` after so long, or with its first data. It is waited for longer
   * where refusals took longer. Default 2 000.
   */
  readonly refusedWithinMs?: number | undefined;
  /** Laid over the venue's own settings, {@link IBKR_CONFIG}. */
  readonly config?: PartialConfig | undefined;
  readonly gate?: Gate | undefined;
  readonly tracer?: Tracer | undefined;
  /**
   * Told of frames that could not be read, of the venue's errors, and of failed reconciliations.
   * Default: nobody.
   */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

/**
 * After frames were missed, what was put together of several is asked for again; losses that come
 * together, once, and those that go on, ever more rarely. Milliseconds.
 */
const REFRESH_PAUSE = { minMs: 1_000, maxMs: 60_000 };

/** The venue numbers nothing. */
const RULES: TopicRules<IbkrPayload> = { identity: () => 0, range: undefined };

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
export class IbkrClient implements AsyncDisposable {
  readonly #options: IbkrOptions;
  readonly #feed: Feed;
  readonly #wire: Wire;
  readonly #dialect: Dialect;
  readonly #lines: MarketLines;
  readonly #login: BrokerageLogin;
  readonly #greeting: Greeting;
  readonly #pulse: Pulse;
  readonly #binding: SessionBinding;
  readonly #holders: TopicHolders;
  readonly #orders = new Set<OrderStream>();
  readonly #refreshPause: RetryPause;
  #cancelRefresh: (() => void) | undefined;

  /**
   * @throws ConfigError listing everything that is wrong with the options; nothing is dialled
   *   before a topic is subscribed
   */
  constructor(options: IbkrOptions) {
    checkOptions(options);
    const { runtime, session, gate, tracer } = options;
    const { timer, random } = runtime;
    this.#options = options;
    this.#refreshPause = new RetryPause(timer, random, REFRESH_PAUSE);
    const say = (text: string): void => this.#wire.say(text);
    const elapsed = elapsedTimer(timer);
    const giveUp = (reason: string): void => this.#wire.forceReconnect(reason);
    this.#wire = new Wire({ up: () => this.#up(), down: () => this.#down() });
    this.#binding = new SessionBinding({ timer, random, session, giveUp });
    this.#lines = new MarketLines({
      timer: elapsed,
      random,
      options: withDefaults(LINES, options.lines),
      say,
      expired: () => giveUp("market data lines may have died while we stood still"),
    });
    this.#login = new BrokerageLogin(session, () => this.#dialect.reset("session"));
    this.#greeting = new Greeting({
      timer,
      timeoutMs: options.greetingTimeoutMs ?? GREETING_TIMEOUT_MS,
      firstFrame: () => {
        this.#binding.named();
        return session.firstFrame();
      },
      say,
      giveUp,
    });
    this.#holders = new TopicHolders((topic) => this.#released(topic));
    this.#pulse = new Pulse({
      timer,
      elapsed,
      options: withDefaults(PULSE, options.pulse),
      say,
      stale: () => this.#holders.silence(),
      revived: () => this.#holders.revive(),
      dead: giveUp,
    });
    this.#dialect = new Dialect({
      lines: this.#lines,
      login: this.#login,
      greeting: this.#greeting,
      pulse: this.#pulse,
      binding: this.#binding,
      quiet: new QuietWindow(timer, options.refusedWithinMs ?? REFUSED_WITHIN_MS),
      epoch: () => this.#wire.epoch,
      say,
      missed: () => this.#missed(),
      fault: (error) => options.onFault?.(error),
    });
    this.#feed = new Feed({
      runtime: { ...runtime, build: this.#wire.wrap((settings) => runtime.build(settings)) },
      settings: {
        config: mergeConfig(IBKR_CONFIG, options.config),
        auth: {
          authorize: async (handshake) => {
            const shown = await session.show(handshake);
            this.#binding.shown(shown.identity);
            return shown.handshake;
          },
        },
        gate,
        tracer,
        // The venue's text is not always UTF-8 (I-8).
        socket: { skipUTF8Validation: true },
      },
      handshake: { url: options.url ?? IBKR_URL, protocols: [], headers: {} },
      grammar: this.#dialect,
      awaitsGreeting: true,
      login: this.#login,
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

  /** The topics that somebody holds. */
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
   *   `TOPIC_CONFLICT` when somebody holds it otherwise; ConfigError for options that cannot work;
   *   WsError `SHUT_DOWN`
   */
  subscribe<const Name extends string>(
    name: Name,
    options: TopicOptions = {},
  ): Subscription<PayloadOf<Name>> {
    const topic = parseTopicName(name);
    const parameters = parametersOf(topic, options);
    checkSubscribable(topic, parameters, this.#holders, {
      lines: this.#options.maxLines ?? MAX_LINES,
      histories: (this.#options.maxHistories ?? MAX_HISTORIES) - this.#dialect.orphanHistories,
    });
    const { policy, reconnectAfterMs } = options;
    // Of all topics this one alone has a rhythm that the venue states (I-21).
    const rhythmMs =
      topic.kind === "system" ? withDefaults(PULSE, this.#options.pulse).staleAfterMs : undefined;
    const staleAfterMs = options.staleAfterMs ?? rhythmMs;
    // Before the topic is held: it may be asked for at once.
    const isLine = topic.kind === "smd";
    const isNew = !this.#holders.has(name);
    if (isLine)
      this.#lines.want(name, (parameters as { readonly fields: readonly string[] }).fields);
    else if (isNew && parameters !== undefined) this.#dialect.learn(name, parameters);
    let subscription: Subscription<IbkrPayload>;
    try {
      subscription = this.#feed.subscribe<IbkrPayload>(name, RULES, {
        policy,
        staleAfterMs,
        reconnectAfterMs,
      });
    } catch (error) {
      if (isNew) this.#released(name);
      throw error;
    }
    this.#holders.add(topic, parameters, subscription.state, () => {
      if (isLine) this.#dialect.revive(name);
    });
    // The name decides the payload, which the type of the name repeats; the dialect has looked at
    // its outline.
    return subscription as unknown as Subscription<PayloadOf<Name>>;
  }

  /**
   * The account's orders: all of them after every break, then what happens to them. One stream is
   * one reader's.
   *
   * @throws ConfigError for options that cannot work; WsError `SHUT_DOWN`
   */
  orders(options: OrderOptions = {}): OrderStream {
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
    this.#down();
    this.#login.stop();
    this.#binding.stop();
    await this.#feed.shutdown();
    await Promise.all(Array.from(this.#orders, (stream) => stream.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  #up(): void {
    this.#dialect.reset("all");
    this.#login.reset();
    this.#greeting.begin();
    this.#binding.begin();
    this.#pulse.begin();
  }

  #down(): void {
    this.#greeting.end();
    this.#binding.end();
    this.#pulse.end();
    this.#lines.suspend();
    this.#login.reset();
    this.#cancelRefresh?.();
    this.#cancelRefresh = undefined;
  }

  #missed(): void {
    if (this.#cancelRefresh !== undefined) return;
    const waitMs = this.#refreshPause.fail();
    this.#cancelRefresh = this.#options.runtime.timer.schedule(waitMs, () => {
      this.#cancelRefresh = undefined;
      this.#dialect.refresh();
    });
  }

  #released(topic: string): void {
    this.#lines.release(topic);
    this.#dialect.forget(topic);
  }
}

const KEYS: Readonly<Record<keyof IbkrOptions, true>> = {
  runtime: true,
  session: true,
  url: true,
  maxLines: true,
  maxHistories: true,
  pulse: true,
  lines: true,
  greetingTimeoutMs: true,
  refusedWithinMs: true,
  config: true,
  gate: true,
  tracer: true,
  onFault: true,
};

function checkOptions(options: IbkrOptions): void {
  const issues = [
    ...unknownKeyIssues(options, KEYS),
    ...numberIssues(
      { ...options },
      {
        maxLines: { min: 1, max: 10_000, whole: true },
        maxHistories: { min: 1, max: 5, whole: true },
        greetingTimeoutMs: { min: 1 },
        refusedWithinMs: { min: 0, max: 60_000 },
      },
    ),
    ...feedIssues(options.pulse, options.lines),
  ];
  if (options.session === undefined) issues.push({ path: "session", message: "is required" });
  const fault = urlFault(options.url ?? IBKR_URL);
  if (fault !== undefined) issues.push({ path: "url", message: fault });
  if (issues.length > 0) throw new ConfigError(issues);
}
