import type { CancelSignal, ConfigIssue, WsError } from "@oath-ws/contract";
import { WsError as Failure } from "@oath-ws/contract";
import {
  callback,
  Calls,
  checkOptions,
  choice,
  ClientIds,
  duration,
  must,
  runtimeWith,
  OrderCalls,
  required,
  unchecked,
} from "@oath-ws/venue-kit";
import type {
  CallOptions,
  CallOutcome,
  ClientIdFormat,
  OptionRules,
  OrderFate,
  OrderFinding,
  OrderRuntime,
  PlaceOutcome,
  CallContext,
  Subscription,
} from "@oath-ws/venue-kit";
import { IbkrClient } from "./ibkr-client.js";
import type { Order, OrdersEvent } from "./market/payloads.js";
import { confirmedCall } from "./orders/confirmed-call.js";
import { fetchOrders } from "./orders/order-client.js";
import type {
  ConfirmOrder,
  NewOrder,
  OrderAck,
  OrderChange,
  OrderStatusReport,
} from "./orders/order-requests.js";
import type { OrderStream } from "./orders/order-stream.js";
import { callRest } from "./orders/rest-call.js";
import type { SessionKeeper } from "./session/session-keeper.js";

/** Options of {@link IbkrTrading}. */
export interface TradingOptions {
  /** `nodeRuntime` of `oath-ws`, or what its `nodeRuntimeWith` gives. */
  readonly runtime: OrderRuntime;
  /** The one door to the REST API, in its pace. */
  readonly session: SessionKeeper;
  /** Whose orders: `U1234567`. */
  readonly accountId: string;
  /** Its `sor` topic helps to find out what became of an order. Default: REST alone is asked. */
  readonly client?: IbkrClient | undefined;
  /** Decides about the venue's questions. Default: none is confirmed, and the order is refused. */
  readonly confirm?: ConfirmOrder | undefined;
  /** How long a call may take unless it says otherwise, in milliseconds. Default 10 000. */
  readonly timeoutMs?: number | undefined;
  /** How long the fate of an order may be looked for, in milliseconds. Default 60 000. */
  readonly fateBoundMs?: number | undefined;
  /** What client ids begin with: at most 8 letters, digits, `-` and `_`. Default empty. */
  readonly clientIdPrefix?: string | undefined;
  /** The account's orders: the state that `refuseWhile` looks at. */
  readonly orders?: OrderStream | undefined;
  /**
   * `"recovering"`: orders are not sent while `orders` is not `live`, because what the account
   * holds is not known then. Default: they are sent.
   */
  readonly refuseWhile?: "recovering" | undefined;
  /**
   * Told of questions that failed, and of orders whose fate stays unknown. Default: no listener.
   */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

/** What the venue takes as `cOID` is not documented (I-36); this is a guess on the safe side. */
const CLIENT_ID_FORMAT: ClientIdFormat = { maxLength: 40, pattern: /^[\w-]{1,40}$/ };

/** The path of the orders is asked once in five seconds anyway. */
const PAUSE = { minMs: 1_000, maxMs: 10_000 };

/** Sends one request about orders. */
type Send = (context: CallContext) => Promise<CallOutcome<unknown>>;

/**
 * Orders over IBKR's REST API. Every method settles within its time with a {@link CallOutcome} and
 * never rejects; nothing is sent twice. An order whose fate is unknown is looked for by its client
 * id: among the account's orders, and on the stream of the client.
 *
 * The venue refuses no order for being late, so that an order which is not found may still come: it
 * never ends as `notPlaced`, but as `stillUnknown` at the bound.
 */
export class IbkrTrading implements AsyncDisposable {
  readonly #options: TradingOptions;
  readonly #calls: Calls<Send, Send>;
  readonly #orders: OrderCalls;
  readonly #ids: ClientIds;
  readonly #stream: Subscription<OrdersEvent> | undefined;
  /** In which session the venue was asked for the accounts, which it wants first (I-35). */
  #accountsAskedIn: string | undefined;

