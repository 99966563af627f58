import type { Timer, Tracer, WsError } from "@oath-ws/contract";
import { asWsError, scheduleDeadline } from "@oath-ws/resilience";
import type { Gate, PartialConfig } from "@oath-ws/resilience";
import {
  baseUrl,
  checkOptions,
  count,
  duration,
  flag,
  followTopic,
  mergeConfig,
  orderReader,
  required,
  TopicReader,
  TopicUpdates,
} from "@oath-ws/venue-kit";
import type {
  FeedConnection,
  MarketReader,
  OptionRules,
  OrderEvent,
  OrderUpdates,
  Subscription,
  TopicEvent,
  TopicSnapshot,
  TopicWatch,
  VenueRuntime,
} from "@oath-ws/venue-kit";
import type { JwtSigner } from "./auth/jwt-signer.js";
import { CoinbaseFeed } from "./feed/coinbase-feed.js";
import { COMMON_RULES } from "./feed/common-rules.js";
import { epochAfter } from "./feed/epoch-after.js";
import { MessageBudget } from "./feed/message-budget.js";
import { COINBASE_CONFIG, USER_URL } from "./feed/settings.js";
import type { HeartbeatOptions } from "./feed/settings.js";
import { orderEventsOf } from "./market/order-model.js";
import { ProductAliases } from "./market/product-aliases.js";
import { REST_URL, RestClient } from "./rest/rest-client.js";
import { OrderSnapshot } from "./user/order-snapshot.js";
import type { UserVerdict } from "./user/order-snapshot.js";
import { FUTURES_BALANCE, USER } from "./user/payloads.js";
import type {
  FuturesBalanceEvent,
  UserEvent,
  UserOrder,
  UserPositions,
  UserSnapshotEnd,
} from "./user/payloads.js";

/** Why the account's state came again. */
export type SnapshotReason = "start" | "reconnect" | "gap" | "requested";

/**
 * What the stream brings: all open orders after every break, and what happens to them in between.
 */
export type UserUpdate =
  | {
      readonly kind: "snapshot";
      readonly orders: readonly UserOrder[];
      readonly positions: UserPositions | undefined;
      readonly reason: SnapshotReason;
    }
  | { readonly kind: "orders"; readonly orders: readonly UserOrder[] }
  | { readonly kind: "futures"; readonly event: FuturesBalanceEvent };

/** Options of {@link CoinbaseUser}. */
export interface UserOptions {
  /** Connections, clocks and jitter: `nodeRuntime` of `oath-ws`. */
  readonly runtime: VenueRuntime;
  /**
   * Signs every request; `es256Signer` and `ed25519Signer` of `@oath-ws/venue-coinbase/node` make
   * some.
   */
  readonly signer: JwtSigner;
  /** Follow `futures_balance_summary` as well. Default false. */
  readonly futures?: boolean | undefined;
  /**
   * Updates that may wait for their reader; beyond that the oldest go and leave a gap record.
   * Default 100 000.
   */
  readonly maxUpdates?: number | undefined;
  /**
   * How long the venue's snapshot may take before it is asked for again, in milliseconds. Default
   * 30 000.
   */
  readonly snapshotTimeoutMs?: number | undefined;
  /**
   * Address of the user endpoint. Default the live venue, {@link USER_URL}; the market endpoint has
   * the same channels (C-1).
   */
  readonly url?: string | undefined;
  /**
   * Scheme, host and port of the public REST API, which is asked for the venue's time when a token
   * is refused. Default the live venue, `https://api.coinbase.com`.
   */
  readonly restUrl?: string | undefined;
  /**
   * The messages of this IP address. Default: one of its own; share one with the market data of the
   * same process.
   */
  readonly budget?: MessageBudget | undefined;
  /** When missing heartbeats count. */
  readonly heartbeat?: HeartbeatOptions | undefined;
  /** Laid over the venue's own settings. */
  readonly config?: PartialConfig | undefined;
  readonly gate?: Gate | undefined;
  readonly tracer?: Tracer | undefined;
  /**
   * Told of frames that could not be read, of missing ones, and of errors that answer no request.
   * Default: no listener.
   */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

/**
 * The account's orders. The venue sends all open ones first, then what happens to them. After every
 * break, and after every hole in the frames' numbers, all come again: `recovering` until then,
 * `live` afterwards. A key that is refused ends it in `failed`.
 *
 * It is a source with one reader at a time, like every stream here; every gap but an `overflow` was
 * followed by a snapshot.
 */
export class CoinbaseUser extends TopicReader<UserUpdate> implements OrderUpdates, AsyncDisposable {
  /** Whether the orders are complete. */
  readonly state: TopicWatch;
  readonly #timer: Timer;
  readonly #feed: CoinbaseFeed;
  readonly #orders: Subscription<UserEvent | UserSnapshotEnd>;
  readonly #snapshot = new OrderSnapshot();
  readonly #updates: TopicUpdates<UserUpdate>;
  readonly #snapshotTimeoutMs: number;
  readonly #onFault: (error: unknown) => void;
  readonly #ended: Promise<unknown>;
  #reason: SnapshotReason = "start";
  #cancelWait: () => void = () => undefined;
  #firstEpoch = 0;
  /** The epoch of the last event. */
  #lastEpoch = 0;
  #lastAt: number | undefined;

