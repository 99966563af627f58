import { isFourDigits } from "./four-digits.js";

/** The longest text that is taken for a number, in bytes; as `parseDecimal` has it. */
const MAX_DECIMAL_BYTES = 64;

const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

/**
 * Where a plain decimal number ends that begins at `from`: digits with at most one point between
 * them, 64 characters at most. -1 where none stands.
 *
 * @param end where the message ends
 */
export function decimalEnd(view: DataView, from: number, end: number): number {
  let at = from;
  let point = -1;
  for (;;) {
    while (at + 4 <= end && isFourDigits(view.getInt32(at, true))) at += 4;
    while (at < end && isDigit(view.getUint8(at))) at++;
    if (point >= 0 || at >= end || view.getUint8(at) !== POINT) break;
    point = at++;
  }
  return isDecimal(from, at, point) ? at : -1;
}

/** Whether digits are all there is from `from` to `to`, but for a point that is between two. */
export function isDecimal(from: number, to: number, point: number): boolean {
  if (to === from || to - from > MAX_DECIMAL_BYTES) return false;
  return point !== from && point !== to - 1;
}

/** Whether a byte is a digit. */
export function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}
