import type { OpenOrder } from "../user-data/account-snapshot.js";
import type { ExecutionReport } from "../user-data/user-data-events.js";

type Side = "BUY" | "SELL";
type TimeInForce = "GTC" | "IOC" | "FOK";

/**
 * An order to place; fields are the venue's (`order.place`). Prices and quantities are decimal
 * strings. Fields that are not named here are sent as they are.
 */
export interface NewOrder {
  readonly symbol: string;
  readonly side: Side;
  /** `LIMIT`, `LIMIT_MAKER`, `MARKET`, `STOP_LOSS`, `STOP_LOSS_LIMIT`, `TAKE_PROFIT`, ... */
  readonly type: string;
  readonly timeInForce?: TimeInForce | undefined;
  readonly quantity?: string | undefined;
  readonly quoteOrderQty?: string | undefined;
  readonly price?: string | undefined;
  readonly stopPrice?: string | undefined;
  readonly icebergQty?: string | undefined;
  /** How much the answer tells. Default of the venue: `FULL` for `MARKET` and `LIMIT`. */
  readonly newOrderRespType?: "ACK" | "RESULT" | "FULL" | undefined;
  /** At most 36 of letters, digits and `.:/_-`. Default: made by the kit, unique. */
  readonly newClientOrderId?: string | undefined;
  readonly [parameter: string]: string | number | boolean | undefined;
}

/** Which order: by the venue's id or by the client's. One of the two has to be given. */
export interface OrderId {
  readonly symbol: string;
  readonly orderId?: number | undefined;
  readonly origClientOrderId?: string | undefined;
}

/**
 * The answer to `order.place`. What stands behind `transactTime` comes with `RESULT` and `FULL`.
 */
export interface PlacedOrder {
  readonly symbol: string;
  readonly orderId: number;
  readonly orderListId: number;
  readonly clientOrderId: string;
  /** Unix milliseconds. */
  readonly transactTime: number;
  readonly price?: string;
  readonly origQty?: string;
  readonly executedQty?: string;
  readonly cummulativeQuoteQty?: string;
  readonly status?: string;
  readonly timeInForce?: string;
  readonly type?: string;
  readonly side?: Side;
  readonly fills?: readonly {
    readonly price: string;
    readonly qty: string;
    readonly commission: string;
    readonly commissionAsset: string;
    readonly tradeId: number;
  }[];
}

/** The answer to `order.status`; fields that are not named are there too. */
export interface OrderStatus extends OpenOrder {
  readonly orderListId: number;
  readonly cummulativeQuoteQty: string;
  readonly timeInForce: string;
  readonly stopPrice?: string;
  /** When it was placed, Unix milliseconds. */
  readonly time: number;
  readonly isWorking: boolean;
}

/** The answer to `order.cancel`. */
export interface CancelledOrder {
  readonly symbol: string;
  readonly orderId: number;
  /** The order's own client id. */
  readonly origClientOrderId: string;
  /** The cancellation's. */
  readonly clientOrderId: string;
  readonly status: string;
  readonly executedQty: string;
}

/** The answer to `account.status`; fields that are not named are there too. */
export interface AccountStatus {
  readonly canTrade: boolean;
  /** Unix milliseconds. */
  readonly updateTime: number;
  readonly accountType: string;
  readonly balances: readonly {
    readonly asset: string;
    readonly free: string;
    readonly locked: string;
  }[];
}

/** An order that was found after its fate was unknown, as the source that spoke first tells it. */
export type FoundOrder = { readonly orderId: number } & (
  | { readonly from: "answer"; readonly answer: PlacedOrder }
  | { readonly from: "query"; readonly order: OrderStatus }
  | { readonly from: "stream"; readonly report: ExecutionReport }
);
