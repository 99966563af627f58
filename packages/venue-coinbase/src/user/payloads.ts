import type { Envelope, EventType } from "../market/payloads.js";

/** An order as the `user` channel shows it: all amounts are texts. The venue may add fields. */
export interface UserOrder {
  readonly order_id: string;
  readonly client_order_id: string;
  readonly product_id: string;
  readonly order_side: "BUY" | "SELL";
  readonly order_type: string;
  readonly status: string;
  readonly limit_price: string;
  readonly cumulative_quantity: string;
  readonly leaves_quantity: string;
  readonly avg_price: string;
  readonly filled_value: string;
  readonly number_of_fills: string;
  readonly total_fees: string;
  readonly time_in_force: string;
  readonly creation_time: string;
}

/** Open positions by kind; what is in them is the venue's. */
export interface UserPositions {
  readonly perpetual_futures_positions?: readonly unknown[] | undefined;
  readonly expiring_futures_positions?: readonly unknown[] | undefined;
  readonly prediction_market_positions?: readonly unknown[] | undefined;
}

/**
 * One event of the `user` channel. A snapshot comes in batches of 50 orders; a shorter one ends it
 * (C-20).
 */
export interface UserEvent extends Envelope {
  readonly type: EventType;
  readonly orders: readonly UserOrder[];
  readonly positions: UserPositions | undefined;
}

/** One event of the `futures_balance_summary` channel. */
export interface FuturesBalanceEvent extends Envelope {
  readonly type: EventType;
  /** Amounts as texts: `futures_buying_power` and others. */
  readonly fcm_balance_summary: Readonly<Record<string, unknown>>;
}

/**
 * The acknowledgement of the `user` channel, in its place among the events: it ends a snapshot
 * whose last batch was full (C-5, C-20).
 */
export interface UserSnapshotEnd extends Envelope {
  readonly type: "end";
}

/** Topics of the user endpoint. */
export const USER = "user";
export const FUTURES_BALANCE = "futures_balance_summary";
