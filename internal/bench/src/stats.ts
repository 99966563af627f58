/**
 * The middle value; of an even number of values the mean of the two in the middle. `NaN` of none.
 */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The value below which the share `q` of the sorted values lies (nearest rank). */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const rank = Math.max(1, Math.ceil(q * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** The median of what the repeats say, and how far they disagree. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** `undefined` of no values. */
export function spread(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  return { median: median(values), low: Math.min(...values), high: Math.max(...values) };
}

/**
 * Runs the rows of one round forwards, those of the next backwards, so that none always follows the
 * same other.
 */
export function roundOrder<T>(rows: readonly T[], round: number): readonly T[] {
  return round % 2 === 0 ? rows : rows.toReversed();
}
