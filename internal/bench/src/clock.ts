/**
 * Nanoseconds of `CLOCK_MONOTONIC`: the same clock in every process of one Linux machine. Whole
 * numbers up to 104 days of uptime.
 */
export function monotonicNs(): number {
  return Number(process.hrtime.bigint());
}

/** Resolves after one turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
