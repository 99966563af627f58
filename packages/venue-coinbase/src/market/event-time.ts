const ZERO = 48;
const DOT = 46;
/** Digits of a fraction that microseconds have. */
const MICRO_DIGITS = 6;

/** Days from March of the year 0 to 1970-01-01. */
const MARCH_0 = 719_468;

/** The first year that is a time: 1970 and the year 1 stand for "no time". */
const FIRST_YEAR = 1971;

/**
 * Reads a time as the venue writes it, `2026-09-30T02:37:15.057895263Z`, as Unix microseconds,
 * rounded down; `undefined` for what is none. It reads character by character, since it runs for
 * each event and a parse of the whole text costs several times as much.
 */
export function unixMicroseconds(text: unknown): number | undefined {
  if (typeof text !== "string" || text.length < 20 || !text.endsWith("Z")) return undefined;
  const year = digits(text, 0, 4);
  if (!(year >= FIRST_YEAR) || text[4] !== "-" || text[10] !== "T") return undefined;
  const days = daysSince1970(year, digits(text, 5, 7), digits(text, 8, 10));
  const minutes = (days * 24 + digits(text, 11, 13)) * 60 + digits(text, 14, 16);
  const micros = (minutes * 60 + digits(text, 17, 19)) * 1_000_000 + fraction(text);
  return Number.isSafeInteger(micros) ? micros : undefined;
}

/** The same as Unix milliseconds, rounded down. */
export function unixMilliseconds(text: unknown): number | undefined {
  const micros = unixMicroseconds(text);
  return micros === undefined ? undefined : Math.floor(micros / 1_000);
}

/**
 * Days of the Gregorian calendar from 1970-01-01. The year is counted from March, so that the leap
 * day is its last: 153 days are five months of 31, 30, 31, 30 and 31 days.
 */
function daysSince1970(year: number, month: number, day: number): number {
  const fromMarch = month <= 2 ? year - 1 : year;
  const months = month <= 2 ? month + 9 : month - 3;
  const leapDays =
    Math.floor(fromMarch / 4) - Math.floor(fromMarch / 100) + Math.floor(fromMarch / 400);
  return fromMarch * 365 + leapDays + Math.floor((153 * months + 2) / 5) + day - 1 - MARCH_0;
}

/** The digits from `from` up to `to` as a number; `NaN` when there are others. */
function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let index = from; index < to; index++) {
    const digit = text.charCodeAt(index) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** Microseconds behind the second. */
function fraction(text: string): number {
  if (text.charCodeAt(19) !== DOT) return text.length === 20 ? 0 : Number.NaN;
  const end = text.length - 1;
  const last = Math.min(end, 20 + MICRO_DIGITS);
  return digits(text, 20, end) >= 0 ? digits(text, 20, last) * 10 ** (26 - last) : Number.NaN;
}
