import type { VenueClock } from "../../clock.js";
import type { Account } from "./account.js";
import type { AccountBook } from "./account-book.js";
import { API_ERRORS, type ApiError, missing } from "./api-error.js";
import { type Params, signatureHolds } from "./signature.js";

/** Who signed, or why the request is refused. */
export type Authentication =
  | { readonly kind: "account"; readonly account: Account }
  | { readonly kind: "error"; readonly error: ApiError };

/** How much a signed request may be ahead of the venue's clock, exclusive (B-35). */
const MAX_AHEAD_MS = 1_000;
const DEFAULT_WINDOW_MS = 5_000;
const MAX_WINDOW_MS = 60_000;
/** Timestamps above this are microseconds: in milliseconds it is the year 5138. */
const FIRST_MICROSECONDS = 100_000_000_000_000;

/**
 * Checks a signed request: key, then time, then signature (B-35). `text` is what was signed, which
 * differs between REST and the WebSocket API. A `sessionAccount` stands in for key and signature
 * where the request has none; the time is still needed.
 */
export function authenticate(
  accounts: AccountBook,
  clock: VenueClock,
  params: Params,
  text: string,
  sessionAccount?: Account,
): Authentication {
  const { apiKey, signature } = params;
  if (apiKey === undefined && signature === undefined && sessionAccount !== undefined) {
    const late = checkTime(clock, params);
    return late === undefined ? { kind: "account", account: sessionAccount } : refuse(late);
  }
  if (apiKey === undefined) return refuse(missing("apiKey"));
  if (typeof apiKey !== "string" || apiKey === "" || /\s/.test(apiKey))
    return refuse(API_ERRORS.badKeyFormat);
  const account = accounts.find(apiKey);
  if (account === undefined || account.revoked) return refuse(API_ERRORS.badKey);
  if (typeof signature !== "string" || signature === "") return refuse(missing("signature"));
  const late = checkTime(clock, params);
  if (late !== undefined) return refuse(late);
  if (!signatureHolds(account.settings, text, signature)) return refuse(API_ERRORS.badSignature);
  return { kind: "account", account };
}

function checkTime(clock: VenueClock, params: Params): ApiError | undefined {
  const given = Number(params["timestamp"] ?? Number.NaN);
  if (!Number.isSafeInteger(given) || given <= 0) return missing("timestamp");
  const window = Number(params["recvWindow"] ?? DEFAULT_WINDOW_MS);
  if (!Number.isFinite(window) || window <= 0 || window > MAX_WINDOW_MS)
    return API_ERRORS.badRecvWindow;
  const timestamp = given >= FIRST_MICROSECONDS ? given / 1_000 : given;
  const now = clock.wallNow();
  if (timestamp >= now + MAX_AHEAD_MS) return API_ERRORS.tooEarly;
  return now - timestamp > window ? API_ERRORS.tooOld : undefined;
}

function refuse(error: ApiError): Authentication {
  return { kind: "error", error };
}