  /** @throws ConfigError listing everything that is wrong with the options */
  constructor(options: TradingOptions) {
    checkOptions(options, RULES, dependentIssues(options));
    const { runtime, client, clientIdPrefix: prefix, onFault } = options;
    const { timer, random, newId } = runtime;
    this.#options = options;
    this.#ids = new ClientIds({ newId, format: CLIENT_ID_FORMAT, prefix });
    this.#calls = new Calls<Send, Send>({
      timer,
      prepare: async (send, signal) => {
        await this.#askAccounts(signal);
        return send;
      },
      send: (send, context) => send(context),
    });
    this.#orders = new OrderCalls({
      timer,
      random,
      fateBoundMs: options.fateBoundMs,
      pause: PAUSE,
      refuseUnlessLive: options.refuseWhile === undefined ? undefined : options.orders?.state,
      onFault: (error) => onFault?.(error),
    });
    this.#stream = client?.subscribe("sor", { policy: { kind: "reliable", maxEvents: 100_000 } });
    if (this.#stream !== undefined) void this.#hear(this.#stream);
  }

  /** A client id that no other order has, to be stored before it is used. */
  newClientId(): string {
    return this.#ids.next();
  }

  /** Places an order. Its `clientId` is the venue's `cOID`, and `order_ref` of the orders. */
  async place(order: NewOrder, options?: CallOptions): Promise<PlaceOutcome<OrderAck, Order>> {
    const { cOID: clientId = this.#ids.next() } = order;
    if (!this.#ids.isValid(clientId))
      return { clientId, kind: "didNotLeave", error: invalidClientId() };
    const body = { orders: [{ ...order, cOID: clientId }] };
    const path = `/iserver/account/${this.#options.accountId}/orders`;
    return this.#orders.place<OrderAck, Order>({
      clientId,
      send: () => this.#confirmed(path, body, options),
      // An answer that comes after its call is not listened for over HTTP.
      read: () => ({ kind: "notFound" }),
      ask: (signal) => this.#find(clientId, signal),
      deadline: () => undefined,
    });
  }

  /**
   * What became of an order that an earlier process sent, or that is looked for again. Settles
   * within `fateBoundMs` and never rejects.
   */
  fateOf(clientId: string): Promise<OrderFate<Order>> {
    return this.#orders.resolve<Order>({
      clientId,
      ask: (signal) => this.#find(clientId, signal),
      deadline: () => undefined,
    });
  }

  /** Changes an order. After `fateUnknown` ask for its {@link status}. */
  modify(
    orderId: number,
    change: OrderChange,
    options?: CallOptions,
  ): Promise<CallOutcome<OrderAck>> {
    return this.#confirmed(this.#orderPath(orderId), change, options);
  }

  /** Cancels an order. After `fateUnknown` ask for its {@link status}. */
  cancel(orderId: number, options?: CallOptions): Promise<CallOutcome<object>> {
    return this.#ask({ method: "DELETE", path: this.#orderPath(orderId) }, options);
  }

  /** An order as it is now. */
  status(orderId: number, options?: CallOptions): Promise<CallOutcome<OrderStatusReport>> {
    return this.#ask({ method: "GET", path: `/iserver/account/order/status/${orderId}` }, options);
  }

  /** Places nothing any more; searches under way end as `stillUnknown`. Idempotent. */
  shutdown(): Promise<void> {
    this.#orders.close();
    this.#stream?.close();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  #orderPath(orderId: number): string {
    return `/iserver/account/${this.#options.accountId}/order/${orderId}`;
  }

  /** The answer's shape is the venue's word; its fields are not checked. */
  async #ask<A>(
    request: { readonly method: "GET" | "DELETE"; readonly path: string },
    options?: CallOptions,
  ): Promise<CallOutcome<A>> {
    const send: Send = (context) => callRest(this.#options.session, request, context);
    return this.#noted<A>(await this.#calls.call(send, this.#bounds(options)));
  }

  async #confirmed(
    path: string,
    body: object,
    options?: CallOptions,
  ): Promise<CallOutcome<OrderAck>> {
    const { session, confirm = () => false } = this.#options;
    const send: Send = (context) =>
      confirmedCall(session, { method: "POST", path, body }, confirm, context);
    return this.#noted<OrderAck>(await this.#calls.call(send, this.#bounds(options)));
  }

  #bounds(options: CallOptions | undefined): CallOptions {
    return { timeoutMs: this.#options.timeoutMs, ...options };
  }

  /** Once in each session, and again when that failed. */
  async #askAccounts(signal: CancelSignal): Promise<void> {
    const { session } = this.#options;
    const { sessions, identities } = session.state.snapshot;
    const name = `${sessions}/${identities}`;
    if (this.#accountsAskedIn === name) return;
    await session.request({ method: "GET", path: "/iserver/accounts", signal });
    this.#accountsAskedIn = name;
  }

  /** Whatever was refused, the session may be another one: the accounts are asked for again. */
  #noted<A>(outcome: CallOutcome<unknown>): CallOutcome<A> {
    if (outcome.kind === "refused") this.#accountsAskedIn = undefined;
    return outcome as CallOutcome<A>;
  }

  async #find(clientId: string, signal: CancelSignal): Promise<OrderFinding<Order>> {
    const { session, runtime } = this.#options;
    const orders = await fetchOrders(session, runtime.timer, signal);
    const order = orders.find(({ order_ref: ref }) => ref === clientId);
    return order === undefined ? { kind: "notFound" } : { kind: "placed", order };
  }

  async #hear(stream: Subscription<OrdersEvent>): Promise<void> {
    try {
      for await (const { data } of stream)
        for (const order of data.orders) {
          const { order_ref: clientId } = order;
          if (clientId !== undefined) this.#orders.report(clientId, { kind: "placed", order });
        }
    } catch {
      // A topic that failed has told so in its state; REST is asked all the same.
    }
  }
}

function invalidClientId(): WsError {
  const message =
    "the client id was not sent: it must have 1 to 40 letters, digits and the signs - and _";
  return new Failure({ kind: "client", code: "CLIENT_ID_INVALID", message });
}

const RULES: OptionRules<TradingOptions> = {
  runtime: runtimeWith("newId"),
  session: required(unchecked),
  accountId: required(
    must((id) => /^\w+$/.test(String(id)), "must be an account's id, like U1234567"),
  ),
  client: must((client) => client instanceof IbkrClient, "must be an IbkrClient"),
  confirm: callback,
  timeoutMs: duration,
  fateBoundMs: duration,
  clientIdPrefix: unchecked,
  orders: unchecked,
  refuseWhile: choice("recovering"),
  onFault: callback,
};

function dependentIssues({ refuseWhile, orders }: TradingOptions): readonly ConfigIssue[] {
  return refuseWhile !== undefined && orders === undefined
    ? [{ path: "orders", message: "is required with refuseWhile" }]
    : [];
}
