import { binomialDistribution, median } from "simple-statistics";
import type { Row, RowResult } from "./model.js";

/** A median, the lowest and the highest value behind it, and its interval of confidence. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** 95 % for the median, from order statistics: no shape of the distribution is assumed. */
  readonly interval: readonly [low: number, high: number];
}

/** The share of all cases in which the median lies outside the interval, on both sides together. */
const OUTSIDE = 0.05;

/** `undefined` of no values. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const low = sorted[0];
  const high = sorted.at(-1);
  if (low === undefined || high === undefined) return undefined;
  const cut = cutFor(sorted.length);
  const interval = [sorted[cut] ?? low, sorted[sorted.length - 1 - cut] ?? high] as const;
  return { median: median(sorted), low, high, interval };
}

/**
 * How many values to leave out at each end. The number of values below the true median is binomial
 * with a probability of one half. With fewer than six values the interval is the whole range, and
 * has less confidence.
 */
function cutFor(count: number): number {
  const chances = binomialDistribution(count, 0.5) ?? [];
  let tail = 0;
  let cut = 0;
  for (const chance of chances) {
    tail += chance;
    if (tail > OUTSIDE / 2) break;
    cut++;
  }
  return Math.max(0, cut - 1);
}

/** The ratios or differences of a row's pairs; `undefined` where it was not measured. */
export function compared(
  { compare }: Pick<Row, "compare">,
  result: RowResult | undefined,
): Spread | undefined {
  if (result === undefined || "absent" in result) return undefined;
  return spreadOf(
    result.pairs.map(([base, subject]) => (compare === "ratio" ? subject / base : subject - base)),
  );
}
