import type { DecimalReading } from "./decimal-reading.js";

/** Powers of ten that a double holds exactly. */
const POWERS: readonly number[] = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);

/**
 * A price as a whole number of units of `10 ** -scale`.
 *
 * How this works: up to 2^53 that is exact, so equal keys are equal prices. Beyond, the key is the
 * nearest double. Rounding keeps the order, so keys that differ still decide, and equal ones leave
 * it to the texts.
 *
 * @param reading of the text
 * @param scale not below that of the reading
 */
export function priceKey(reading: DecimalReading, text: string, scale: number): number {
  const key = reading.mantissa * (POWERS[scale - reading.scale] ?? Number.NaN);
  return Number.isSafeInteger(key) ? key : Number(`${text}e${scale}`);
}

/** Whether a key is the price itself, so that an equal key is the same price. */
export function isExactKey(key: number): boolean {
  return Number.isSafeInteger(key);
}
