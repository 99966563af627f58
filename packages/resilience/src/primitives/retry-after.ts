const SECONDS = /^-?\d+(\.\d+)?$/;
const IMF_FIXDATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const RFC_850 = /^(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/;
const ASCTIME = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/** The longest pause that a server can ask for, in milliseconds: a day. */
export const MAX_RETRY_AFTER_MS = 86_400_000;

/**
 * Reads a `Retry-After` header (RFC 9110 section 10.2.3): seconds, or one of the three date forms of
 * section 5.6.7. Gives milliseconds from now, at most {@link MAX_RETRY_AFTER_MS}: 0 for a negative
 * number or a date that has passed, `undefined` for anything else. Fractions of a second, which some
 * servers send, are honoured.
 *
 * A date is told on the server's clock. It is measured against the `Date` header of the same answer,
 * so that a difference between the two clocks does not count, and against our clock where there is
 * none. After a 429 the caller adds a pause of its own: a server may well say 0.
 *
 * @param value the header; `undefined` when there is none
 * @param answeredAt the `Date` header of the same answer; `undefined` when there is none
 * @param wallNow our wall clock, in milliseconds since the Unix epoch
 */
export function parseRetryAfter(value: string | undefined, answeredAt: string | undefined, wallNow: number): number | undefined {
  const text = value?.trim() ?? "";
  if (SECONDS.test(text)) return boundedRetryAfter(Number(text) * 1_000);
  const until = parseHttpDate(text);
  if (until === undefined) return undefined;
  return boundedRetryAfter(until - (parseHttpDate(answeredAt?.trim() ?? "") ?? wallNow));
}

/**
 * A pause that a server asked for in some other way, within the same bounds: 0 to
 * {@link MAX_RETRY_AFTER_MS}, in whole milliseconds. `undefined` for what is no number.
 */
export function boundedRetryAfter(delayMs: number): number | undefined {
  if (Number.isNaN(delayMs)) return undefined;
  return Math.min(Math.max(0, Math.ceil(delayMs)), MAX_RETRY_AFTER_MS);
}

/** `Date.parse` alone would take almost anything ("1.5" is a day in 2001): the form comes first. */
function parseHttpDate(text: string): number | undefined {
  let at = Number.NaN;
  if (IMF_FIXDATE.test(text) || RFC_850.test(text)) at = Date.parse(text);
  // The asctime form names no zone and means UTC.
  else if (ASCTIME.test(text)) at = Date.parse(`${text} GMT`);
  return Number.isNaN(at) ? undefined : at;
}
