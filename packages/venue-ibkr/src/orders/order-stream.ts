import type { ReadableOptions, WsSource } from "@oath-ws/contract";
import {
  callback,
  checkOptions,
  count,
  duration,
  elapsedTimer,
  ReconciledStream,
} from "@oath-ws/venue-kit";
import type {
  GapRecord,
  OptionRules,
  RecoveryContext,
  Subscription,
  TopicEvent,
  TopicReader,
  TopicWatch,
  VenueRuntime,
} from "@oath-ws/venue-kit";
import type { Order, OrdersEvent } from "../market/payloads.js";
import type { SessionKeeper } from "../session/session-keeper.js";
import { fetchOrders } from "./order-client.js";
import { OrderTable } from "./order-table.js";
import { SessionAge } from "./session-age.js";

/**
 * What the stream brings: all orders after every break, and in between those that changed, each
 * whole.
 */
export type OrderUpdate =
  | {
      readonly kind: "snapshot";
      readonly orders: readonly Order[];
      readonly reason: RecoveryContext["reason"];
    }
  | { readonly kind: "orders"; readonly orders: readonly Order[] };

/**
 * Asks the venue for all orders. Until it resolves the stream is `recovering` and events wait; what
 * it rejects with is tried again after a pause.
 */
export type ReconcileOrders = (context: RecoveryContext) => Promise<readonly Order[]>;

/** Options of `IbkrClient.orderStream`. */
export interface OrderOptions {
  /** Default: asks by REST. */
  readonly reconcile?: ReconcileOrders | undefined;
  /**
   * How long one reconciliation may take, in milliseconds. Default 60 000: the venue wants five
   * seconds between two requests.
   */
  readonly reconcileTimeoutMs?: number | undefined;
  /**
   * Updates that may wait for their reader; beyond that the oldest go and leave a gap record.
   * Default 100 000.
   */
  readonly maxUpdates?: number | undefined;
}

/** What an {@link OrderStream} needs. */
export interface OrderStreamParts {
  readonly runtime: VenueRuntime;
  readonly session: SessionKeeper;
  readonly options: OrderOptions;
  readonly subscribe: () => Subscription<OrdersEvent>;
  readonly onFault: (error: unknown) => void;
  readonly onEnd: () => void;
}

/**
 * The account's orders. The venue numbers nothing, repeats nothing, and says nothing of orders in
 * which nothing happens; so after every break, every repair of the session, and every frame that
 * our own buffer dropped, all orders are asked for: `recovering` until then, `live` afterwards.
 * They are `stale`, with the cause `SESSION_UNCONFIRMED`, while `/tickle` was not answered for two
 * of its periods, in a penalty box for instance: that the gateway has another session, and the
 * stream brings nothing, shows with `/tickle` alone.
 */
export class OrderStream implements WsSource<TopicEvent<OrderUpdate>>, Disposable {
  readonly #table = new OrderTable();
  readonly #subscription: Subscription<OrdersEvent>;
  readonly #stream: ReconciledStream<OrdersEvent, OrderUpdate>;

  /** @throws ConfigError listing everything that is wrong with the options */
  constructor({ runtime, session, options, subscribe, onFault, onEnd }: OrderStreamParts) {
    checkOptions(options, RULES);
    const { timer, random } = runtime;
    const reconcile = options.reconcile ?? (({ signal }) => fetchOrders(session, timer, signal));
    this.#subscription = subscribe();
    this.#stream = new ReconciledStream<OrdersEvent, OrderUpdate>({
      timer,
      random,
      subscription: this.#subscription,
      reconcile: async (context) => {
        const orders = await reconcile(context);
        if (context.signal.aborted) return undefined;
        this.#table.reset(orders);
        return { kind: "snapshot", orders: this.#table.orders, reason: context.reason };
      },
      timeoutMs: options.reconcileTimeoutMs ?? 60_000,
      update: ({ data }) => {
        const orders = this.#table.merge(data.changes);
        return orders.length === 0 ? undefined : { kind: "orders", orders };
      },
      maxUpdates: options.maxUpdates ?? 100_000,
      // What is over for good ends the topic, and this with it.
      isPermanent: () => false,
      onFault,
      onEnd: () => {
        age.end();
        this.#subscription.close();
        onEnd();
      },
    });
    const age: SessionAge = new SessionAge(session, elapsedTimer(timer), (doubt) =>
      this.#stream.doubt(doubt),
    );
  }

  /** Whether the orders are complete. */
  get state(): TopicWatch {
    return this.#stream.state;
  }

  /**
   * The latest gap records: times during which events were missed. Each was followed by a snapshot.
   */
  get gaps(): readonly GapRecord[] {
    return this.#stream.gaps;
  }

  /** Gap records so far; more than {@link gaps} keeps, after a thousand. */
  get gapCount(): number {
    return this.#stream.gapCount;
  }

  /** Updates that were discarded unread. */
  get discarded(): number {
    return this.#stream.discarded;
  }

  /** For the market model, which takes the updates. */
  get updates(): TopicReader<OrderUpdate> {
    return this.#stream;
  }

  take(): TopicEvent<OrderUpdate> | undefined {
    return this.#stream.take();
  }

  readable(options?: ReadableOptions): Promise<boolean> {
    return this.#stream.readable(options);
  }

  batches(): AsyncIterable<readonly TopicEvent<OrderUpdate>[]> {
    return this.#stream.batches();
  }

  [Symbol.asyncIterator](): AsyncIterator<TopicEvent<OrderUpdate>, undefined> {
    return this.#stream[Symbol.asyncIterator]();
  }

  /**
   * Asks for all orders again, when the caller has lost track: after an `overflow` gap, or a fault
   * of its own. Does nothing while that is under way already.
   */
  reconcile(): void {
    this.#stream.reconcile();
  }

  /**
   * Ends the stream cleanly after what waits in it, and the topic, if no other subscriber holds it.
   * Idempotent.
   */
  async close(): Promise<void> {
    this.#subscription.close();
    await this.#stream.ended;
  }

  [Symbol.dispose](): void {
    this.#subscription.close();
  }
}

const RULES: OptionRules<OrderOptions> = {
  reconcileTimeoutMs: duration,
  maxUpdates: count,
  reconcile: callback,
};
