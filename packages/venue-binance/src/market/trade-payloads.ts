/**
 * Payloads of the trade streams, exactly as they are on the wire. Prices and quantities stay the
 * venue's strings: a decimal such as `"0.10000000"` has no exact double, and code that adds or
 * compares amounts must choose how, not we.
 */

/** Trades of one taker order at one price. Stream `<symbol>@aggTrade`. */
export interface AggTrade {
  readonly e: "aggTrade";
  /** When the event was sent, in ms (in µs with `timeUnit=MICROSECOND`, as all times here). */
  readonly E: number;
  /** Symbol, upper case. */
  readonly s: string;
  /** Aggregate trade id; +1 with each event of the symbol. */
  readonly a: number;
  /** Price. */
  readonly p: string;
  /** Quantity, summed over the trades. */
  readonly q: string;
  /** First trade id. */
  readonly f: number;
  /** Last trade id. */
  readonly l: number;
  /** When it was traded. */
  readonly T: number;
  /** Whether the buyer was the maker, so the seller the taker. */
  readonly m: boolean;
  /** Without meaning; the venue says to ignore it. */
  readonly M: boolean;
}

/** One trade. Stream `<symbol>@trade`. */
export interface Trade {
  readonly e: "trade";
  /** When the event was sent. */
  readonly E: number;
  /** Symbol, upper case. */
  readonly s: string;
  /** Trade id; +1 with each trade of the symbol. */
  readonly t: number;
  /** Price. */
  readonly p: string;
  /** Quantity. */
  readonly q: string;
  /** When it was traded. */
  readonly T: number;
  /** Whether the buyer was the maker. */
  readonly m: boolean;
  /** Without meaning; the venue says to ignore it. */
  readonly M: boolean;
}

/** A trade agreed outside the book. Stream `<symbol>@blockTrade`. */
export interface BlockTrade {
  readonly e: "blockTrade";
  /** When the event was sent. */
  readonly E: number;
  /** Symbol, upper case. */
  readonly s: string;
  /** Block trade id, a counter of its own. */
  readonly t: number;
  /** Price. */
  readonly p: string;
  /** Quantity. */
  readonly q: string;
  /** When it was traded. */
  readonly T: number;
  /** Whether the buyer was the maker. */
  readonly m: boolean;
}
