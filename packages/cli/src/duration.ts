import { UsageError } from "./usage-error.js";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * Reads `500ms`, `20s`, `1.5m` or `2h` as milliseconds. Throws a {@link UsageError} that names the
 * option for anything else.
 */
export function parseDuration(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const ms = Number(match?.[1]) * (UNITS[match?.[2] ?? ""] ?? Number.NaN);
  if (!Number.isFinite(ms) || ms <= 0)
    throw new UsageError(`${option} takes a duration such as 20s, 500ms or 2m, got "${text}"`);
  return ms;
}
