const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const TIME = String.raw`(?<hour>\d{2}):(?<minute>\d{2}):(?<second>\d{2})`;
const MONTH = "(?<month>[A-Z][a-z]{2})";

/**
 * The forms of RFC 9110 section 5.6.7: the preferred one, that of RFC 850, and that of `asctime()`.
 */
const FORMS: readonly RegExp[] = [
  String.raw`(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\d{2}) ${MONTH} (?<year>\d{4}) ${TIME} GMT`,
  String.raw`(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\d{2})-${MONTH}-(?<year>\d{2}) ${TIME} GMT`,
  String.raw`(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${MONTH} (?<day>[ \d]\d) ${TIME} (?<year>\d{4})`,
].map((form) => new RegExp(`^${form}$`));

const DAY_MS = 86_400_000;

/**
 * Reads a date of an HTTP header, which is UTC in every form. Gives milliseconds since the Unix
 * epoch, `undefined` for anything else. Done by hand: the platform's parser takes almost anything
 * for a date, and some of it for local time. The day of the week is not looked at.
 *
 * @param wallNow our wall clock, in milliseconds since the Unix epoch: a year of two digits is the
 *   one
 *   that is less than 50 years ahead
 */
export function parseHttpDate(text: string, wallNow: number): number | undefined {
  for (const form of FORMS) {
    const found = form.exec(text)?.groups;
    if (found !== undefined) return instantOf(found, wallNow);
  }
  return undefined;
}

function instantOf(found: Readonly<Record<string, string>>, wallNow: number): number | undefined {
  const { year: digits = "", month: name = "" } = found;
  const month = MONTHS.indexOf(name) + 1;
  const [day, hour, minute, second] = [
    found["day"],
    found["hour"],
    found["minute"],
    found["second"],
  ].map(Number);
  if (day === undefined || hour === undefined || minute === undefined || second === undefined)
    return undefined;
  // A leap second is one more.
  if (month === 0 || day < 1 || hour > 23 || minute > 59 || second > 60) return undefined;
  let year = Number(digits);
  if (digits.length === 2) {
    year += 2_000;
    if (daysSinceEpoch(year - 50, month, day) * DAY_MS > wallNow) year -= 100;
  }
  const days = daysSinceEpoch(year, month, day);
  // The 31st of a shorter month would be in the next one.
  if (day > 28 && days >= daysSinceEpoch(month === 12 ? year + 1 : year, (month % 12) + 1, 1))
    return undefined;
  return days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1_000;
}

/**
 * Days from 1970-01-01 in the Gregorian calendar. Years are counted from March, so that a leap day
 * is the last of its year.
 */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const fromMarch = (month + 9) % 12;
  const marchYear = month > 2 ? year : year - 1;
  const leapDays =
    Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return 365 * marchYear + leapDays + Math.floor((153 * fromMarch + 2) / 5) + day - 719_469;
}
