/** The delay between attempts. */
export interface BackoffShape {
  readonly minMs: number;
  readonly maxMs: number;
  readonly factor: number;
}

/**
 * The delay before the next attempt after `failures` failures in a row (1 or more), in milliseconds: exponential up to `maxMs`, then
 * drawn evenly from the upper half of that, also at the cap, so that clients cut off together do not come back together for ever.
 *
 * @param random in [0, 1)
 */
export function backoffDelay(shape: BackoffShape, failures: number, random: number): number {
  // The power overflows to Infinity after long outages; the cap takes care of it.
  const ceiling = Math.min(shape.maxMs, shape.minMs * shape.factor ** (failures - 1));
  return ceiling / 2 + (ceiling / 2) * random;
}
