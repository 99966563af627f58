import { WsError } from "@oath-ws/contract";
import { DecimalReading, MAX_DECIMAL_CHARACTERS } from "./decimal-reading.js";

/** Written over by each call. */
const reading = new DecimalReading();

/** A decimal number without rounding: `mantissa / 10 ** scale`. */
export interface Decimal {
  /** A `bigint` only where a safe integer does not hold it. */
  readonly mantissa: number | bigint;
  /** Digits behind the point, trailing zeros included. */
  readonly scale: number;
}

/**
 * A value that is not a plain decimal number where a venue promises one. Its `code` is
 * `DECIMAL_INVALID`; {@link field} names what could not be read. Nothing derived from the message
 * may be used: a book that meets one asks for a new snapshot.
 */
export class DecimalError extends WsError {
  /** Which value it was, for example `price`. */
  readonly field: string;

  constructor(field: string, value: unknown) {
    super({
      kind: "server",
      code: "DECIMAL_INVALID",
      message:
        `${field} must be a decimal number as text, such as "12.50" ` +
        `(digits, at most one point, no exponent, at most ${MAX_DECIMAL_CHARACTERS} characters), ` +
        `got ${show(value)}`,
    });
    this.field = field;
  }
}

/**
 * Whether a value is a price as text: digits with at most one point between them, and a minus sign
 * where prices may be negative. No exponent, no hexadecimal, no blanks, no `NaN` or `Infinity`.
 */
export function isPrice(value: unknown): value is string {
  return typeof value === "string" && reading.read(value);
}

/** Whether a value is a quantity as text: like a price, without a sign. */
export function isQuantity(value: unknown): value is string {
  return isPrice(value) && !reading.isSigned;
}

/** Whether a decimal text is zero, however it is written: `"0"`, `"0.00000000"`, `"-0"`. */
export function isZero(text: string): boolean {
  return reading.read(text) && reading.mantissa === 0;
}

/**
 * Reads a decimal number exactly.
 *
 * @param field names the value in the error
 * @throws DecimalError when the text is not a plain decimal number
 */
export function parseDecimal(text: string, field = "number"): Decimal {
  if (!isPrice(text)) throw new DecimalError(field, text);
  const { mantissa, scale } = reading;
  return { mantissa: Number.isNaN(mantissa) ? BigInt(text.replace(".", "")) : mantissa, scale };
}

/**
 * Compares two decimal texts by value, exactly: negative when `one` is less, 0 when they are equal
 * (`"1.0"` and `"1.00"`), positive when it is greater. Both must be valid: see {@link isPrice}.
 */
export function compareDecimals(one: string, other: string): number {
  // Rounding keeps the order, so doubles that differ decide. Equal ones may hide a difference.
  const difference = Number(one) - Number(other);
  if (difference !== 0 || one === other) return difference;
  return compareExactly(parseDecimal(one), parseDecimal(other));
}

function compareExactly(one: Decimal, other: Decimal): number {
  const scale = Math.max(one.scale, other.scale);
  const a = BigInt(one.mantissa) * 10n ** BigInt(scale - one.scale);
  const b = BigInt(other.mantissa) * 10n ** BigInt(scale - other.scale);
  return a < b ? -1 : a > b ? 1 : 0;
}

function show(value: unknown): string {
  if (typeof value !== "string") return value === null ? "null" : typeof value;
  const text = JSON.stringify(value.slice(0, MAX_DECIMAL_CHARACTERS));
  const more = value.length - MAX_DECIMAL_CHARACTERS;
  return more <= 0 ? text : `${text} and ${more} more`;
}
