import type { ReadableOptions, Timer, Tracer, WsSource } from "@oath-ws/contract";
import type { Gate, PartialConfig } from "@oath-ws/resilience";
import {
  callback,
  checkOptions,
  choice,
  count,
  duration,
  orderReader,
  ReconciledStream,
  required,
  VenueClock,
} from "@oath-ws/venue-kit";
import type {
  Feed,
  FeedConnection,
  GapRecord,
  MarketReader,
  OptionRules,
  OrderEvent,
  OrderUpdates,
  RecoveryContext,
  RenewalOptions,
  SubscribeOptions,
  Subscription,
  TopicEvent,
  TopicWatch,
  VenueRuntime,
} from "@oath-ws/venue-kit";
import { orderEventsOf } from "./market/order-model.js";
import { commonRules, CREDENTIALS } from "./option-issues.js";
import { REST_TIMEOUT_MS, REST_URL } from "./rest/rest-settings.js";
import { RestClient } from "./rest/rest-client.js";
import { sharedBudget } from "./rest/shared-budget.js";
import type { WeightBudget } from "./rest/weight-budget.js";
import { AccountClient } from "./user-data/account-client.js";
import type { AccountSnapshot } from "./user-data/account-snapshot.js";
import { apiFeed } from "./user-data/api-feed.js";
import { apiLines } from "./user-data/api-line.js";
import { apiVerdict } from "./rest/api-error.js";
import type { Credentials } from "./user-data/credentials.js";
import type { AccountEvent, ExecutionReport } from "./user-data/user-data-events.js";
import { USER_DATA } from "./user-data/user-data-grammar.js";
import { RepeatedEvents } from "./user-data/repeated-events.js";
import { sessionCheck, UserDataLogin } from "./user-data/user-data-login.js";
import type { LoginMode } from "./user-data/user-data-login.js";
import { USER_DATA_CONFIG, USER_DATA_URL } from "./user-data/user-data-settings.js";

/** What the stream brings: the account's state after every recovery, and its events in between. */
export type UserDataUpdate =
  | {
      readonly kind: "snapshot";
      readonly account: AccountSnapshot;
      readonly reason: RecoveryContext["reason"];
    }
  | { readonly kind: "event"; readonly event: AccountEvent };

/**
 * Brings the caller's orders in line with the venue's. Until it resolves the stream is `recovering`
 * and events wait; what it rejects with is tried again after a pause, unless the venue refused for
 * good. A snapshot that it resolves with goes into the stream before those events.
 */
export type Reconcile = (context: RecoveryContext) => Promise<AccountSnapshot | undefined>;

