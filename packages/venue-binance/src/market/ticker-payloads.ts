/**
 * Payloads of the rolling statistics, exactly as they are on the wire. Why amounts are strings: see
 * `trade-payloads.ts`.
 */

/** Windows of the rolling ticker streams other than 24 h. */
export type TickerWindow = "1h" | "4h" | "1d";

/** What all statistics have in common. */
interface Totals {
  /** When the event was sent, in ms (in µs with `timeUnit=MICROSECOND`, as all times here). */
  readonly E: number;
  /** Symbol, upper case. */
  readonly s: string;
  /** Last price. */
  readonly c: string;
  /** Price at the start of the window. */
  readonly o: string;
  /** Highest price. */
  readonly h: string;
  /** Lowest price. */
  readonly l: string;
  /** Volume in the base asset. */
  readonly v: string;
  /** Volume in the quote asset. */
  readonly q: string;
}

/** What the full statistics add. */
interface Movement extends Totals {
  /** Change of the price; may be negative. */
  readonly p: string;
  /** Change of the price in percent. */
  readonly P: string;
  /** Average price, weighted by volume. */
  readonly w: string;
  /** Start of the window. */
  readonly O: number;
  /** End of the window. */
  readonly C: number;
  /** First trade id. */
  readonly F: number;
  /** Last trade id. */
  readonly L: number;
  /** Number of trades. */
  readonly n: number;
}

/**
 * Prices of the last 24 h. Streams `<symbol>@miniTicker`, and `!miniTicker@arr` for all symbols
 * that changed.
 */
export interface MiniTicker extends Totals {
  readonly e: "24hrMiniTicker";
}

/** Statistics of the last 24 h. Stream `<symbol>@ticker`. */
export interface Ticker extends Movement {
  readonly e: "24hrTicker";
  /** Price of the last trade before the window. */
  readonly x: string;
  /** Quantity of the last trade. */
  readonly Q: string;
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
 * Statistics of another window. Streams `<symbol>@ticker_<window>`, and `!ticker_<window>@arr` for
 * all symbols that changed.
 */
export interface WindowTicker extends Movement {
  readonly e: `${TickerWindow}Ticker`;
}
