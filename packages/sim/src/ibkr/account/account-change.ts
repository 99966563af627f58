/** An order as `sor` frames and `/iserver/account/orders` show it (I-28). */
export interface IbkrOrder {
  readonly acct: string;
  readonly conidex: string;
  readonly conid: number;
  readonly orderId: number;
  /** The client's id (`cOID`); absent where it gave none. */
  readonly order_ref?: string;
  /** Filled and remaining: `100/622`. */
  readonly sizeAndFills: string;
  readonly orderDesc: string;
  readonly ticker: string;
  readonly remainingQuantity: number;
  readonly filledQuantity: number;
  readonly totalSize: number;
  readonly status:
    | "Inactive"
    | "PendingSubmit"
    | "PreSubmitted"
    | "Submitted"
    | "PendingCancel"
    | "Cancelled"
    | "Filled";
  readonly order_ccp_status: string;
  readonly orderType: "Limit";
  readonly timeInForce: "DAY";
  readonly price: string;
  readonly side: "BUY" | "SELL";
  readonly avgPrice?: string;
}

/**
 * An execution as `str` frames and `/iserver/account/trades` show it (I-29). The commission comes
 * later.
 */
export interface IbkrExecution {
  readonly execution_id: string;
  readonly symbol: string;
  readonly side: "B" | "S";
  readonly size: number;
  readonly price: string;
  readonly commission?: string;
  readonly trade_time_r: number;
  readonly conid: number;
  readonly account: string;
  readonly order_ref: string;
}

/** Something happened in the account. Numbers count from 1, orders and trades apart. */
export type AccountChange =
  | {
      readonly kind: "order";
      readonly number: number;
      readonly order: IbkrOrder;
      /**
       * What this change is about: all that a frame carries, besides the ids, unless it is `whole`.
       */
      readonly delta: Partial<IbkrOrder> & { readonly fgColor?: string };
      /** The venue sends the order in full here, whatever it has sent before. */
      readonly whole: boolean;
    }
  | { readonly kind: "trade"; readonly number: number; readonly execution: IbkrExecution };
