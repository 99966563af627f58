/** The middle value; of an even number of values the mean of the two in the middle. `NaN` of none. */
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

/**
 * A quotient against another row of the same run. Both were measured in turn, so what disturbed the machine in one round disturbed
 * both: the quotient is taken round by round, and the median of those counts.
 */
export interface Ratio {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export function ratio(values: readonly number[], base: readonly number[]): Ratio {
  const quotients = values.slice(0, base.length).map((value, round) => value / (base[round] ?? Number.NaN));
  return { median: median(quotients), low: Math.min(...quotients), high: Math.max(...quotients) };
}

/** Runs the rows of one round forwards, those of the next backwards, so that none always follows the same other. */
export function roundOrder<T>(rows: readonly T[], round: number): readonly T[] {
  return round % 2 === 0 ? rows : rows.toReversed();
}
