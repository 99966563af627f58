import type { ConfigIssue } from "@oath-ws/contract";

/** What a number must be. */
export interface NumberRule {
  readonly min: number;
  readonly max?: number;
  readonly whole?: boolean;
}

/**
 * Everything that is wrong with numeric options; `undefined` values are not looked at. For one
 * `ConfigError` with all of them.
 */
export function numberIssues(
  values: Readonly<Record<string, unknown>>,
  rules: Readonly<Record<string, NumberRule>>,
  prefix = "",
): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  for (const [key, { min, max, whole }] of Object.entries(rules)) {
    const value = values[key];
    if (value === undefined) continue;
    const path = prefix + key;
    if (typeof value !== "number" || !Number.isFinite(value)) {
      issues.push({
        path,
        message: `must be a finite number, got ${typeof value === "number" ? value : typeof value}`,
      });
    } else if (whole === true && !Number.isSafeInteger(value)) {
      issues.push({ path, message: `must be a whole number, got ${value}` });
    } else if (value < min) {
      issues.push({ path, message: `must be at least ${min}, got ${value}` });
    } else if (max !== undefined && value > max) {
      issues.push({ path, message: `must be at most ${max}, got ${value}` });
    }
  }
  return issues;
}
