import { parseHttpDate } from "./http-date.js";

const SECONDS = /^-?\d+(\.\d+)?$/;

/** The longest pause that a server can ask for, in milliseconds: a day. */
export const MAX_RETRY_AFTER_MS = 86_400_000;

/**
 * Reads a `Retry-After` header (RFC 9110 section 10.2.3): seconds, or one of the three date forms
 * of section 5.6.7. Gives milliseconds from now, at most {@link MAX_RETRY_AFTER_MS}: 0 for a
 * negative number or a date that has passed, `undefined` for anything else. Fractions of a second,
 * which some servers send, are honoured.
 *
 * A date is told on the server's clock. It is measured against the `Date` header of the same
 * answer, so that a difference between the two clocks does not count, and against our clock where
 * there is none. After a 429 the caller adds a pause of its own: a server may well say 0.
 *
 * @param value the header; `undefined` when there is none
 * @param answeredAt the `Date` header of the same answer; `undefined` when there is none
 * @param wallNow our wall clock, in milliseconds since the Unix epoch
 */
export function parseRetryAfter(
  value: string | undefined,
  answeredAt: string | undefined,
  wallNow: number,
): number | undefined {
  const text = value?.trim() ?? "";
  if (SECONDS.test(text)) return boundedRetryAfter(Number(text) * 1_000);
  const until = parseHttpDate(text, wallNow);
  if (until === undefined) return undefined;
  return boundedRetryAfter(until - (parseHttpDate(answeredAt?.trim() ?? "", wallNow) ?? wallNow));
}

/**
 * A pause that a server asked for in some other way, within the same bounds: 0 to
 * {@link MAX_RETRY_AFTER_MS}, in whole milliseconds. `undefined` for what is no number.
 */
export function boundedRetryAfter(delayMs: number): number | undefined {
  if (Number.isNaN(delayMs)) return undefined;
  return Math.min(Math.max(0, Math.ceil(delayMs)), MAX_RETRY_AFTER_MS);
}
