const SECONDS = /^-?\d+(\.\d+)?$/;
const IMF_FIXDATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const RFC_850 = /^(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/;
const ASCTIME = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/**
 * Reads a `Retry-After` header (RFC 9110 section 10.2.3): seconds, or one of the three date forms of section 5.6.7. Gives
 * milliseconds from now: 0 for a negative number or a date that has passed, `undefined` for anything else. How much of it is
 * obeyed is the supervisor's decision.
 * Fractions of a second, which some servers send, are honoured.
 *
 * @param wallNow wall-clock milliseconds, against which a date is measured
 */
export function parseRetryAfter(value: string | undefined, wallNow: number): number | undefined {
  const text = value?.trim() ?? "";
  if (SECONDS.test(text)) return clamp(Number(text) * 1000);
  const date = parseHttpDate(text);
  return date === undefined ? undefined : clamp(date - wallNow);
}

/** `Date.parse` alone would take almost anything ("1.5" is a day in 2001), so the form is checked first. */
function parseHttpDate(text: string): number | undefined {
  let at = Number.NaN;
  if (IMF_FIXDATE.test(text) || RFC_850.test(text)) at = Date.parse(text);
  // The asctime form names no zone and means UTC.
  else if (ASCTIME.test(text)) at = Date.parse(`${text} GMT`);
  return Number.isNaN(at) ? undefined : at;
}

function clamp(delayMs: number): number {
  // A number with four hundred digits is one to JavaScript as well, and would be Infinity.
  return Math.min(Math.max(0, Math.ceil(delayMs)), Number.MAX_SAFE_INTEGER);
}
