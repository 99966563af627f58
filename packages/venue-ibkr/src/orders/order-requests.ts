/**
 * An order to place; fields are the venue's. Fields that are not named here are sent as they are.
 */
export interface NewOrder {
  readonly conid: number;
  readonly side: "BUY" | "SELL";
  /** `LMT`, `MKT`, `STP`, `STOP_LIMIT`, `MIDPRICE`, `TRAIL`, ... */
  readonly orderType: string;
  /** `DAY`, `GTC`, `OPG`, `IOC`, ... */
  readonly tif: string;
  readonly quantity?: number | undefined;
  readonly price?: number | undefined;
  /** Price of a stop. */
  readonly auxPrice?: number | undefined;
  readonly outsideRTH?: boolean | undefined;
  readonly listingExchange?: string | undefined;
  /** The client's id. Default: made by the kit, unique. */
  readonly cOID?: string | undefined;
  readonly [field: string]: string | number | boolean | undefined;
}

/** What is to be changed of an order: the venue wants its other fields repeated. */
export type OrderChange = Omit<NewOrder, "cOID">;

/** The venue has taken an order, a change of it, or a cancellation. */
export interface OrderAck {
  /** The venue's id; it comes as text. */
  readonly order_id: string;
  readonly order_status?: string;
  readonly encrypt_message?: string;
}

/** What the venue wants to have confirmed before it takes an order. */
export interface OrderQuestion {
  readonly id: string;
  /** In the venue's words. */
  readonly message: readonly string[];
  /** Which warnings these are (`o163`). */
  readonly messageIds: readonly string[];
}

/** The status of one order; fields that are not named are there too. */
export interface OrderStatusReport {
  readonly order_id: number;
  readonly conid?: number;
  readonly symbol?: string;
  readonly side?: string;
  readonly order_status?: string;
  readonly size_and_fills?: string;
  readonly account?: string;
}

/** Decides whether a question is confirmed. One that is not ends the order as `refused`. */
export type ConfirmOrder = (question: OrderQuestion) => boolean | Promise<boolean>;
