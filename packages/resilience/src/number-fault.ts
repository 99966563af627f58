/** Which numbers a setting takes; every bound is optional. */
export interface NumberRange {
  /** The least. */
  readonly min?: number;
  /** It must be greater than this. */
  readonly above?: number;
  /** The greatest. */
  readonly max?: number;
  /** Whether fractions are refused. Default `false`. */
  readonly whole?: boolean;
}

/**
 * Says what is wrong with a value that must be a finite number within a range, or gives
 * `undefined`. Of anything but a number the message shows the type alone: the value may be secret.
 */
export function numberFault(range: NumberRange, value: unknown): string | undefined {
  const { min, above, max, whole = false } = range;
  if (typeof value !== "number") return `must be a number, got ${typeName(value)}`;
  if (!Number.isFinite(value)) return `must be finite, got ${value}`;
  if (whole && !Number.isSafeInteger(value)) return `must be a whole number, got ${value}`;
  if (min !== undefined && value < min) return `must be at least ${min}, got ${value}`;
  if (above !== undefined && value <= above) return `must be above ${above}, got ${value}`;
  if (max !== undefined && value > max) return `must be at most ${max}, got ${value}`;
  return undefined;
}

/** Names the type of a value for a message, and never shows the value, which may be secret. */
export function typeName(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : typeof value;
}
