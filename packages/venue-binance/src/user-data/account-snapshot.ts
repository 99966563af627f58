/**
 * What an account holds and has on the books at one moment, by REST. Fields are the venue's; those
 * that we do not name are there too.
 */
export interface AccountSnapshot {
  readonly balances: readonly {
    readonly asset: string;
    readonly free: string;
    readonly locked: string;
  }[];
  readonly openOrders: readonly OpenOrder[];
}

/** An order on the books. */
export interface OpenOrder {
  readonly symbol: string;
  readonly orderId: number;
  readonly clientOrderId: string;
  readonly side: "BUY" | "SELL";
  readonly type: string;
  readonly status: string;
  readonly price: string;
  readonly origQty: string;
  readonly executedQty: string;
  /** Unix milliseconds. */
  readonly updateTime: number;
}
