import type { ConfigIssue, WsError } from "@oath-ws/contract";
import { ConfigError, WsError as Failure } from "@oath-ws/contract";
import {
  checkOptions,
  choice,
  ClientIds,
  duration,
  group,
  number,
  runtimeWith,
  OrderCalls,
  required,
  unchecked,
} from "@oath-ws/venue-kit";
import type {
  CallOptions,
  CallOutcome,
  OptionRules,
  OrderFate,
  OrderRuntime,
  PlaceOutcome,
  TopicWatch,
} from "@oath-ws/venue-kit";
import type { BinanceUserData } from "./binance-user-data.js";
import { commonRules, CREDENTIALS } from "./option-issues.js";
import { ApiCaller } from "./orders/api-caller.js";
import type { ApiRequest } from "./orders/api-caller.js";
import { CLIENT_ID_FORMAT, WEIGHTS } from "./orders/api-methods.js";
import type { ApiMethod } from "./orders/api-methods.js";
import { findOrder, heard, placedFinding } from "./orders/find-order.js";
import type {
  AccountStatus,
  CancelledOrder,
  FoundOrder,
  NewOrder,
  OrderId,
  OrderStatus,
  PlacedOrder,
} from "./orders/order-payloads.js";
import { ownLine } from "./orders/own-line.js";
import type { OwnLineOptions } from "./orders/own-line.js";
import { REST_URL } from "./rest/rest-settings.js";
import type { WeightLimit } from "./rest/weight-budget.js";
import type { OpenOrder } from "./user-data/account-snapshot.js";
import { apiLines } from "./user-data/api-line.js";
import type { ApiLine } from "./user-data/api-line.js";
import { USER_DATA_CONFIG, USER_DATA_URL } from "./user-data/user-data-settings.js";

/** Options of {@link BinanceTrading}. */
export interface TradingOptions extends Partial<Omit<OwnLineOptions, "runtime">> {
  /** `nodeRuntime` of `oath-ws`. */
  readonly runtime: OrderRuntime;
  /**
   * The account whose connection, key and budget are used, and whose stream helps to find out what
   * became of an order. Then `credentials` and everything about connections must be absent.
   * Default: a connection of one's own, with `credentials`.
   */
  readonly account?: BinanceUserData | undefined;
  /** How long a call may take unless it says otherwise, in milliseconds. Default 10 000. */
  readonly timeoutMs?: number | undefined;
  /** How long the fate of an order may be looked for, in milliseconds. Default 60 000. */
  readonly fateBoundMs?: number | undefined;
  /** What client ids begin with: at most 4 of letters, digits and `.:/_-`. Default empty. */
  readonly clientIdPrefix?: string | undefined;
  /**
   * `"recovering"`: orders are not sent while `account` is not `live`. Default: they are sent.
   */
  readonly refuseWhile?: "recovering" | undefined;
  /**
   * Orders in any window, beside the request weight. Default 40 in 10 000 ms: the venue allows 50
   * per account, and others may place some too.
   */
  readonly orderLimit?: WeightLimit | undefined;
}

/** Below the venue's (B-47). */
const ORDER_LIMIT: WeightLimit = { max: 40, windowMs: 10_000 };

/** The venue's, for requests that name none (B-35, B-48). */
const RECV_WINDOW_MS = 5_000;

/**
 * How long after a request became too old the venue may still show the order as not there, in
 * milliseconds: its servers' clocks differ, and what shows orders follows what places them.
 */
const LAG_MS = 1_000;

/**
 * Orders and account requests over the Binance WebSocket API. Every method settles within its time
 * with a {@link CallOutcome} and never rejects; nothing is ever sent twice. An order whose fate is
 * unknown is looked for by its client id until a source decides.
 *
 * ```ts
 * const outcome = await trading.place({ symbol: "BTCUSDT", side: "BUY", type: "MARKET", ... });
 * if (outcome.kind === "fateUnknown") console.log(await outcome.resolution);
 * ```
 */
export class BinanceTrading implements AsyncDisposable {
  readonly #line: ApiLine;
  readonly #caller: ApiCaller;
  readonly #orders: OrderCalls;
  readonly #ids: ClientIds;
  readonly #timeoutMs: number | undefined;
  readonly #stopHearing: () => void;

