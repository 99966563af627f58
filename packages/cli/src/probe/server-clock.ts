/** How far a server's clock is ahead of ours, in milliseconds: between these two. */
export interface ClockBounds {
  readonly leastMs: number;
  readonly mostMs: number;
}

/** Dates of HTTP have whole seconds. */
const DATE_STEP_MS = 1_000;

/**
 * Compares the `Date` of an answer with our clock.
 *
 * @param date the header
 * @param askedAt our Unix milliseconds when the request left, at the latest
 * @param answeredAt those when the answer was there
 * @returns `undefined` without a date that can be read
 */
export function clockBounds(
  date: string | undefined,
  askedAt: number,
  answeredAt: number,
): ClockBounds | undefined {
  const from = Date.parse(date ?? "");
  if (Number.isNaN(from)) return undefined;
  // The answer was dated between the two, and its second ends a step later.
  return { leastMs: from - answeredAt, mostMs: from + DATE_STEP_MS - askedAt };
}

/** By how much the clocks differ at least, with its sign; 0 when they may agree. */
export function surelyOffMs({ leastMs, mostMs }: ClockBounds): number {
  if (leastMs > 0) return leastMs;
  return mostMs < 0 ? mostMs : 0;
}
