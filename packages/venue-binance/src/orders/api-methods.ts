import type { ClientIdFormat } from "@oath-ws/venue-kit";

/** What the venue takes as `newClientOrderId` (B-45). */
export const CLIENT_ID_FORMAT: ClientIdFormat = {
  maxLength: 36,
  pattern: /^[.A-Z:/a-z0-9_-]{1,36}$/,
};

/** The weight of asking for one order. */
export const ORDER_WEIGHT = 4;

/** The code of a question for an order that the venue does not have. */
export const NO_SUCH_ORDER = "VENUE_-2013";

/**
 * Error answers after which the venue may have carried out the request all the same, beside every
 * status from 500 (B-46): it says "unknown", or does not say that it did not.
 */
const UNCERTAIN: ReadonlySet<string> = new Set([
  "VENUE_-1000",
  "VENUE_-1001",
  "VENUE_-1006",
  "VENUE_-1007",
]);

/** Whether an error answer leaves open if the request was carried out. */
export function isUncertain(error: { readonly code: string; readonly status?: number }): boolean {
  return UNCERTAIN.has(error.code) || (error.status ?? 0) >= 500;
}

/** The methods that have a function of their own here. */
export type ApiMethod =
  | "time"
  | "order.test"
  | "order.place"
  | "order.cancel"
  | "order.status"
  | "openOrders.status"
  | "account.status";

/** What a request costs, by method; `openOrders.status` with a symbol costs 6. */
export const WEIGHTS: Readonly<Record<ApiMethod, number>> = {
  time: 1,
  "order.test": 1,
  "order.place": 1,
  "order.cancel": 1,
  "order.status": ORDER_WEIGHT,
  "openOrders.status": 80,
  "account.status": 20,
};
