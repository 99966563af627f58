/**
 * Payloads of derived prices, exactly as they are on the wire. Why amounts are strings: see
 * `trade-payloads.ts`.
 */

/** The average price over an interval. Stream `<symbol>@avgPrice`, each second. */
export interface AvgPrice {
  readonly e: "avgPrice";
  /** When the event was sent, in ms (in µs with `timeUnit=MICROSECOND`, as all times here). */
  readonly E: number;
  /** Symbol, upper case. */
  readonly s: string;
  /** The interval that it is taken over: `"5m"`. */
  readonly i: string;
  /** The average price. */
  readonly w: string;
  /** When the last trade was. */
  readonly T: number;
}

/** The venue's reference price. Stream `<symbol>@referencePrice`, each second. */
export interface ReferencePrice {
  readonly e: "referencePrice";
  /** Symbol, upper case. */
  readonly s: string;
  /** The price; `null` while there is none. */
  readonly r: string | null;
  /** When it was calculated. */
  readonly t: number;
}
