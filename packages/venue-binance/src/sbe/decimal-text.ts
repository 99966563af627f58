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
 * Units of 10^-8 without the engine's conversion of large numbers, which takes three times as long.
 */
function eightDecimals(units: number): string {
  // Doubles below 2^53 / 10^8 lie closer together than 2 * 10^-8: a quotient that is not whole is
  // never rounded up to a whole one.
  const whole = Math.floor(units / USUAL_UNITS);
  const rest = units - whole * USUAL_UNITS;
  const high = Math.floor(rest / 10_000);
  const low = rest - high * 10_000;
  return (
    whole +
    String.fromCharCode(
      POINT,
      ZERO + Math.floor(high / 1_000),
      ZERO + (Math.floor(high / 100) % 10),
      ZERO + (Math.floor(high / 10) % 10),
      ZERO + (high % 10),
      ZERO + Math.floor(low / 1_000),
      ZERO + (Math.floor(low / 100) % 10),
      ZERO + (Math.floor(low / 10) % 10),
      ZERO + (low % 10),
    )
  );
}
