import type { FieldValue } from "./quote.js";

/** Fields of the venue beyond those that are documented here. */
interface More {
  readonly [field: string]: unknown;
}

/**
 * A bar of a history, or the part of the last one that is new; the names are the venue's. Recorded
 * bars have no `t` and no `v`, those that follow the first frame are `{ o }` or `{ o, c }`
 * (I-32).
 */
export interface Bar {
  /** Start, in milliseconds since the epoch. */
  readonly t?: number;
  readonly o: number;
  readonly h?: number;
  readonly l?: number;
  readonly c?: number;
  readonly v?: number;
}

/** `smh`: all bars first, then the last one again when it changes. */
export interface HistoryEvent extends More {
  readonly symbol?: string;
  readonly text?: string;
  readonly priceFactor?: number;
  readonly startTime?: string;
  readonly timePeriod?: string;
  /** Seconds. */
  readonly barLength?: number;
  readonly mdAvailability?: string;
  readonly data: readonly Bar[];
  readonly points?: number;
}

/** An order, as far as its parts have come (I-28). */
export interface Order extends More {
  readonly acct?: string;
  readonly orderId: number;
  /** The client's id, where the order was given one (`cOID`). */
  readonly order_ref?: string;
  readonly conid?: number;
  readonly conidex?: string;
  readonly ticker?: string;
  readonly side?: string;
  readonly orderType?: string;
  readonly price?: string;
  readonly totalSize?: number | string;
  readonly filledQuantity?: number | string;
  readonly remainingQuantity?: number | string;
  readonly avgPrice?: string;
  readonly sizeAndFills?: string;
  readonly orderDesc?: string;
  /**
   * `Inactive`, `PendingSubmit`, `PreSubmitted`, `Submitted`, `Filled`, `PendingCancel`,
   * `Cancelled`, ...
   */
  readonly status?: string;
}

/**
 * `sor`: the orders that changed, each with all that was heard of it since the stream began, and
 * what the venue said.
 */
export interface OrdersEvent {
  readonly orders: readonly Order[];
  readonly changes: readonly Partial<Order>[];
}

/** An execution. */
export interface Trade extends More {
  readonly execution_id: string;
  readonly symbol?: string;
  readonly side?: string;
  readonly size?: number;
  readonly price?: string;
  /** Comes later than the rest. */
  readonly commission?: string;
  /** Milliseconds since the epoch. */
  readonly trade_time_r?: number;
  readonly conid?: number;
  readonly account?: string;
}

/**
 * `str`: executions that are new, and those of which more is known now. What the venue only repeats
 * is left out.
 */
export interface TradesEvent {
  readonly added: readonly Trade[];
  readonly updated: readonly Trade[];
}

/** A row of profit and loss. */
export interface ProfitRow extends More {
  readonly rowType?: number;
  /** Of the day. */
  readonly dpl?: number;
  /** Net liquidity. */
  readonly nl?: number;
  /** Unrealised. */
  readonly upl?: number;
}

/** `spl`: rows by account and model, `DU1234.Core`. */
export type ProfitEvent = Readonly<Record<string, ProfitRow>>;

/** A row of a summary or ledger, with all that was heard of it. */
export interface SummaryRow {
  readonly key: string;
  readonly [field: string]: FieldValue | boolean | null | undefined;
}

/** `ssd` and `sld`: the rows of the frame. */
export interface SummaryEvent {
  readonly rows: readonly SummaryRow[];
}

/** `sbd`: the price ladder, whole. */
export interface LadderEvent {
  readonly data: readonly Readonly<Record<string, unknown>>[];
}

/** `ntf`. */
export interface Notification extends More {
  readonly id?: string;
  readonly text?: string;
  readonly title?: string;
  readonly url?: string;
}

/** `blt`. */
export interface Bulletin extends More {
  readonly id?: string;
  readonly message?: string;
}

/** `act`, without the session's id, which is a secret. */
export interface AccountsEvent extends More {
  readonly accounts?: readonly string[];
  readonly selectedAccount?: string;
  readonly isPaper?: boolean;
}

/** `sts`: any subset of its members. */
export interface StatusEvent extends More {
  readonly authenticated?: boolean;
  readonly competing?: boolean;
  readonly connected?: boolean;
  readonly established?: boolean;
  readonly message?: string;
  readonly fail?: string;
}

/** `system`: the greeting, or a heartbeat. */
export type SystemEvent =
  | { readonly kind: "greeting"; readonly username: string; readonly isPaper: boolean | undefined }
  | { readonly kind: "heartbeat"; readonly venueTime: number };
