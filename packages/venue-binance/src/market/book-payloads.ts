/**
 * Payloads that show the order book, exactly as they are on the wire. Why amounts are strings: see
 * `trade-payloads.ts`.
 */

/**
 * A price and the whole quantity that is now offered at it; a quantity of zero (`"0.00000000"`)
 * means nothing is left.
 */
export type PriceLevel = readonly [price: string, quantity: string];

/**
 * What changed in the book since the last event. Stream `<symbol>@depth`, each 1000 ms, or with
 * `@100ms`; over SBE each 50 ms.
 */
export interface DepthUpdate {
  readonly e: "depthUpdate";
  /** When the event was sent, in ms (in µs with `timeUnit=MICROSECOND`). */
  readonly E: number;
  /** Symbol, upper case. */
  readonly s: string;
  /** First update id in this event; normally the `u` before it, plus 1. */
  readonly U: number;
  /** Last update id in this event. */
  readonly u: number;
  /** Bids that changed. */
  readonly b: readonly PriceLevel[];
  /** Asks that changed. */
  readonly a: readonly PriceLevel[];
}

/**
 * The best 5, 10 or 20 levels of both sides. Stream `<symbol>@depth<levels>`, each 1000 ms, or with
 * `@100ms`. It has neither event type nor symbol: only the wrapper of combined mode tells what it
 * is about. Over SBE there is `<symbol>@depth20`, each 50 ms.
 */
export interface PartialDepth {
  /** The last update id that is in it. */
  readonly lastUpdateId: number;
  /** Best first. */
  readonly bids: readonly PriceLevel[];
  /** Best first. */
  readonly asks: readonly PriceLevel[];
  /** When the event was sent, in µs. Only over SBE. */
  readonly E?: number;
  /** Symbol, upper case. Only over SBE. */
  readonly s?: string;
}

/** Answer of `GET /api/v3/depth`: the book as it was at one update id. */
export interface DepthSnapshot {
  /** The last update id that is in it. */
  readonly lastUpdateId: number;
  /** Best first, at most as many as were asked for. */
  readonly bids: readonly PriceLevel[];
  /** Best first, at most as many as were asked for. */
  readonly asks: readonly PriceLevel[];
}

/**
 * The best price on both sides, whenever it or its quantity changes. Stream `<symbol>@bookTicker`.
 * It has no event type and no time.
 */
export interface BookTicker {
  /** Update id of the book: the counter of {@link DepthUpdate}, with holes. */
  readonly u: number;
  /** Symbol, upper case. */
  readonly s: string;
  /** Best bid. */
  readonly b: string;
  /** Quantity at the best bid. */
  readonly B: string;
  /** Best ask. */
  readonly a: string;
  /** Quantity at the best ask. */
  readonly A: string;
}

/**
 * The best price on both sides, over SBE, where it takes the place of {@link BookTicker} and tells
 * the time. Stream `<symbol>@bestBidAsk`. When the venue is busy it leaves out events that a newer
 * one has overtaken.
 */
export interface BestBidAsk extends BookTicker {
  /** When the event was sent, in µs. */
  readonly E: number;
}
