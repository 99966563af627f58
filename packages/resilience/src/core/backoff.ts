/** The delay between attempts. */
export interface BackoffShape {
  /** Ceiling of the first delay, in front of the others; `undefined`: there is none of its own. */
  readonly firstMs: number | undefined;
  readonly minMs: number;
  readonly maxMs: number;
  readonly factor: number;
}

/**
 * The delay before the next attempt after `failures` failures in a row (1 or more), in
 * milliseconds: exponential up to `maxMs`, then drawn evenly from the upper half of that, also at
 * the cap, so that clients cut off together do not come back together for ever.
 *
 * @param random in [0, 1)
 */
export function backoffDelay(shape: BackoffShape, failures: number, random: number): number {
  const ceiling = delayCeiling(shape, failures);
  return ceiling / 2 + (ceiling / 2) * random;
}

function delayCeiling({ firstMs, minMs, maxMs, factor }: BackoffShape, failures: number): number {
  if (firstMs !== undefined && failures === 1) return firstMs;
  const growth = failures - (firstMs === undefined ? 1 : 2);
  // The power overflows to Infinity after long outages; the cap takes care of it.
  return Math.min(maxMs, minMs * factor ** growth);
}
