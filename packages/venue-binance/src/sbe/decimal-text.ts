import { mantissaAt, SAFE_HIGH, TWO_32 } from "./integers.js";

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
 * The same for a mantissa of a message, where it stands.
 *
 * @throws WsError `FRAME_UNKNOWN` for the value that stands for "null"
 */
export function decimalTextAt(view: DataView, at: number, exponent: number): string {
  const high = view.getInt32(at + 4, true);
  if (exponent !== USUAL_EXPONENT || high < 0 || high >= SAFE_HIGH)
    return decimalText(mantissaAt(view, at), exponent);
  const units = high * TWO_32 + view.getUint32(at, true);
  // It has 8 digits at most, so it is a small integer. Doubles below 2^53 / 10^8 lie closer
  // together than 2 * 10^-8: a quotient that is not whole is never rounded up to a whole one.
  const whole = (units / USUAL_UNITS) | 0;
  return eightDecimals(whole, (units - whole * USUAL_UNITS) | 0);
}

/**
 * Units of 10^-8 without the engine's conversion of large numbers, which takes three times as long:
 * each digit is an argument of `String.fromCharCode`, and memory between would cost a third more.
 */
function eightDecimals(whole: number, rest: number): string {
  const high = (rest / 10_000) | 0;
  const low = rest - high * 10_000;
  const a = (high / 100) | 0;
  const b = high - a * 100;
  const c = (low / 100) | 0;
  const d = low - c * 100;
  if (whole < 10)
    return text(
      ZERO + whole,
      POINT,
      tens(a),
      ones(a),
      tens(b),
      ones(b),
      tens(c),
      ones(c),
      tens(d),
      ones(d),
    );
  if (whole < 100)
    return text(
      tens(whole),
      ones(whole),
      POINT,
      tens(a),
      ones(a),
      tens(b),
      ones(b),
      tens(c),
      ones(c),
      tens(d),
      ones(d),
    );
  const top = (whole / 100) | 0;
  const pair = whole - top * 100;
  if (whole < 1_000)
    return text(
      ZERO + top,
      tens(pair),
      ones(pair),
      POINT,
      tens(a),
      ones(a),
      tens(b),
      ones(b),
      tens(c),
      ones(c),
      tens(d),
      ones(d),
    );
  if (whole < 10_000)
    return text(
      tens(top),
      ones(top),
      tens(pair),
      ones(pair),
      POINT,
      tens(a),
      ones(a),
      tens(b),
      ones(b),
      tens(c),
      ones(c),
      tens(d),
      ones(d),
    );
  const first = (top / 100) | 0;
  const second = top - first * 100;
  if (whole < 100_000)
    return text(
      ZERO + first,
      tens(second),
      ones(second),
      tens(pair),
      ones(pair),
      POINT,
      tens(a),
      ones(a),
      tens(b),
      ones(b),
      tens(c),
      ones(c),
      tens(d),
      ones(d),
    );
  if (whole < 1_000_000)
    return text(
      tens(first),
      ones(first),
      tens(second),
      ones(second),
      tens(pair),
      ones(pair),
      POINT,
      tens(a),
      ones(a),
      tens(b),
      ones(b),
      tens(c),
      ones(c),
      tens(d),
      ones(d),
    );
  // Prices from a million up.
  return `${whole}.${text(tens(a), ones(a), tens(b), ones(b), tens(c), ones(c), tens(d), ones(d))}`;
}

const text = String.fromCharCode;

function tens(pair: number): number {
  return TENS[pair] ?? 0;
}

function ones(pair: number): number {
  return ONES[pair] ?? 0;
}

const TENS = Uint8Array.from({ length: 100 }, (_, pair) => ZERO + Math.floor(pair / 10));
const ONES = Uint8Array.from({ length: 100 }, (_, pair) => ZERO + (pair % 10));
