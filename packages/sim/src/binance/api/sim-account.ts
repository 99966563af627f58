/**
 * An account of the simulated venue, from outside: what a test does to it, and what it can compare
 * a client with.
 */
export interface SimAccount {
  readonly apiKey: string;
  /**
   * Private half of the Ed25519 pair (PEM, PKCS 8) that the simulator made; `undefined` if keys
   * were configured.
   */
  readonly privateKey: string | undefined;
  /**
   * Every event the account has had, oldest first, whether anyone was subscribed or not. The last
   * 100 000.
   */
  readonly events: readonly AccountEvent[];
  /** Balances by asset. */
  balances(): Readonly<Record<string, { readonly free: string; readonly locked: string }>>;
  /** Every order there ever was, oldest first, as a query shows it. */
  readonly orders: readonly Readonly<Record<string, unknown>>[];
  /** Open orders, as a REST query shows them. */
  openOrders(symbol?: string): readonly Readonly<Record<string, unknown>>[];
  /**
   * Places a limit order and returns its id. Events: `executionReport` NEW,
   * `outboundAccountPosition`.
   */
  placeOrder(order: NewOrder): number;
  /**
   * Fills an order, whole or in part. Events: `executionReport` TRADE, `outboundAccountPosition`.
   */
  fillOrder(orderId: number, quantity?: string): void;
  /** Cancels an order. Events: `executionReport` CANCELED, `outboundAccountPosition`. */
  cancelOrder(orderId: number): void;
  /** Expires an order. Events: `executionReport` EXPIRED with `eR`, `outboundAccountPosition`. */
  expireOrder(orderId: number, reason?: string): void;
  /** Deposits (or, negative, withdraws). Events: `balanceUpdate`, `outboundAccountPosition`. */
  deposit(asset: string, amount: string): void;
  /** Locks free funds from outside (negative: unlocks). Event: `externalLockUpdate`. */
  lock(asset: string, amount: string): void;
  /** Does `actions` random things, decided by the seed: places, fills, cancels, deposits. */
  act(actions?: number): void;
  /** Sends an event of your own, for instance a `listStatus`. */
  publish(event: Readonly<Record<string, unknown>>): void;
}

/** A limit order to place. */
export interface NewOrder {
  readonly symbol: string;
  readonly side: "BUY" | "SELL";
  /** Decimal text. */
  readonly price: string;
  /** Decimal text. */
  readonly quantity: string;
  /** Default: one made from the order's id. */
  readonly clientOrderId?: string;
}

/** One event of an account. */
export interface AccountEvent {
  /** Position in the account's history, from 1. The sent record knows the event by it. */
  readonly index: number;
  readonly event: Readonly<Record<string, unknown>>;
}
