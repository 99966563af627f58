import { isPrice } from "../book/decimal.js";

/** Numbers with at most so many digits are the same after they were a double. */
const EXACT_DIGITS = 15;

const GROUPED = /^-?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;

/**
 * A number that a venue prints for people as exact decimal text; `undefined` for what cannot be had
 * without loss or guessing. Plain decimal text stays as it is. Commas between groups of three
 * digits are left out. A JSON number is taken if a double holds it exactly: at most 15 digits, no
 * exponent. What the parser of the JSON text lost before cannot be seen. `12.2M`, `99 16/32` and
 * the like are `undefined`.
 */
export function exactText(value: unknown): string | undefined {
  if (typeof value === "number") {
    const text = String(value);
    return isPrice(text) && digits(text) <= EXACT_DIGITS ? text : undefined;
  }
  if (isPrice(value)) return value;
  return typeof value === "string" && GROUPED.test(value) ? exactGroups(value) : undefined;
}

function exactGroups(value: string): string | undefined {
  const text = value.replaceAll(",", "");
  return isPrice(text) ? text : undefined;
}

function digits(text: string): number {
  return text.replace(/^-?0*\.?0*|\./g, "").length;
}
