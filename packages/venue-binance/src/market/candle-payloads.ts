/**
 * Payload of the candlestick streams, exactly as it is on the wire. Why amounts are strings: see
 * `trade-payloads.ts`.
 */

/** Lengths of a candle. `1m` is a minute and `1M` a month: case counts. */
export type KlineInterval =
  | "1s"
  | "1m"
  | "3m"
  | "5m"
  | "15m"
  | "30m"
  | "1h"
  | "2h"
  | "4h"
  | "6h"
  | "8h"
  | "12h"
  | "1d"
  | "3d"
  | "1w"
  | "1M";

/**
 * State of the current candle. Stream `<symbol>@kline_<interval>`, each second for `1s`, else every
 * 2 s; with `@+08:00` days begin at UTC+8.
 */
export interface Kline {
  readonly e: "kline";
  /** When the event was sent, in ms (in µs with `timeUnit=MICROSECOND`, as all times here). */
  readonly E: number;
  /** Symbol, upper case. */
  readonly s: string;
  /** The candle. */
  readonly k: Candle;
}

/** The candle inside a {@link Kline}. */
export interface Candle {
  /** Start. */
  readonly t: number;
  /** End: the last millisecond that belongs to it. */
  readonly T: number;
  /** Symbol, upper case. */
  readonly s: string;
  /** Length. */
  readonly i: KlineInterval;
  /** First trade id; -1 when there was no trade. */
  readonly f: number;
  /** Last trade id; -1 when there was no trade. */
  readonly L: number;
  /** Opening price. */
  readonly o: string;
  /** Last price so far; the closing price once `x` is set. */
  readonly c: string;
  /** Highest price. */
  readonly h: string;
  /** Lowest price. */
  readonly l: string;
  /** Volume in the base asset. */
  readonly v: string;
  /** Number of trades. */
  readonly n: number;
  /** Whether the candle is over, so that this is its last event. */
  readonly x: boolean;
  /** Volume in the quote asset. */
  readonly q: string;
  /** Volume that takers bought, in the base asset. */
  readonly V: string;
  /** Volume that takers bought, in the quote asset. */
  readonly Q: string;
  /** Without meaning; the venue says to ignore it. */
  readonly B: string;
}
