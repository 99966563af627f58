import { addOrder, emptyTotals, type Totals } from "./statistics.js";
import type { TakerOrder } from "./trade-generator.js";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** The first Monday after 1970-01-01, on which weekly candles are aligned. */
const FIRST_MONDAY = 4 * DAY;

/** Intervals of a fixed length. */
type FixedInterval =
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
  | "1w";

/** Names of intervals: those of fixed length, and the month. */
export type CandleInterval = FixedInterval | "1M";

const INTERVAL_MS: Readonly<Record<FixedInterval, number>> = {
  "1s": SECOND,
  "1m": MINUTE,
  "3m": 3 * MINUTE,
  "5m": 5 * MINUTE,
  "15m": 15 * MINUTE,
  "30m": 30 * MINUTE,
  "1h": HOUR,
  "2h": 2 * HOUR,
  "4h": 4 * HOUR,
  "6h": 6 * HOUR,
  "8h": 8 * HOUR,
  "12h": 12 * HOUR,
  "1d": DAY,
  "3d": 3 * DAY,
  "1w": 7 * DAY,
};

/** The interval a name stands for, if any. */
export function parseCandleInterval(name: string): CandleInterval | undefined {
  return name === "1M" || Object.hasOwn(INTERVAL_MS, name) ? (name as CandleInterval) : undefined;
}

/**
 * Start and end (the last millisecond inside) of the candle that a time falls in. `offsetMs` shifts
 * the day's start.
 */
export function candleSpan(
  interval: CandleInterval,
  time: number,
  offsetMs: number,
): { open: number; close: number } {
  const local = time + offsetMs;
  if (interval === "1M") {
    const date = new Date(local);
    const open = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) - offsetMs;
    const next = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) - offsetMs;
    return { open, close: next - 1 };
  }
  const length = INTERVAL_MS[interval];
  const anchor = interval === "1w" ? FIRST_MONDAY : 0;
  const open = Math.floor((local - anchor) / length) * length + anchor - offsetMs;
  return { open, close: open + length - 1 };
}

/** A candle as it is published. */
export interface Candle {
  readonly open: number;
  readonly close: number;
  readonly totals: Totals;
  readonly isFinal: boolean;
}

/** Collects the candles of one symbol and interval, from the moment they are asked for. */
export class CandleSeries {
  readonly #interval: CandleInterval;
  readonly #offsetMs: number;
  #finished: Candle[] = [];
  #open: number;
  #close: number;
  #totals: Totals;

  constructor(interval: CandleInterval, offsetMs: number, time: number, price: number) {
    this.#interval = interval;
    this.#offsetMs = offsetMs;
    ({ open: this.#open, close: this.#close } = candleSpan(interval, time, offsetMs));
    this.#totals = emptyTotals(price, this.#open);
  }

  /** Counts an order that traded at `time`. */
  add(order: TakerOrder, time: number): void {
    this.#roll(time);
    this.#totals = addOrder(this.#totals, order);
  }

  /**
   * What to publish at `time`: the current candle, preceded by the one that ended since the last
   * call.
   */
  publish(time: number): readonly Candle[] {
    this.#roll(time);
    const candles = [...this.#finished, this.#candle(false)];
    this.#finished = [];
    return candles;
  }

  #roll(time: number): void {
    if (time <= this.#close) return;
    // It may not have been asked for a long time: only the last finished candle is worth keeping.
    this.#finished = [this.#candle(true)];
    const price = this.#totals.last;
    ({ open: this.#open, close: this.#close } = candleSpan(this.#interval, time, this.#offsetMs));
    this.#totals = emptyTotals(price, this.#open);
  }

  #candle(isFinal: boolean): Candle {
    return { open: this.#open, close: this.#close, totals: this.#totals, isFinal };
  }
}