  /**
   * Connects at once.
   *
   * @throws ConfigError listing everything that is wrong with the options; WsError `SHUT_DOWN` when
   *   the account was shut down
   */
  constructor(options: TradingOptions) {
    checkOptions(options, RULES, dependentIssues(options));
    const { runtime, account, clientIdPrefix: prefix, onFault, orderLimit } = options;
    const { timer, random, newId } = runtime;
    this.#ids = new ClientIds({ newId, format: CLIENT_ID_FORMAT, prefix });
    this.#timeoutMs = options.timeoutMs;
    this.#line = lineOf(options);
    this.#caller = new ApiCaller({
      timer,
      line: this.#line,
      orderLimit: orderLimit ?? ORDER_LIMIT,
    });
    this.#orders = new OrderCalls({
      timer,
      random,
      fateBoundMs: options.fateBoundMs,
      refuseUnlessLive: options.refuseWhile === undefined ? undefined : account?.state,
      onFault: (error) => onFault?.(error),
    });
    this.#stopHearing = this.#line.hear((event) => {
      const report = heard(event);
      if (report !== undefined) this.#orders.report(report.clientId, report.finding);
    });
  }

  /** Of the account, or of the own connection where there is none. */
  get state(): TopicWatch {
    return this.#line.state;
  }

  /** A client id that no other order has, to be stored before it is used. */
  newClientId(): string {
    return this.#ids.next();
  }

  /** Places an order (`order.place`). */
  async place(
    order: NewOrder,
    options?: CallOptions,
  ): Promise<PlaceOutcome<PlacedOrder, FoundOrder>> {
    const { symbol, newClientOrderId: clientId = this.#ids.next() } = order;
    if (!this.#ids.isValid(clientId))
      return { clientId, kind: "didNotLeave", error: invalidClientId() };
    let signedAt: number | undefined;
    return this.#orders.place<PlacedOrder, FoundOrder>({
      clientId,
      send: (late) =>
        this.#ask<PlacedOrder>(
          "order.place",
          { ...order, newClientOrderId: clientId },
          options,
          {
            isOrder: true,
            onSigned: (timestamp) => {
              signedAt = timestamp;
            },
          },
          late,
        ),
      read: placedFinding,
      ask: (signal) => findOrder(this.#caller, this.#line, { symbol, clientId }, signal),
      deadline: () => this.#deadline(signedAt),
    });
  }

  /**
   * What became of an order that an earlier process sent, or that is looked for again. Settles
   * within `fateBoundMs` and never rejects.
   *
   * @param sentAt when it was signed, in Unix milliseconds; without it "not found" never ends as
   *   `notPlaced`
   */
  fateOf(
    order: { readonly symbol: string; readonly clientId: string },
    sentAt?: number,
  ): Promise<OrderFate<FoundOrder>> {
    return this.#orders.resolve<FoundOrder>({
      clientId: order.clientId,
      ask: (signal) => findOrder(this.#caller, this.#line, order, signal),
      deadline: () => this.#deadline(sentAt),
    });
  }

  /** Lets the venue check an order, and place none (`order.test`). */
  test(order: NewOrder, options?: CallOptions): Promise<CallOutcome<object>> {
    return this.#ask("order.test", order, options);
  }

  /** Cancels an order (`order.cancel`). After `fateUnknown` ask for its {@link status}. */
  cancel(order: OrderId, options?: CallOptions): Promise<CallOutcome<CancelledOrder>> {
    return this.#ask("order.cancel", { ...order }, options);
  }

  /** An order as it is now (`order.status`); refused with `VENUE_-2013` where there is none. */
  status(order: OrderId, options?: CallOptions): Promise<CallOutcome<OrderStatus>> {
    return this.#ask("order.status", { ...order }, options);
  }

  /** The orders on the books, of one symbol or of all (`openOrders.status`). */
  openOrders(symbol?: string, options?: CallOptions): Promise<CallOutcome<readonly OpenOrder[]>> {
    const weight = symbol === undefined ? WEIGHTS["openOrders.status"] : 6;
    return this.#ask("openOrders.status", { symbol }, options, { weight });
  }

  /** Balances and permissions (`account.status`). */
  accountStatus(options?: CallOptions): Promise<CallOutcome<AccountStatus>> {
    return this.#ask("account.status", {}, options);
  }

  /** The venue's clock (`time`). */
  time(options?: CallOptions): Promise<CallOutcome<{ readonly serverTime: number }>> {
    return this.#ask("time", {}, options, { isSigned: false });
  }

  /**
   * Any other request of the WebSocket API, with the weight that the venue's documentation states.
   * Not for orders: nothing looks for what became of them.
   */
  call(request: ApiRequest, options?: CallOptions): Promise<CallOutcome<unknown>> {
    return this.#caller.call(request, { timeoutMs: this.#timeoutMs, ...options });
  }

  /**
   * Ends an own connection; an account's goes on. Searches under way end as `stillUnknown`.
   * Bounded; idempotent.
   */
  async shutdown(): Promise<void> {
    this.#orders.close();
    this.#stopHearing();
    await this.#line.shutdown();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  /** The answer's shape is the venue's word; its fields are not checked. */
  async #ask<A>(
    method: ApiMethod,
    params: NonNullable<ApiRequest["params"]>,
    options?: CallOptions,
    more: Partial<ApiRequest> = {},
    late?: Parameters<ApiCaller["call"]>[2],
  ): Promise<CallOutcome<A>> {
    const request = { method, params, weight: WEIGHTS[method], isSigned: true, ...more };
    const bounds = { timeoutMs: this.#timeoutMs, ...options };
    return (await this.#caller.call(request, bounds, late)) as CallOutcome<A>;
  }

  #deadline(signedAt: number | undefined): number | undefined {
    const { recvWindow = RECV_WINDOW_MS } = this.#line.credentials;
    return signedAt === undefined ? undefined : signedAt + recvWindow + LAG_MS;
  }
}

