import { asFlag, asInteger, asNumber, asRecord } from "../check.js";
import { SimOptionError } from "../option-error.js";

/**
 * What a proxy does to the bytes of one direction. Absent parts do nothing. Times are real
 * milliseconds.
 */
export interface ProxyRules {
  /** Every byte arrives this much later; order is kept. */
  readonly delayMs?: number;
  /** Up to this much more delay for each chunk, decided by the seed. */
  readonly jitterMs?: number;
  /** Pass on in pieces of so many bytes, the size of each decided by the seed. */
  readonly slice?: { readonly minBytes: number; readonly maxBytes: number };
  /** Pass on at most so many bytes per second. */
  readonly bytesPerSecond?: number;
  /**
   * Pass on nothing, not even an end or a reset, and stop reading. Nothing is lost: as on a network
   * that comes back, what was held arrives when the rule is lifted.
   */
  readonly blackHole?: boolean;
}

/** Which bytes a rule is for: `up` is from client to target. */
export type ProxyDirection = "up" | "down" | "both";

/** Checks rules. Throws a {@link SimOptionError} naming the field. */
export function resolveRules(option: string, value: unknown): ProxyRules {
  const from = asRecord(option, value, [
    "delayMs",
    "jitterMs",
    "slice",
    "bytesPerSecond",
    "blackHole",
  ]);
  const { delayMs, jitterMs, slice, bytesPerSecond, blackHole } = from;
  if (delayMs !== undefined) asNumber(`${option}.delayMs`, delayMs, { min: 0, max: 3_600_000 });
  if (jitterMs !== undefined) asNumber(`${option}.jitterMs`, jitterMs, { min: 0, max: 3_600_000 });
  if (bytesPerSecond !== undefined)
    asInteger(`${option}.bytesPerSecond`, bytesPerSecond, { min: 1, max: 1e12 });
  if (blackHole !== undefined) asFlag(`${option}.blackHole`, blackHole);
  if (slice !== undefined) {
    const sizes = asRecord(`${option}.slice`, slice, ["minBytes", "maxBytes"]);
    const min = asInteger(`${option}.slice.minBytes`, sizes["minBytes"], { min: 1, max: 1e9 });
    const max = asInteger(`${option}.slice.maxBytes`, sizes["maxBytes"], { min: 1, max: 1e9 });
    if (max < min)
      throw new SimOptionError(`${option}.slice.maxBytes`, `must not be below minBytes (${min})`);
  }
  return from;
}
