/** Buying or selling. */
export type Side = "buy" | "sell";

/**
 * What all events of the market model have. Prices and quantities everywhere in the model are the
 * venue's own text, digit for digit; what a venue does not say is `undefined`.
 */
export interface MarketFact<Raw> {
  /** Which venue, by the name that its adapter gives it, in lower case. */
  readonly venue: string;
  /** As the venue writes it: `BTCUSDT`, `BTC-USD`, the contract id `265598`. */
  readonly symbol: string;
  /** When it happened by the venue's clock, in Unix milliseconds, rounded down. */
  readonly timeMs: number | undefined;
  /** The same in Unix microseconds, where the venue tells so closely. */
  readonly timeUs: number | undefined;
  /** The venue's own payload. */
  readonly raw: Raw;
}

/** A trade. */
export interface Trade<Raw = unknown> extends MarketFact<Raw> {
  /** The venue's id of the trade. */
  readonly id: string;
  readonly price: string;
  readonly quantity: string;
  /** Of a market's trade the side of the taker, of an account's trade the side of the account. */
  readonly side: Side | undefined;
  /**
   * `market`: everybody's trades. `account`: only those of the own account, because the venue has
   * no others to give.
   */
  readonly scope: "market" | "account";
  /**
   * Whether it was traded before the subscription, and sent as its beginning. `undefined` where the
   * venue does not mark that.
   */
  readonly isSnapshot: boolean | undefined;
}

/** The best prices of a symbol. */
export interface Quote<Raw = unknown> extends MarketFact<Raw> {
  readonly bidPrice: string | undefined;
  readonly bidQuantity: string | undefined;
  readonly askPrice: string | undefined;
  readonly askQuantity: string | undefined;
  /** The venue's number of this state of the book. */
  readonly updateId: string | undefined;
  /** False for prices that the venue delays or has frozen; `undefined` where it does not say. */
  readonly isRealtime: boolean | undefined;
}

/**
 * Where an order stands.
 *
 * - `pending`: the venue knows it, and it does not work yet
 * - `open`: it can be filled, also while a cancellation of it is under way
 * - `filled`, `cancelled`, `expired`, `rejected`: it is over
 * - `unknown`: a word of the venue that the adapter does not know; see `venueStatus`
 */
export type OrderStatus =
  | "pending"
  | "open"
  | "filled"
  | "cancelled"
  | "expired"
  | "rejected"
  | "unknown";

/** An order, as it stands now. */
export interface Order<Raw = unknown> extends MarketFact<Raw> {
  /** The venue's id. */
  readonly orderId: string;
  /** The id that its sender gave it. */
  readonly clientOrderId: string | undefined;
  readonly side: Side | undefined;
  /** As the venue writes it: `LIMIT`, `Stop Limit`. */
  readonly type: string | undefined;
  readonly timeInForce: string | undefined;
  readonly status: OrderStatus;
  /** The venue's own word for {@link status}. */
  readonly venueStatus: string | undefined;
  /** Some venues write zero for an order without a limit. */
  readonly price: string | undefined;
  readonly quantity: string | undefined;
  /** Filled so far. */
  readonly filledQuantity: string | undefined;
  /** Not filled yet. It is not computed where the venue does not say it. */
  readonly remainingQuantity: string | undefined;
  readonly averagePrice: string | undefined;
}

/** One execution of an order. */
export interface Fill {
  /** The venue's id of the trade. */
  readonly tradeId: string;
  readonly price: string;
  readonly quantity: string;
  readonly liquidity: "maker" | "taker" | undefined;
  readonly fee: string | undefined;
  readonly feeAsset: string | undefined;
}

/**
 * What an account's order stream tells.
 *
 * - `snapshot`: all orders that the venue lists; what was known before is void. It comes first, and
 *   after every break
 * - `order`: one order changed. `fill` says by which execution, where the venue tells with it
 */
export type OrderEvent<Raw = unknown> =
  | {
      readonly kind: "snapshot";
      readonly venue: string;
      readonly orders: readonly Order[];
      /** `start`, `reconnect`, `lagged`, `gap`, `requested`. */
      readonly reason: string;
    }
  | {
      readonly kind: "order";
      readonly venue: string;
      readonly order: Order<Raw>;
      readonly fill: Fill | undefined;
    };
