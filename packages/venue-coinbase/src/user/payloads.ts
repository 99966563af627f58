import type { Envelope, EventType } from "../market/payloads.js";

/**
 * An order as the `user` channel shows it: all 29 fields. Amounts, counts and flags are texts. The
 * venue may add fields. What is unset is an empty text, `"0"`, or a name that begins with
 * `UNKNOWN_`; a time that is unset is the year 1.
 */
export interface UserOrder {
  readonly order_id: string;
  readonly client_order_id: string;
  readonly product_id: string;
  /** `SPOT`, or `FUTURE` in what is left of derivatives. */
  readonly product_type: string;
  readonly order_side: "BUY" | "SELL";
  /** `Limit`, `Market`, `Stop Limit` and others, as the venue writes them. */
  readonly order_type: string;
  /** `PENDING`, `OPEN`, `FILLED`, `CANCEL_QUEUED`, `CANCELLED`, `EXPIRED`, `FAILED` and others. */
  readonly status: string;
  readonly time_in_force: string;
  readonly limit_price: string;
  readonly stop_price: string;
  readonly trigger_status: string;
  /** `"true"` or `"false"`. */
  readonly post_only: string;
  readonly cumulative_quantity: string;
  readonly leaves_quantity: string;
  readonly completion_percentage: string;
  readonly avg_price: string;
  readonly filled_value: string;
  readonly number_of_fills: string;
  readonly total_fees: string;
  readonly total_value_after_fees: string;
  /** What the order still binds of the balance. */
  readonly outstanding_hold_amount: string;
  readonly cancel_reason: string;
  readonly reject_reason: string | null;
  readonly contract_expiry_type: string;
  readonly risk_managed_by: string;
  readonly retail_portfolio_id: string;
  /** RFC 3339, as all times. */
  readonly creation_time: string;
  readonly start_time: string;
  readonly end_time: string;
}

/**
 * Open positions by kind. A kind that the account cannot hold may be missing. Updates bring them
 * only when one changed.
 */
export interface UserPositions {
  readonly perpetual_futures_positions?: readonly PerpetualPosition[] | undefined;
  readonly expiring_futures_positions?: readonly ExpiringPosition[] | undefined;
  /** Recorded empty only; what is in them is the venue's. */
  readonly prediction_market_positions?: readonly unknown[] | undefined;
}

/**
 * A position in a perpetual contract, all texts. The documentation and recorded frames differ in
 * what they have beyond the first fields, so the others may be missing.
 */
export interface PerpetualPosition {
  readonly product_id: string;
  readonly portfolio_uuid: string;
  readonly position_side: string;
  readonly net_size: string;
  readonly buy_order_size: string;
  readonly sell_order_size: string;
  readonly leverage: string;
  readonly mark_price: string;
  readonly liquidation_price: string;
  readonly entry_vwap: string;
  readonly unrealized_pnl: string;
  readonly vwap?: string | undefined;
  readonly margin_type?: string | undefined;
  readonly im_contribution?: string | undefined;
  readonly im_notional?: string | undefined;
  readonly mm_notional?: string | undefined;
  readonly position_notional?: string | undefined;
  readonly aggregated_pnl?: string | undefined;
}

/** A position in a future that expires, all texts. */
export interface ExpiringPosition {
  readonly product_id: string;
  readonly side: string;
  readonly number_of_contracts: string;
  readonly realized_pnl: string;
  readonly unrealized_pnl: string;
  readonly entry_price: string;
}

/**
 * One event of the `user` channel. A snapshot comes in batches of 50 orders; a shorter one ends it
 * (C-20), or the acknowledgement that follows it.
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