/** Options of {@link BinanceUserData}. */
export interface UserDataOptions {
  /** Connections, clocks, jitter and HTTP: `nodeRuntime` of `oath-ws`. */
  readonly runtime: VenueRuntime;
  readonly credentials: Credentials;
  /** Default `signature`; see {@link LoginMode}. */
  readonly login?: LoginMode | undefined;
  /** Default: asks by REST for open orders and balances, and puts them into the stream. */
  readonly reconcile?: Reconcile | undefined;
  /** How long one reconciliation may take, in milliseconds. Default 30 000. */
  readonly reconcileTimeoutMs?: number | undefined;
  /**
   * In `session` mode: how often the venue is asked whether the key is still good, in milliseconds.
   * Default 60 000.
   */
  readonly sessionCheckMs?: number | undefined;
  /**
   * Updates that may wait for their reader; beyond that the oldest go and leave a gap record.
   * Default 100 000.
   */
  readonly maxUpdates?: number | undefined;
  /** The WebSocket API's scheme, host and port. Default the live venue. */
  readonly url?: string | undefined;
  /** The REST API's scheme, host and port. Default the live venue. */
  readonly restUrl?: string | undefined;
  /**
   * The request weight of this IP address, for REST and logins. Default: shared by all adapters of
   * the process that have the same `restUrl`.
   */
  readonly budget?: WeightBudget | undefined;
  /** When the connection is replaced before the venue ends it. Default: after 23 h. */
  readonly renewal?: Partial<RenewalOptions> | undefined;
  /** Laid over the venue's own settings. */
  readonly config?: PartialConfig | undefined;
  readonly gate?: Gate | undefined;
  readonly tracer?: Tracer | undefined;
  /** Told of frames that could not be read, and of failed reconciliations. Default: no listener. */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

/**
 * The account's events over the Binance WebSocket API. Logs in on every new connection. The venue
 * numbers nothing and repeats nothing, so after every break, and after every frame that our own
 * buffer dropped, the state is asked for again: `recovering` until then, `live` afterwards. Keys
 * that are refused for good end it in `failed`.
 *
 * It is a source with one reader at a time, like every stream here.
 */
export class BinanceUserData
  implements WsSource<TopicEvent<UserDataUpdate>>, OrderUpdates, AsyncDisposable
{
  readonly #feed: Feed;
  readonly #timer: Timer;
  readonly #stream: ReconciledStream<AccountEvent, UserDataUpdate>;

  /** Connects at once. @throws ConfigError listing everything that is wrong with the options */
  constructor(options: UserDataOptions) {
    const { runtime, credentials, url = USER_DATA_URL, restUrl: restAddress = REST_URL } = options;
    checkOptions(options, RULES);
    const restUrl = restAddress.replace(/\/$/, "");
    const { timer, random } = runtime;
    this.#timer = timer;
    const clock = new VenueClock(timer);
    const mode = options.login ?? "signature";
    const budget = options.budget ?? sharedBudget(timer, restUrl);
    const rest = new RestClient({
      url: restUrl,
      fetch: runtime.fetch,
      timer,
      budget,
      timeoutMs: REST_TIMEOUT_MS,
    });
    const client = new AccountClient({ rest, credentials, clock });
    const reconcile: Reconcile =
      options.reconcile ?? ((context) => client.snapshot(context.signal));
    this.#feed = apiFeed(options, {
      url: url.replace(/\/$/, ""),
      clock,
      budget,
      login: new UserDataLogin({ credentials, mode, clock, budget }),
      keepalive: sessionCheck(mode, options.sessionCheckMs ?? 60_000),
    });
    // Events carry no id; two that are equal to the letter, event time included, are one.
    const rules = {
      identity: (event: AccountEvent) => JSON.stringify(event),
      range: undefined,
      lines: "many",
    } as const;
    const repeated = new RepeatedEvents();
    this.#stream = new ReconciledStream<AccountEvent, UserDataUpdate>({
      timer,
      random,
      subscription: this.#feed.subscribe(USER_DATA, rules, {
        policy: { kind: "reliable", maxEvents: 1_000_000 },
      }),
      reconcile: async (context) => {
        const account = await reconcile(context);
        return account === undefined
          ? undefined
          : { kind: "snapshot", account, reason: context.reason };
      },
      timeoutMs: options.reconcileTimeoutMs ?? 30_000,
      update: ({ data }) =>
        repeated.isRepeated(data) ? undefined : { kind: "event", event: data },
      maxUpdates: options.maxUpdates ?? 100_000,
      isPermanent: (error) => apiVerdict(error) === "permanent",
      onFault: (error) => options.onFault?.(error),
      onEnd: () => void this.#feed.shutdown(),
    });
    apiLines.set(this, {
      credentials,
      clock,
      budget,
      client,
      state: this.#stream.state,
      call: (encode, context) => this.#feed.call(encode, context),
      hear: (told) => hearEvents(this.#feed.subscribe(USER_DATA, rules, HEARING), told),
      shutdown: () => this.shutdown(),
    });
  }

  /** Whether events are complete and the state is reconciled. */
  get state(): TopicWatch {
    return this.#stream.state;
  }

  /**
   * The latest gap records: times during which events were missed. Each was followed by a
   * reconciliation.
   */
  get gaps(): readonly GapRecord[] {
    return this.#stream.gaps;
  }

  /** The connections that are there now; two during a renewal. */
  get connections(): readonly FeedConnection[] {
    return this.#feed.connections;
  }

  /**
   * The account's orders in the market model: all open ones after every break, then each that
   * changes. It takes the updates of this stream: read either this or the stream itself. Closing it
   * ends no subscription.
   */
  orders(): MarketReader<OrderEvent<ExecutionReport>> {
    return orderReader("binance", this.#timer, this.#stream, orderEventsOf);
  }

  take(): TopicEvent<UserDataUpdate> | undefined {
    return this.#stream.take();
  }

  readable(options?: ReadableOptions): Promise<boolean> {
    return this.#stream.readable(options);
  }

  batches(): AsyncIterable<readonly TopicEvent<UserDataUpdate>[]> {
    return this.#stream.batches();
  }

  [Symbol.asyncIterator](): AsyncIterator<TopicEvent<UserDataUpdate>, undefined> {
    return this.#stream[Symbol.asyncIterator]();
  }

  /**
   * Asks for the account's state again, when the caller has lost track: after an `overflow` gap, or
   * a fault of its own. Does nothing while that is under way already.
   */
  reconcile(): void {
    this.#stream.reconcile();
  }

  /** Replaces the connection now, without a break. */
  renew(): void {
    this.#feed.renew();
  }

  /** Ends the stream cleanly, and the connection. Bounded; idempotent. */
  async shutdown(): Promise<void> {
    await this.#feed.shutdown();
    await this.#stream.ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }
}

const HEARING: SubscribeOptions = { policy: { kind: "reliable", maxEvents: 100_000 } };

/** Tells of every event, as soon as it came: not even a reconciliation holds it back. */
function hearEvents(
  events: Subscription<AccountEvent>,
  told: (event: AccountEvent) => void,
): () => void {
  const hear = async (): Promise<void> => {
    for await (const { data } of events) told(data);
  };
  // A topic that failed has told so in the account's state.
  hear().catch(() => undefined);
  return () => events.close();
}

const RULES: OptionRules<UserDataOptions> = {
  ...commonRules(USER_DATA_CONFIG),
  credentials: required(CREDENTIALS),
  login: choice("signature", "session"),
  reconcile: callback,
  reconcileTimeoutMs: duration,
  sessionCheckMs: duration,
  maxUpdates: count,
};