function lineOf(options: TradingOptions): ApiLine {
  const { account, credentials, url = USER_DATA_URL, restUrl = REST_URL } = options;
  const shared = account === undefined ? undefined : apiLines.get(account);
  if (shared !== undefined) return { ...shared, shutdown: () => Promise.resolve() };
  if (credentials === undefined)
    throw new ConfigError([{ path: "credentials", message: "are required without an account" }]);
  return ownLine({
    ...options,
    credentials,
    url: url.replace(/\/$/, ""),
    restUrl: restUrl.replace(/\/$/, ""),
  });
}

function invalidClientId(): WsError {
  const message =
    "the client id was not sent: it must have 1 to 36 of letters, digits and the signs .:/_-";
  return new Failure({ kind: "client", code: "CLIENT_ID_INVALID", message });
}

const RULES: OptionRules<TradingOptions> = {
  ...commonRules(USER_DATA_CONFIG),
  runtime: runtimeWith("build", "fetch", "newId"),
  account: unchecked,
  credentials: CREDENTIALS,
  timeoutMs: duration,
  fateBoundMs: duration,
  clientIdPrefix: unchecked,
  refuseWhile: choice("recovering"),
  orderLimit: group<WeightLimit>({
    max: required(number({ min: 1 })),
    windowMs: required(duration),
  }),
};

/** What an account has already, and what a line of our own needs. */
const OF_OWN_LINE = [
  "credentials",
  "url",
  "restUrl",
  "budget",
  "renewal",
  "config",
  "gate",
  "tracer",
] as const;

function dependentIssues(options: TradingOptions): readonly ConfigIssue[] {
  if (options.account !== undefined) return accountIssues(options);
  const issues = [...required(unchecked)(options.credentials, "credentials")];
  if (options.refuseWhile !== undefined)
    issues.push({ path: "refuseWhile", message: "needs an account, whose state tells" });
  return issues;
}

/** What the account has already cannot be given a second time. */
function accountIssues(options: TradingOptions): ConfigIssue[] {
  const { account } = options;
  const isShared = typeof account === "object" && apiLines.has(account);
  const given = OF_OWN_LINE.filter((key) => options[key] !== undefined);
  return [
    ...(isShared ? [] : [{ path: "account", message: "must be a BinanceUserData" }]),
    ...given.map((path) => ({ path, message: "does not go with account, which has its own" })),
  ];
}
