import { asciiText } from "@oath-ws/venue-kit";

/** What the venue's messages have: as many decimals as its JSON. */
const USUAL_EXPONENT = -8;
const USUAL_UNITS = 100_000_000;
const POINT = 46;
const ZERO = 48;

/**
 * `mantissa * 10^exponent` as plain decimal text, every digit kept: an exponent of -8 gives eight
 * decimals, as the venue's JSON has them.
 *
 * @param exponent a whole number between -128 and 127, as SBE's byte holds it
 */
export function decimalText(mantissa: number | bigint, exponent: number): string {
  if (exponent === USUAL_EXPONENT && typeof mantissa === "number" && mantissa >= 0)
    return eightDecimals(mantissa);
  if (exponent === 0) return String(mantissa);
  const isNegative = mantissa < 0;
  const digits = String(isNegative ? -mantissa : mantissa);
  const sign = isNegative ? "-" : "";
  if (exponent > 0) return digits === "0" ? digits : sign + digits + "0".repeat(exponent);
  const whole = digits.length + exponent;
  return whole > 0
    ? `${sign}${digits.slice(0, whole)}.${digits.slice(whole)}`
    : `${sign}0.${"0".repeat(-whole)}${digits}`;
}

/**
 * Units of 10^-8 without the engine's conversion of large numbers, which takes three times as long:
 * digits are written in pairs, from the last one on.
 */
function eightDecimals(units: number): string {
  // It has 8 digits at most, so it is a small integer. Doubles below 2^53 / 10^8 lie closer
  // together than 2 * 10^-8: a quotient that is not whole is never rounded up to a whole one.
  let whole = (units / USUAL_UNITS) | 0;
  const rest = (units - whole * USUAL_UNITS) | 0;
  const high = (rest / 10_000) | 0;
  const low = rest - high * 10_000;
  writePair(DIGITS - 2, low % 100);
  writePair(DIGITS - 4, (low / 100) | 0);
  writePair(DIGITS - 6, high % 100);
  writePair(DIGITS - 8, (high / 100) | 0);
  let at = DIGITS - 9;
  scratch.setUint8(at, POINT);
  while (whole >= 10) {
    const left = (whole / 100) | 0;
    at -= 2;
    writePair(at, whole - left * 100);
    whole = left;
  }
  if (whole > 0 || at === DIGITS - 9) scratch.setUint8(--at, ZERO + whole);
  return asciiText(scratch, at, DIGITS - at);
}

function writePair(at: number, pair: number): void {
  scratch.setUint16(at, PAIRS[pair] ?? 0);
}

/** The digits of the numbers below 100, two in each. */
const PAIRS: Uint16Array = Uint16Array.from(
  { length: 100 },
  (_, pair) => ((ZERO + Math.floor(pair / 10)) << 8) | (ZERO + (pair % 10)),
);

/** Room for 8 digits, a point and 8 decimals, which is more than 2^53 units have. */
const DIGITS = 20;
const scratch = new DataView(new ArrayBuffer(DIGITS));
