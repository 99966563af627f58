/**
 * Nanoseconds of `CLOCK_MONOTONIC`: the same clock in every process of one Linux machine. Whole
 * numbers up to 104 days of uptime.
 */
export function monotonicNs(): number {
  return Number(process.hrtime.bigint());
}
