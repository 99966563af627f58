import type { ErrorKind } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";

/**
 * How an error code of the venue is to be taken: `clock` once more after the clocks were compared,
 * `permanent` never again.
 */
export type ApiVerdict = "transient" | "clock" | "permanent";

interface Rule {
  readonly kind: ErrorKind;
  readonly verdict: ApiVerdict;
}

const TRANSIENT: Rule = { kind: "server", verdict: "transient" };
const THROTTLED: Rule = { kind: "throttled", verdict: "transient" };
const AUTH: Rule = { kind: "auth", verdict: "permanent" };
const REQUEST: Rule = { kind: "client", verdict: "permanent" };

/** The venue's codes (B-40). */
const RULES: ReadonlyMap<number, Rule> = new Map([
  [-1000, TRANSIENT],
  [-1001, TRANSIENT],
  [-1002, AUTH],
  [-1003, THROTTLED],
  [-1006, TRANSIENT],
  [-1007, { kind: "timeout", verdict: "transient" }],
  [-1008, THROTTLED],
  [-1013, REQUEST],
  [-1015, THROTTLED],
  [-1016, TRANSIENT],
  [-1021, { kind: "client", verdict: "clock" }],
  [-1022, AUTH],
  [-1034, THROTTLED],
  [-2010, REQUEST],
  [-2011, REQUEST],
  [-2013, REQUEST],
  [-2014, AUTH],
  [-2015, AUTH],
]);

/** Errors of the request itself, an unknown symbol among them, by range. */
const REQUEST_ERRORS = { from: -1130, to: -1100 };

/**
 * What to do about an answer with this status and code, 0 for none. A code that is not known
 * passes: a stream that is asked for once too often costs less than one that ends by an error of
 * the venue. Without a code the status decides.
 */
export function apiRule(status: number, code: number): Rule {
  const known = RULES.get(code);
  if (known !== undefined) return known;
  if (code >= REQUEST_ERRORS.from && code <= REQUEST_ERRORS.to) return REQUEST;
  // 403 without a code is the venue's firewall, which blocks an address for a while (B-39). It says
  // nothing of a key.
  if (status === 403 || status === 418 || status === 429) return THROTTLED;
  if (status === 401) return AUTH;
  if (code !== 0 || status === 408 || status >= 500) return TRANSIENT;
  return REQUEST;
}

const CODE = /^VENUE_(-?\d+)$/;

/**
 * The error for a request that the venue refused: `code` is `VENUE_` and the venue's number,
 * `status` the one of the answer.
 */
export function apiError(
  status: number,
  code: number,
  msg: string,
  retryAfterMs?: number,
): WsError {
  const { kind } = apiRule(status, code);
  return new WsError({
    kind,
    code: `VENUE_${code}`,
    message: `the venue refused the request: ${msg} (${code})`,
    status,
    retryAfterMs,
  });
}

/**
 * The verdict on an error of {@link apiError}; any other error (a broken connection, a late answer)
 * is transient.
 */
export function apiVerdict(error: WsError): ApiVerdict {
  const code = CODE.exec(error.code)?.[1];
  return code === undefined ? "transient" : apiRule(error.status ?? 400, Number(code)).verdict;
}