  /** Connects at once. @throws ConfigError listing everything that is wrong with the options */
  constructor(options: UserOptions) {
    const url = options?.url ?? USER_URL;
    checkOptions({ ...options, url }, RULES);
    const config = mergeConfig(COINBASE_CONFIG, options.config);
    const { runtime, signer, gate, tracer, heartbeat } = options;
    const { restUrl = REST_URL } = options;
    const { fetch, timer } = runtime;
    const updates = new TopicUpdates<UserUpdate>({
      timer,
      topic: USER,
      epoch: () => this.#orders.state.snapshot.epoch,
      maxUpdates: options.maxUpdates ?? 100_000,
    });
    super(updates.stream, updates.gaps);
    this.#updates = updates;
    this.state = updates.state;
    this.#timer = timer;
    this.#onFault = (error) => options.onFault?.(error);
    this.#snapshotTimeoutMs = options.snapshotTimeoutMs ?? 30_000;
    this.#feed = new CoinbaseFeed({
      runtime,
      url,
      config,
      gate,
      tracer,
      signer,
      rest: new RestClient({ url: restUrl.replace(/\/$/, ""), fetch, timer }),
      budget: options.budget ?? new MessageBudget(),
      aliases: new ProductAliases(),
      heartbeat,
      onFault: this.#onFault,
    });
    const policy = { kind: "reliable", maxEvents: 1_000_000 } as const;
    this.#orders = this.#feed.subscribe<UserEvent | UserSnapshotEnd>(USER, undefined, { policy });
    const following = [this.#follow()];
    if (options.futures === true) {
      following.push(
        this.#followFutures(
          this.#feed.subscribe<FuturesBalanceEvent>(FUTURES_BALANCE, undefined, { policy }),
        ),
      );
    }
    this.#ended = Promise.all(following);
  }

  /** The connection, once there is one. */
  get connections(): readonly FeedConnection[] {
    return this.#feed.connections;
  }

  /**
   * The account's orders in the market model: all open ones after every break, then each that
   * changes. It takes the updates of this stream: read either this or the stream itself. Closing it
   * ends no subscription.
   */
  orders(): MarketReader<OrderEvent<UserOrder>> {
    return orderReader("coinbase", this.#timer, this, orderEventsOf);
  }

  /**
   * Has the venue send all orders again, when the caller has lost track: after an `overflow` gap,
   * or a fault of its own.
   */
  resync(): void {
    if (!this.#snapshot.isLive) return;
    this.#snapshot.lose();
    this.#reason = "requested";
    this.state.enter("recovering");
    this.#awaitSnapshot();
    this.#feed.resync(USER);
  }

  /** Ends the stream cleanly, and the connection. Bounded; idempotent. */
  async shutdown(): Promise<void> {
    this.#cancelWait();
    await this.#feed.shutdown();
    await this.#ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  async #follow(): Promise<void> {
    try {
      await followTopic(this.#orders, {
        moved: (before, now) => this.#moved(before, now),
        event: (event) => {
          if (event.isCurrent && event.epoch >= this.#firstEpoch)
            this.#took(this.#snapshot.event(event.data, event.gaps), event);
        },
      });
      this.#finish(undefined);
    } catch (error) {
      this.#finish(asWsError(error, { code: "INTERNAL", message: "the feed failed" }));
    }
  }

  /**
   * A balance that is refused is no reason to give up the orders: it is told as a fault, and never
   * comes.
   */
  async #followFutures(balances: Subscription<FuturesBalanceEvent>): Promise<void> {
    try {
      for await (const event of balances)
        this.#updates.push({ kind: "futures", event: event.data }, event);
    } catch (error) {
      // When everything has failed, the stream itself tells why.
      if (!this.state.isFinal) this.#onFault(error);
    }
  }

  #moved(before: TopicSnapshot, now: TopicSnapshot): void {
    if (now.recoveries > before.recoveries) {
      this.#cancelWait();
      // Both may have come in one turn.
      if (now.staleCount > before.staleCount && this.#snapshot.isLive) this.state.enter("stale");
      const isResync = now.cause?.code === "RESYNC";
      if (this.#snapshot.isLive) this.#lost(isResync ? "gap" : "reconnect", now.cause);
      this.#firstEpoch = epochAfter(now);
      this.#snapshot.lose();
      if (this.#reason !== "start" && !isResync) this.#reason = "reconnect";
    }
    if (now.breaks > before.breaks && this.#snapshot.missed(now.gaps)) this.#lost("gap");
    if (now.phase === "stale" && this.#snapshot.isLive) this.state.enter("stale", now.cause);
    if (now.phase !== "live" || before.phase === "live") return;
    // A snapshot of a connection that ended before the topic was confirmed on it.
    if (this.#lastEpoch !== now.epoch) this.#snapshot.lose();
    if (this.#snapshot.isLive) this.#enter(now);
    else this.#awaitSnapshot();
  }

  /**
   * The orders are complete, and as fresh as their topic: they may come before the venue has
   * confirmed that.
   */
  #enter({ phase, cause, epoch }: TopicSnapshot): void {
    if (phase === "live" || phase === "stale") this.state.enter(phase, cause, epoch);
  }

  #took(verdict: UserVerdict, event: TopicEvent<UserEvent | UserSnapshotEnd>): void {
    this.#lastAt = event.receivedAt;
    this.#lastEpoch = event.epoch;
    switch (verdict.kind) {
      case "complete": {
        this.#cancelWait();
        const { orders, positions, after } = verdict;
        this.#enter(this.#orders.state.snapshot);
        this.#updates.push({ kind: "snapshot", orders, positions, reason: this.#reason }, event);
        this.#reason = "gap";
        for (const changed of after) this.#updates.push({ kind: "orders", orders: changed }, event);
        break;
      }
      case "orders":
        this.#updates.push({ kind: "orders", orders: verdict.orders }, event);
        break;
      case "held":
      case "ignored":
        break;
      default:
        verdict satisfies never;
    }
  }

  #lost(reason: "reconnect" | "gap", cause?: WsError): void {
    this.#reason = reason;
    this.#updates.gap(reason === "gap" ? "venue" : "reconnect", this.#lastAt, this.#timer.now());
    this.state.enter("recovering", cause);
    if (reason === "gap") this.#awaitSnapshot();
  }

  #awaitSnapshot(): void {
    this.#cancelWait();
    if (this.state.isFinal) return;
    this.#cancelWait = scheduleDeadline(this.#timer, this.#snapshotTimeoutMs, () => {
      this.#feed.resync(USER);
      this.#awaitSnapshot();
    });
  }

  #finish(error: WsError | undefined): void {
    this.#cancelWait();
    this.#snapshot.lose();
    if (this.state.isFinal) return;
    this.#updates.end(error);
    void this.#feed.shutdown();
  }
}

const RULES: OptionRules<UserOptions> = {
  ...COMMON_RULES,
  restUrl: baseUrl("http"),
  signer: required(COMMON_RULES.signer),
  futures: flag,
  maxUpdates: count,
  snapshotTimeoutMs: duration,
};
