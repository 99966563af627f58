import type { Spread } from "../stats.js";

export function fixed(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : "-";
}

/** 1234567 as 1.235 M. */
export function perSecond(value: number): string {
  if (!Number.isFinite(value)) return "-";
  if (value >= 1e6) return `${(value / 1e6).toFixed(3)} M`;
  return `${(value / 1e3).toFixed(1)} k`;
}

/** A median, and the range that it was taken from. */
export function withRange(found: Spread | undefined, digits: number): [string, string] {
  if (found === undefined) return ["-", ""];
  return [
    fixed(found.median, digits),
    `${fixed(found.low, digits)} to ${fixed(found.high, digits)}`,
  ];
}
